"""Tables of commands: numbers that name something can be pasted into the next command, and columns stand below each
other in Hangul too."""

import pytest

from cashticket.cli.output import offers_cell, print_many, print_one


def test_numbers_that_name_something_are_printed_as_commands_take_them(capsys: pytest.CaptureFixture[str]) -> None:
    print_one({"id": 12_345, "person": 23_456, "price": 150_000}, as_json=False)
    assert capsys.readouterr().out.split() == ["id", "12345", "person", "23456", "price", "150,000"]
    assert offers_cell([12_345, 7]) == "award 12345, award 7" and offers_cell([]) == "to nobody"


def test_what_is_empty_shows_as_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    print_one({"paused": "", "best": None}, as_json=False)
    assert capsys.readouterr().out.split() == ["paused", "-", "best", "-"]


def test_columns_stand_below_each_other_whatever_the_letters(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [{"title": "한강의 밤", "id": 1}, {"title": "Spring Night", "id": 2}]
    print_many(rows, ("title", "id"), as_json=False, none="None.")
    heading, hangul, latin = capsys.readouterr().out.splitlines()
    assert (heading, hangul, latin) == ("title         id", "한강의 밤     1", "Spring Night  2")
