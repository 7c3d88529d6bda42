"""Costs: nothing that a reader, a round, a frame or a script does grows with an auction, and a count shows it."""

import pytest
from flask import Flask

from tests.house.costs import LIST, REASON, is_test, listed, things

ACCOUNTS = sorted(listed().items())


def test_everything_that_may_grow_is_on_the_list(house: Flask) -> None:
    built, written = things(house), listed().keys()
    assert built == written, (
        f"not counted: {sorted(built - written)}\ngone: {sorted(written - built)}\n"
        f"Write a test in tests/sizes that counts it (CONTRIBUTING.md, Costs) and name it in {LIST.name}, or say there "
        f"why it cannot grow."
    )


@pytest.mark.parametrize(("name", "account"), ACCOUNTS, ids=[name for name, _ in ACCOUNTS])
def test_each_line_names_a_test_or_a_reason(name: str, account: str) -> None:
    if account.startswith(REASON):
        assert len(account.removeprefix(REASON).split()) >= 3, f"{name}: say why it cannot grow"
    else:
        assert is_test(account), f"{name}: there is no test {account}"


@pytest.mark.parametrize(
    "account",
    [
        "tests/sizes/test_bids.py::test_that_nobody_wrote",
        "tests/sizes/nowhere.py::test_x",
        "tests/unit/test_rule_book.py::test_x",
        "owed: later",
        "",
    ],
)
def test_a_line_without_a_test_is_seen(account: str) -> None:
    assert not is_test(account)


def test_a_door_without_a_line_is_seen(house: Flask) -> None:
    house_with_one_more = things(house) | {"door GET /new"}
    assert house_with_one_more - listed().keys() == {"door GET /new"}
