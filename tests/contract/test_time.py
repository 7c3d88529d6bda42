"""Contract: publishing, opening, closing, extending, finishing."""

from dataclasses import replace
from typing import Any

import pytest

from cashticket.auction.values import Reason, State
from cashticket.engine.interface import Closing, UnknownAuction
from tests.fixtures.engines import Rig
from tests.staging.engine import ALICE, AUCTION, BOB, CAROL, CLOSES, OPENS, TERMS, accepted, bid, publish, refused


def test_publishing_twice_is_harmless(rig: Rig) -> None:
    assert rig.engine.open(TERMS) is True
    accepted_before = rig.engine.read(AUCTION)
    assert rig.engine.open(TERMS) is False
    assert rig.engine.read(AUCTION).version == accepted_before.version == 1
    assert rig.engine.auctions() == [AUCTION]
    assert rig.news(AUCTION) == ["opened 1"]


@pytest.mark.parametrize(
    "change", [{"seats": 3}, {"closes_at_ms": CLOSES + 1}, {"alias_salt": "other"}, {"maximum": 500_000}]
)
def test_published_terms_are_frozen(rig: Rig, change: dict[str, Any]) -> None:
    publish(rig.engine)
    with pytest.raises(ValueError, match="frozen"):
        rig.engine.open(replace(TERMS, **change))
    assert rig.engine.read(AUCTION).terms == TERMS


