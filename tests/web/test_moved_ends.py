"""A board says for good that its end has moved: by how much, from when to when, and how far late bids can move it."""

import pytest
from flask import Flask

from cashticket.auction.values import State
from cashticket.engine.pauses import RESTARTED
from cashticket.locale import SEOUL, to_moment
from cashticket.work.giving_back import resume
from tests.fixtures.people import Browser
from tests.staging.auctions import Stage

CAP_SECONDS = 1_800


def written(at_ms: int) -> str:
    return f"{to_moment(at_ms).astimezone(SEOUL):%H:%M:%S}"


def test_a_late_bid_leaves_its_mark_on_board_and_clock(app: Flask) -> None:
    stage = Stage(app, ends_in_ms=60_000, soft_close_seconds=120, soft_close_cap_seconds=CAP_SECONDS)
    reader = Browser(app)
    page = f"/auctions/{stage.id}?lang=en"
    assert "Extended by" not in reader.get(page).text
    stage.bid("alice", 100_000)
    ends_at_ms = stage.engine.read(stage.id).ends_at_ms
    closes_at_ms = stage.engine.read(stage.id).terms.closes_at_ms
    # A bid that changes nobody's seat comes after it.
    stage.bid("alice", 105_000)
    board = reader.get(f"/auctions/{stage.id}/board?lang=en").text
    assert f"end {written(closes_at_ms)} → {written(ends_at_ms)}" in board
    assert f"by late bids until {written(closes_at_ms + CAP_SECONDS * 1_000)} at most" in board
    assert reader.get(page).text.count("Extended by 1 min") == 2


@pytest.mark.parametrize("late_bids", [{}, {"soft_close_seconds": 30, "soft_close_cap_seconds": 60}])
def test_an_end_that_late_bids_cannot_move_further_says_nothing_of_them(app: Flask, late_bids: dict[str, int]) -> None:
    stage = Stage(app, **late_bids)
    now = stage.engine.clock()
    stage.engine.pause(stage.id, RESTARTED, now_ms=now - 70_000)
    assert resume(stage.engine, stage.id, RESTARTED, "", now - 70_000)
    board = Browser(app).get(f"/auctions/{stage.id}/board?lang=ko").text
    assert "연장됨" in board and "마감 직전" not in board


def test_once_bidding_is_over_no_late_bid_is_spoken_of_and_a_void_auction_has_no_end(app: Flask) -> None:
    stage = Stage(app, ends_in_ms=60_000, soft_close_seconds=120, soft_close_cap_seconds=CAP_SECONDS)
    stage.bid("alice", 100_000)
    ends_at_ms = stage.engine.read(stage.id).ends_at_ms
    stage.engine.close(stage.id, ends_at_ms)
    board = f"/auctions/{stage.id}/board?lang=en"
    over = Browser(app).get(board).text
    assert "Extended by" in over and f"→ {written(ends_at_ms)}" in over and "at most" not in over
    stage.engine.finish(stage.id, State.VOIDED)
    assert "Extended by" not in Browser(app).get(board).text
