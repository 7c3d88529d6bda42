"""Rule 19: time in which the system took no bids is given back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashticket.auction.outages import (
    GIVEN_BACK_MAX_MS,
    Outage,
    Stop,
    end_after_outage,
    fair_end,
    latest_end,
    stopped_at,
)
from cashticket.auction.terms import Terms

OPENS, CLOSES, CAP = 1_000_000, 5_000_000, 300_000
TERMS = Terms(7, 2, 10_000, 1_000, OPENS, CLOSES, soft_close_ms=120_000, soft_close_cap_ms=CAP, alias_salt="s")
LATEST = CLOSES + CAP + GIVEN_BACK_MAX_MS
moments = st.integers(0, LATEST + 10_000_000)


def end(stopped: int, now: int, ends_at: int = CLOSES, **changes: int | None) -> int:
    return end_after_outage(TERMS, Stop(stopped, ends_at), ends_at, now, **changes)


def test_the_end_moves_by_the_time_without_bids() -> None:
    assert end(stopped=2_000_000, now=2_070_000) == CLOSES + 70_000


def test_an_end_that_passed_meanwhile_moves_as_well() -> None:
    assert end(stopped=CLOSES - 1_000, now=CLOSES + 69_000) == CLOSES + 70_000


def test_time_before_the_opening_is_not_counted() -> None:
    assert end(stopped=OPENS - 50_000, now=OPENS - 10_000) == CLOSES
    assert end(stopped=OPENS - 50_000, now=OPENS + 10_000) == CLOSES + 10_000


@pytest.mark.parametrize("stopped", [CLOSES, CLOSES + 1])
def test_an_end_that_had_come_before_the_stop_stays(stopped: int) -> None:
    assert end(stopped, stopped + 60_000) == CLOSES


def test_the_end_moves_two_hours_past_the_latest_soft_close_and_no_further() -> None:
    assert latest_end(TERMS) == CLOSES + CAP + 2 * 60 * 60 * 1000
    assert end(CLOSES - 1, LATEST - 1) == LATEST
    assert end(CLOSES - 1, LATEST + 5_000_000) == LATEST


def test_the_end_never_moves_past_what_the_concert_allows() -> None:
    assert end(CLOSES - 1_000, CLOSES + 60_000, deadline_ms=CLOSES + 20_000) == CLOSES + 20_000
    assert end(CLOSES - 1_000, CLOSES + 60_000, deadline_ms=CLOSES - 1) == CLOSES


def test_what_an_operator_added_meanwhile_is_not_added_to() -> None:
    stop = Stop(2_000_000, CLOSES)
    assert end_after_outage(TERMS, stop, CLOSES + 30_000, 2_070_000) == CLOSES + 70_000
    assert end_after_outage(TERMS, stop, CLOSES + 90_000, 2_070_000) == CLOSES + 90_000


def test_an_outage_began_when_the_store_last_took_orders() -> None:
    assert stopped_at(stopped_ms=900, known_ms=500, last_ms=0, now_ms=1_000) == 500
    assert stopped_at(stopped_ms=400, known_ms=500, last_ms=0, now_ms=1_000) == 400


def test_a_bid_shows_that_the_store_took_orders() -> None:
    assert stopped_at(stopped_ms=900, known_ms=500, last_ms=700, now_ms=1_000) == 700


def test_nothing_is_given_back_when_nobody_knows_since_when() -> None:
    assert stopped_at(None, None, last_ms=10, now_ms=1_000) == 1_000


def test_an_outage_says_how_far_the_end_moved() -> None:
    assert Outage(1, 10, 20, 100, 110, "restarted").moved_ms == 10


# Properties


@given(moments, moments, moments, st.none() | moments)
def test_an_end_never_moves_earlier_nor_by_itself_past_the_latest(
    stopped: int, now: int, ends_at: int, deadline: int | None
) -> None:
    after = end(stopped, now, ends_at, deadline_ms=deadline)
    assert ends_at <= after <= max(ends_at, latest_end(TERMS, deadline))


@given(st.integers(OPENS, CLOSES), st.integers(1, CLOSES), st.integers(0, LATEST))
def test_what_is_left_to_bid_is_the_same_after_as_before(stopped: int, left: int, away: int) -> None:
    """Unless more is lost than may be given back."""
    now, ends_at = stopped + away, stopped + left
    fair = fair_end(TERMS, Stop(stopped, ends_at), now)
    assert fair - now == ends_at - stopped
    assert end(stopped, now, ends_at) == max(ends_at, min(fair, LATEST))


@given(st.lists(st.tuples(st.integers(0, 200_000), st.integers(0, 200_000)), max_size=6))
def test_several_outages_give_back_their_sum(times: list[tuple[int, int]]) -> None:
    now, ends_at, lost = OPENS, CLOSES, 0
    for running, away in times:
        stopped = now + running
        now = stopped + away
        ends_at, lost = end(stopped, now, ends_at), lost + away
    assert ends_at == CLOSES + lost


@given(st.none() | moments, st.none() | moments, moments, moments)
def test_a_stop_is_never_in_the_future_nor_before_the_last_bid(
    since: int | None, known: int | None, last: int, later: int
) -> None:
    now, stopped = last + later, None if since is None else last + since
    assert last <= stopped_at(stopped, known, last, now) <= now


def test_a_longer_soft_close_cap_leaves_more_room() -> None:
    assert latest_end(replace(TERMS, soft_close_cap_ms=CAP + 1)) == LATEST + 1
