"""Moves of lines, as a hub tells its pages: at once, and then once in the time over which they ask."""

import threading

import pytest

from cashticket.live import line_moves
from cashticket.live.line_moves import FETCHES_PER_SECOND, SPREAD_MS, LineMoves
from lab.waiting import wait_until

LINE, OTHER = 7, 8


def test_pages_hear_of_a_move_at_once_and_ask_over_longer_the_more_they_are() -> None:
    frames: list[tuple[int, int]] = []
    pages = [1, 40_000]
    moves = LineMoves(lambda auction, spread_ms: frames.append((auction, spread_ms)), lambda: pages.pop(0))
    moves.moved(LINE)
    moves.moved(OTHER)
    assert frames == [(LINE, SPREAD_MS), (OTHER, 40_000 * 1000 // FETCHES_PER_SECOND)]
    moves.stop()


def test_a_hundred_moves_meanwhile_are_one_frame_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_moves, "SPREAD_MS", 200)
    frames: list[int] = []
    moves = LineMoves(lambda auction, _spread_ms: frames.append(auction), lambda: 1)
    for _ in range(100):
        moves.moved(LINE)
    assert len(frames) <= 2, "each move was told"
    wait_until(lambda: len(frames) == 2, "the frame of the moves in between")
    moves.stop()


def test_nothing_is_told_after_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    frames: list[int] = []
    moves = LineMoves(lambda auction, _spread_ms: frames.append(auction), lambda: 1)
    moves.moved(LINE)
    moves.moved(LINE)
    moves.stop()
    moves.moved(OTHER)
    assert frames == [LINE]
    waiting = [each for each in threading.enumerate() if isinstance(each, threading.Timer)]
    for timer in waiting:
        timer.join(5)
    assert frames == [LINE]
