"""What `flask auction add` announces of the seats beyond their number, and `show` prints: all of it may be left out."""

import pytest
from flask import Flask

from cashticket.extensions import db
from cashticket.models import Auction, Seat
from tests.cli.auctions import add, run, stored
from tests.cli.test_concert_commands import assert_one_line, data

TYPED = {"zone": " 1층  A구역 ", "view": "무대 정면", "benefits": "굿즈, 사진", "rows": "1, 2", "face-price": "150000"}
KEPT = {"zone": "1층 A구역", "view": "무대 정면", "benefits": "굿즈, 사진", "rows": "1,2", "face_price": 150_000}


def test_what_is_announced_is_kept_on_one_line_and_shown(app: Flask, concert: int) -> None:
    added = data(add(app, concert, **TYPED))
    shown = data(run(app, "show", str(added["id"]), "--json"))
    [listed] = data(run(app, "list", "--json"))
    for row in (added, shown, listed):
        assert {name: row[name] for name in KEPT} == KEPT
    assert "1층 A구역" in run(app, "show", str(added["id"])).stdout


def test_what_is_not_announced_is_left_out(app: Flask, concert: int) -> None:
    added = data(add(app, concert, zone="", view="  "))
    assert not added.keys() & KEPT.keys()
    row = db.session.get_one(Auction, added["id"])
    assert [getattr(row, name) for name in KEPT] == [None] * 5


@pytest.mark.parametrize(
    ("option", "value", "word"),
    [
        ("zone", "가" * 41, "zone must have at most 40"),
        ("zone", "A\x1b[31m", "control characters"),
        ("view", "a\u202eb", "control characters"),
        ("view", "a" * 121, "view must have at most 120"),
        ("benefits", "a" * 301, "benefits must have at most 300"),
        ("rows", "2,2", "The rows have 4 seats in all, not 3"),
        ("rows", "3x40", "The rows have 120 seats in all, not 3"),
        ("rows", "1;2", "'1;2' is no row"),
        ("rows", "999x200", "at most 200 rows"),
        ("face-price", "0", "--face-price"),
        ("face-price", "-5", "--face-price"),
        ("face-price", str(2**31), "--face-price"),
        ("face-price", "1e5", "--face-price"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_one_line_and_publishes_nothing(
    app: Flask, concert: int, option: str, value: str, word: str
) -> None:
    assert_one_line(add(app, concert, **{option: value}), word)
    assert stored(Auction) == stored(Seat) == 0
    assert data(add(app, concert, zone="가" * 40))["zone"] == "가" * 40


def test_rows_are_kept_as_shortly_as_they_can_be_written(app: Flask, concert: int) -> None:
    assert data(add(app, concert, rows="1,1,1"))["rows"] == "3x1"
    jagged = ",".join(["1", "2"] * 100)
    assert_one_line(add(app, concert, seats="300", rows=jagged), "at most 200 characters")
