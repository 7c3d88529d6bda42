"""Plain words: what a machine can see of the rule that a stranger reads every name and docstring once."""

import ast
from collections.abc import Iterator

import pytest

from tests.house.source import Module, every_module, module, product_modules

# Each of these named five or more different things. The glossary has the word for each thing.
EMPTY_NAMES = frozenset({"told", "asked", "found", "known", "kept", "said", "house", "room", "bell", "least", "most"})
# These need another sentence to be read.
OPENINGS = ("The same", "See ")


def docstrings(source: Module) -> Iterator[tuple[ast.AST, str]]:
    """Every docstring of a module with the node that it belongs to."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if text:
                yield node, text


def leaning_docstrings(source: Module) -> list[str]:
    """Docstrings that cannot be read alone."""
    return [source.where(node) for node, text in docstrings(source) if text.startswith(OPENINGS)]


def names(source: Module) -> Iterator[tuple[ast.AST, str]]:
    """Every name that a module gives: functions, classes, parameters, variables, attributes."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node, node.name
        elif isinstance(node, ast.arg):
            yield node, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node, node.attr


def empty_names(source: Module) -> list[str]:
    """Names that do not say what they hold."""
    return [f"{source.where(node)} {name}" for node, name in names(source) if name.lower().strip("_") in EMPTY_NAMES]


def starred_literals(source: Module) -> list[str]:
    """Calls with `*(a, b)`: they hide which argument is which."""
    return [
        source.where(node)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call)
        for argument in node.args
        if isinstance(argument, ast.Starred) and isinstance(argument.value, ast.Tuple)
    ]


def test_every_docstring_can_be_read_alone() -> None:
    assert not [place for source in every_module() for place in leaning_docstrings(source)]


def test_every_name_of_the_product_says_what_it_holds() -> None:
    assert not [place for source in product_modules() for place in empty_names(source)]


def test_no_call_hides_its_arguments_in_a_starred_literal() -> None:
    assert not [place for source in every_module() for place in starred_literals(source)]


@pytest.mark.parametrize("text", ['def f():\n    """The same for a page."""', '"""See Engine.read."""'])
def test_a_leaning_docstring_is_seen(text: str) -> None:
    assert leaning_docstrings(module("cashticket.live.hub", text))


@pytest.mark.parametrize(
    "text", ["told = 1", "def f(asked): ...", "class Room: ...", "self._kept = 1", "for found in x: ..."]
)
def test_an_empty_name_is_seen(text: str) -> None:
    assert empty_names(module("cashticket.live.hub", text))


def test_a_starred_literal_is_seen() -> None:
    assert starred_literals(module("cashticket.live.hub", "Snapshot(*(1, 2, 3), state=4)"))
    assert not starred_literals(module("cashticket.live.hub", "row = (*base, 3)\nrun(*arguments)"))
