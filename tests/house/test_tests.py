"""The tests themselves: sentences about behaviour, against real parts, that wait for things instead of for a while."""

import ast
from collections.abc import Iterator

import pytest

from tests.house.source import Module, calls, imports, module, modules_of_tests

IMITATIONS = ("unittest.mock", "fakeredis", "freezegun", "time_machine", "responses")


def sentences(source: Module) -> Iterator[ast.FunctionDef]:
    """The tests of a module."""
    yield from (
        node for node in ast.walk(source.tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def idle_sleeps(source: Module) -> Iterator[str]:
    """Sleeps that are not the pause between two looks at a condition."""
    looking = {
        line
        for node in ast.walk(source.tree)
        if isinstance(node, ast.While | ast.For)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    for name, call in calls(source):
        if name == "sleep" and call.lineno not in looking:
            yield source.where(call)


def test_no_test_sleeps_and_hopes() -> None:
    assert not [where for source in modules_of_tests() for where in idle_sleeps(source)]


@pytest.mark.parametrize("text", ["import time\ntime.sleep(1)", "from time import sleep\nif slow:\n    sleep(0.1)"])
def test_sleeping_and_hoping_is_seen(text: str) -> None:
    assert list(idle_sleeps(module("tests.web.test_x", text)))


def test_tests_meet_the_real_thing() -> None:
    imitating = {
        f"{source.path}:{found.line} {found.name}"
        for source in modules_of_tests()
        for found in imports(source)
        if found.name.startswith(IMITATIONS)
    }
    assert not imitating


def test_the_name_of_a_test_is_a_sentence() -> None:
    short = {
        f"{source.path} {test.name}"
        for source in modules_of_tests()
        for test in sentences(source)
        if len(test.name.removeprefix("test_").split("_")) < 3
    }
    assert not short


def test_no_test_asserts_what_is_always_true() -> None:
    empty = {
        source.where(node)
        for source in modules_of_tests()
        for node in ast.walk(source.tree)
        # A filled tuple is always true: assert (value, "message").
        if isinstance(node, ast.Assert) and isinstance(node.test, ast.Constant | ast.Tuple | ast.JoinedStr)
    }
    assert not empty


def test_every_skip_says_why() -> None:
    silent = {
        source.where(call)
        for source in modules_of_tests()
        for name, call in calls(source)
        if name in ("skip", "skipif", "xfail", "importorskip") and not call.args and not call.keywords
    }
    assert not silent


def test_no_two_tests_of_a_module_share_a_name() -> None:
    for source in modules_of_tests():
        names = [node.name for node in source.tree.body if isinstance(node, ast.FunctionDef)]
        twice = {name for name in names if names.count(name) > 1}
        assert not twice, f"{source.path}: {twice} hides the first of them"
