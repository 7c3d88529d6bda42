"""Contract: what could not be kept is not taken. A pause refuses bids before anything is changed, and only who paused
an auction lets it go on."""

import pytest

from cashticket.auction.values import Reason, State
from cashticket.engine.interface import Closing, Paused, StoreUnavailable, UnknownAuction
from cashticket.engine.pauses import BACKLOG_FULL
from tests.fixtures.engines import Rig
from tests.staging.engine import ALICE, AUCTION, BOB, CAROL, CLOSES, OPENS, accepted, bid, publish, refused


def test_a_bid_in_a_paused_auction_is_turned_away_before_anything_changes(rig: Rig) -> None:
    publish(rig.engine)
    assert rig.engine.pause(AUCTION, "disk")
    before = rig.engine.read(AUCTION, OPENS)
    with pytest.raises(Paused, match="disk") as turned_away:
        bid(rig.engine, ALICE, 10_000)
    assert turned_away.value.reason == "disk"
    assert rig.engine.read(AUCTION, OPENS) == before
    assert rig.engine.backlog([AUCTION]) == {AUCTION: 0}
    assert rig.engine.place(AUCTION, ALICE).chances_left == 3


def test_a_pause_is_an_unavailable_store_to_every_door() -> None:
    assert issubclass(Paused, StoreUnavailable)


def test_what_was_accepted_before_is_still_answered(rig: Rig) -> None:
    publish(rig.engine)
    accepted(rig.engine, ALICE, 10_000, "r")
    rig.engine.pause(AUCTION, "disk")
    assert accepted(rig.engine, ALICE, 10_000, "r").replayed
    assert bid(rig.engine, ALICE, 11_000, "r") == refused(Reason.REQUEST_REUSED, 2)


def test_resuming_takes_bids_again(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.pause(AUCTION, "disk")
    assert rig.engine.resume(AUCTION, "disk")
    assert accepted(rig.engine, ALICE, 10_000).sequence == 1


def test_only_its_own_reason_ends_or_replaces_a_pause(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.pause(AUCTION, "operator")
    assert not rig.engine.resume(AUCTION, "disk")
    assert not rig.engine.pause(AUCTION, "disk")
    assert rig.engine.read(AUCTION).paused == "operator"
    assert rig.engine.pause(AUCTION, "unsound", instead_of="operator")
    assert rig.engine.read(AUCTION).paused == "unsound"


def test_a_pause_and_its_end_are_published_once(rig: Rig) -> None:
    publish(rig.engine)
    rig.news(AUCTION)
    rig.engine.pause(AUCTION, "disk")
    assert not rig.engine.pause(AUCTION, "disk") and not rig.engine.pause(AUCTION, "disk", instead_of="disk")
    rig.engine.resume(AUCTION, "disk")
    assert not rig.engine.resume(AUCTION, "disk")
    assert rig.news(AUCTION) == [f"state 2 open {CLOSES}", f"state 3 open {CLOSES}"]


def test_a_board_shows_the_pause(rig: Rig) -> None:
    publish(rig.engine)
    assert rig.engine.read(AUCTION, OPENS).paused == ""
    rig.engine.pause(AUCTION, "disk")
    board = rig.engine.read(AUCTION, OPENS)
    assert (board.paused, board.state) == ("disk", State.OPEN)


def test_an_end_that_comes_during_a_pause_does_not_close_bidding(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.pause(AUCTION, "disk")
    assert rig.engine.close(AUCTION, CLOSES + 1) == Closing(False, CLOSES, 0)
    rig.engine.resume(AUCTION, "disk")
    assert rig.engine.close(AUCTION, CLOSES + 1).closed


def test_an_end_that_came_during_a_pause_can_still_be_moved(rig: Rig) -> None:
    """By the stores' own clock the end is long over."""
    publish(rig.engine, opens_at_ms=1_000, closes_at_ms=2_000)
    rig.engine.pause(AUCTION, "disk")
    assert rig.engine.extend(AUCTION, CLOSES) == Closing(False, CLOSES, 0)
    rig.engine.resume(AUCTION, "disk")
    assert accepted(rig.engine, ALICE, 10_000, now_ms=OPENS).sequence == 1


def test_what_is_over_is_not_paused(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.close(AUCTION, CLOSES)
    assert not rig.engine.pause(AUCTION, "disk")
    assert bid(rig.engine, ALICE, 10_000) == refused(Reason.CLOSED)


def test_voiding_ends_a_paused_auction_too(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.pause(AUCTION, "disk")
    rig.engine.finish(AUCTION, State.VOIDED)
    assert rig.engine.read(AUCTION).paused == ""
    assert bid(rig.engine, ALICE, 10_000) == refused(Reason.CLOSED)


def test_pausing_needs_an_auction_and_a_reason(rig: Rig) -> None:
    with pytest.raises(UnknownAuction, match="7"):
        rig.engine.pause(AUCTION, "disk")
    with pytest.raises(UnknownAuction, match="7"):
        rig.engine.resume(AUCTION, "disk")
    publish(rig.engine)
    with pytest.raises(ValueError, match="for a reason"):
        rig.engine.pause(AUCTION, "")


def test_no_more_bids_are_taken_than_may_wait_for_the_ledger(rig: Rig) -> None:
    publish(rig.engine)
    rig.limit_backlog(2)
    accepted(rig.engine, ALICE, 10_000, "r")
    accepted(rig.engine, BOB, 10_000)
    with pytest.raises(Paused) as turned_away:
        bid(rig.engine, CAROL, 10_000)
    assert turned_away.value.reason == BACKLOG_FULL
    assert rig.engine.backlog([AUCTION]) == {AUCTION: 2}
    assert accepted(rig.engine, ALICE, 10_000, "r").replayed
    assert bid(rig.engine, CAROL, 1) == refused(Reason.BELOW_MINIMUM), "what is refused need not be kept"
    rig.engine.trim(AUCTION, 1)
    assert accepted(rig.engine, CAROL, 10_000).sequence == 3
