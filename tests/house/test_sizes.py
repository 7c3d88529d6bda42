"""Sizes: a file that outgrows its page is split before it becomes a maze."""

import ast

import pytest

from tests.house.source import modules_below, product_modules, scripts, templates
from tests.house.test_code_rules import header_of

MODULE_LINES = 200
TEST_MODULE_LINES = 300
FUNCTION_LINES = 30
PIECE_LINES = 40
# Lines below the header.
VERB_LINES = {"place_bid": 90}
OTHER_VERB_LINES = 60
# Modules that may be longer, and why.
LONGER_MODULES: dict[str, str] = {}


def test_modules_stay_short() -> None:
    long = {source.path: lines for source in product_modules() if (lines := source.text.count("\n")) > MODULE_LINES}
    assert long.keys() == LONGER_MODULES.keys(), long


def test_modules_of_tests_and_measurements_stay_short() -> None:
    beside = modules_below("tests") + modules_below("bench") + modules_below("lab")
    long = {source.path: lines for source in beside if (lines := source.text.count("\n")) > TEST_MODULE_LINES}
    assert not long


def test_functions_stay_short() -> None:
    long = {
        f"{source.where(node)} {node.name}": length
        for source in product_modules()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES
    }
    assert not long


def test_template_pieces_stay_short() -> None:
    long = {
        name: lines
        for name, text in templates().items()
        if name.rpartition("/")[2].startswith("_") and (lines := len(text.splitlines())) > PIECE_LINES
    }
    assert not long


@pytest.mark.parametrize("verb", sorted(scripts()))
def test_lua_verbs_stay_short(verb: str) -> None:
    text = scripts()[verb]
    body = len(text.splitlines()) - len(header_of(text).splitlines())
    assert body <= VERB_LINES.get(verb, OTHER_VERB_LINES)
