"""Sizes: a file that outgrows its page is split before it becomes a maze."""

import ast

import pytest

from tests.house.source import product_modules, scripts, templates
from tests.house.test_code_rules import header_of

MODULE_LINES = 300
FUNCTION_LINES = 60
PIECE_LINES = 40
# Lines below the header.
VERB_LINES = {"place_bid": 90}
OTHER_VERB_LINES = 60


def test_modules_stay_short() -> None:
    long = {source.path: lines for source in product_modules() if (lines := source.text.count("\n")) > MODULE_LINES}
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