@pytest.mark.parametrize(
    "change",
    [
        {"seats": 0},
        {"step": 0},
        {"minimum": -1},
        {"minimum": 2**31},
        {"maximum": TERMS.minimum - 1},
        {"maximum": 2**31},
        {"closes_at_ms": OPENS},
        {"soft_close_ms": -1},
    ],
)
def test_invalid_terms_are_refused(rig: Rig, change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        rig.engine.open(replace(TERMS, **change))
    assert rig.engine.auctions() == []


def test_a_snapshot_returns_the_terms_as_published(rig: Rig) -> None:
    terms = replace(TERMS, alias_salt="소금 with spaces", soft_close_ms=0, soft_close_cap_ms=0, maximum=77_000)
    rig.engine.open(terms)
    assert rig.engine.read(AUCTION).terms == terms


def test_bidding_starts_at_the_opening_millisecond(rig: Rig) -> None:
    publish(rig.engine)
    assert bid(rig.engine, ALICE, 10_000, now_ms=OPENS - 1) == refused(Reason.NOT_OPEN)
    assert accepted(rig.engine, ALICE, 10_000, now_ms=OPENS).sequence == 1


def test_the_last_millisecond_counts_and_the_end_does_not(rig: Rig) -> None:
    publish(rig.engine, soft_close_ms=0)
    assert accepted(rig.engine, ALICE, 10_000, now_ms=CLOSES - 1).at_ms == CLOSES - 1
    assert bid(rig.engine, BOB, 11_000, now_ms=CLOSES) == refused(Reason.CLOSED)


def test_time_never_runs_backwards(rig: Rig) -> None:
    publish(rig.engine)
    accepted(rig.engine, ALICE, 10_000, now_ms=OPENS + 1_000)
    assert accepted(rig.engine, BOB, 10_000, now_ms=OPENS + 5).at_ms == OPENS + 1_000
    assert rig.engine.read(AUCTION, OPENS).now_ms == OPENS + 1_000


def test_time_is_judged_before_chances(rig: Rig) -> None:
    publish(rig.engine)
    for amount in (10_000, 11_000, 12_000):
        accepted(rig.engine, ALICE, amount)
    assert bid(rig.engine, ALICE, 13_000, now_ms=CLOSES) == refused(Reason.CLOSED, 0)


def test_without_now_ms_the_clock_of_the_store_decides(rig: Rig) -> None:
    publish(rig.engine, opens_at_ms=1_000, closes_at_ms=OPENS)
    answer = rig.engine.place_bid(AUCTION, ALICE, 1, 10_000, "r")
    now_ms = rig.engine.read(AUCTION).now_ms
    assert 1_700_000_000_000 < getattr(answer, "at_ms", 0) <= now_ms < OPENS


def test_clock_returns_the_time_that_decides_bids(rig: Rig) -> None:
    publish(rig.engine, opens_at_ms=1_000, closes_at_ms=OPENS)
    before = rig.engine.clock()
    board = rig.engine.read(AUCTION)
    assert before <= board.now_ms <= rig.engine.clock()


@pytest.mark.parametrize(
    ("now_ms", "state"),
    [(OPENS - 1, State.SCHEDULED), (OPENS, State.OPEN), (CLOSES - 1, State.OPEN), (CLOSES, State.CLOSING)],
)
def test_the_clock_decides_the_state_that_is_shown(rig: Rig, now_ms: int, state: State) -> None:
    publish(rig.engine)
    assert rig.engine.read(AUCTION, now_ms).state is state


def test_closing_before_the_end_changes_nothing(rig: Rig) -> None:
    publish(rig.engine)
    assert rig.engine.close(AUCTION, CLOSES - 1) == Closing(False, CLOSES, 0)
    assert rig.engine.read(AUCTION, OPENS).version == 1
    assert accepted(rig.engine, ALICE, 10_000, now_ms=OPENS).at_ms == OPENS


def test_closing_ends_bidding_once_and_for_all(rig: Rig) -> None:
    publish(rig.engine)
    accepted(rig.engine, ALICE, 10_000)
    rig.news(AUCTION)
    assert rig.engine.close(AUCTION, CLOSES) == Closing(True, CLOSES, 1)
    assert rig.engine.close(AUCTION, CLOSES + 9) == Closing(True, CLOSES, 1)
    assert rig.news(AUCTION) == [f"state 3 closing {CLOSES}"], "the repeat says nothing"
    assert bid(rig.engine, BOB, 10_000, now_ms=OPENS) == refused(Reason.CLOSED)
    assert rig.engine.read(AUCTION, OPENS).state is State.CLOSING


def test_extending_moves_the_end_and_the_cap(rig: Rig) -> None:
    publish(rig.engine)
    rig.news(AUCTION)
    later = CLOSES + 600_000
    assert rig.engine.extend(AUCTION, later) == Closing(False, later, 0)
    assert rig.news(AUCTION) == [f"state 2 open {later}"]
    assert rig.engine.read(AUCTION).terms.closes_at_ms == later
    assert accepted(rig.engine, ALICE, 10_000, now_ms=later - 1).ends_at_ms == later - 1 + 120_000


@pytest.mark.parametrize("moment", [CLOSES, CLOSES - 1, OPENS])
def test_extending_to_no_later_moment_changes_nothing(rig: Rig, moment: int) -> None:
    publish(rig.engine)
    assert rig.engine.extend(AUCTION, moment) == Closing(False, CLOSES, 0)
    assert rig.engine.read(AUCTION).version == 1


def test_extending_less_than_the_soft_close_keeps_the_later_end(rig: Rig) -> None:
    publish(rig.engine)
    end = accepted(rig.engine, ALICE, 10_000, now_ms=CLOSES - 1).ends_at_ms
    assert rig.engine.extend(AUCTION, CLOSES + 1) == Closing(False, end, 1)
    assert rig.engine.read(AUCTION).terms.closes_at_ms == CLOSES + 1


def test_extending_after_the_end_changes_nothing(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.close(AUCTION, CLOSES)
    assert rig.engine.extend(AUCTION, CLOSES + 600_000) == Closing(True, CLOSES, 0)
    assert rig.engine.read(AUCTION).terms.closes_at_ms == CLOSES


def test_extending_after_the_end_changes_nothing_even_before_closing(rig: Rig) -> None:
    publish(rig.engine, opens_at_ms=1_000, closes_at_ms=2_000)
    assert rig.engine.extend(AUCTION, CLOSES) == Closing(True, 2_000, 0)


@pytest.mark.parametrize("state", [State.SETTLED, State.VOIDED])
def test_a_finished_auction_is_still_read_but_no_longer_live(rig: Rig, state: State) -> None:
    publish(rig.engine)
    accepted(rig.engine, ALICE, 10_000)
    rig.engine.close(AUCTION, CLOSES)
    rig.news(AUCTION)
    rig.engine.finish(AUCTION, state)
    rig.engine.finish(AUCTION, state)
    assert rig.news(AUCTION) == [f"state 4 {state} {CLOSES}"], "the repeat says nothing"
    assert rig.engine.read(AUCTION, OPENS).state is state
    assert rig.engine.read(AUCTION).top[0].person == ALICE
    assert rig.engine.auctions() == []
    assert bid(rig.engine, CAROL, 10_000) == refused(Reason.CLOSED)


def test_a_voided_auction_stays_voided_whoever_comes_last(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.close(AUCTION, CLOSES)
    rig.engine.finish(AUCTION, State.SETTLED)
    rig.engine.finish(AUCTION, State.VOIDED)
    version = rig.engine.read(AUCTION).version
    rig.engine.finish(AUCTION, State.SETTLED)
    assert (rig.engine.read(AUCTION).state, rig.engine.read(AUCTION).version) == (State.VOIDED, version)


def test_publishing_a_finished_auction_again_does_not_revive_it(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.finish(AUCTION, State.VOIDED)
    assert rig.engine.open(TERMS) is False
    assert rig.engine.auctions() == []


def test_voiding_ends_bidding_at_once(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.finish(AUCTION, State.VOIDED)
    assert bid(rig.engine, ALICE, 10_000) == refused(Reason.CLOSED)
    assert rig.engine.close(AUCTION, OPENS).closed


def test_finishing_with_a_state_that_is_no_end_is_an_error(rig: Rig) -> None:
    publish(rig.engine)
    with pytest.raises(ValueError, match="settled or voided"):
        rig.engine.finish(AUCTION, State.OPEN)


@pytest.mark.parametrize("verb", ["read", "close"])
def test_verbs_on_an_unknown_auction_raise_unknown_auction(rig: Rig, verb: str) -> None:
    with pytest.raises(UnknownAuction, match="7"):
        getattr(rig.engine, verb)(AUCTION)


def test_verbs_with_arguments_on_an_unknown_auction_raise_unknown_auction(rig: Rig) -> None:
    for call in (
        lambda: rig.engine.extend(AUCTION, CLOSES),
        lambda: rig.engine.place(AUCTION, ALICE),
        lambda: rig.engine.would_rank(AUCTION, ALICE, 10_000),
        lambda: rig.engine.finish(AUCTION, State.VOIDED),
    ):
        with pytest.raises(UnknownAuction, match="7"):
            call()
