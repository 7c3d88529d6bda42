"""Contract: a paused auction takes no bids and changes nothing, and only the reason of a pause ends it."""

import pytest

from cashticket.auction.values import Reason, State
from cashticket.engine.interface import Closing, Paused, StoreUnavailable, UnknownAuction
from cashticket.engine.pauses import BACKLOG_FULL
from tests.fixtures.engines import Rig
from tests.staging.engine import ALICE, AUCTION, BOB, CAROL, CLOSES, OPENS, accepted, bid, publish, refused


def test_a_bid_in_a_paused_auction_raises_paused_and_changes_nothing(rig: Rig) -> None:
    publish(rig.engine)
    assert rig.engine.pause(AUCTION, "disk")
    before = rig.engine.read(AUCTION, OPENS)
    with pytest.raises(Paused, match="disk") as raised:
        bid(rig.engine, ALICE, 10_000)
    assert raised.value.reason == "disk"
    assert rig.engine.read(AUCTION, OPENS) == before
    assert rig.engine.backlog([AUCTION]) == {AUCTION: 0}
    assert rig.engine.place(AUCTION, ALICE).chances_left == 3


def test_paused_is_a_kind_of_store_unavailable() -> None:
    assert issubclass(Paused, StoreUnavailable)


def test_a_request_accepted_before_still_gets_its_answer(rig: Rig) -> None:
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
    """By the store's own clock the end is in the past."""
    publish(rig.engine, opens_at_ms=1_000, closes_at_ms=2_000)
    rig.engine.pause(AUCTION, "disk")
    assert rig.engine.extend(AUCTION, CLOSES) == Closing(False, CLOSES, 0)
    rig.engine.resume(AUCTION, "disk")
    assert accepted(rig.engine, ALICE, 10_000, now_ms=OPENS).sequence == 1


def test_an_auction_that_is_over_is_not_paused(rig: Rig) -> None:
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


def test_bidding_is_paused_while_the_backlog_is_full(rig: Rig) -> None:
    publish(rig.engine)
    rig.limit_backlog(2)
    accepted(rig.engine, ALICE, 10_000, "r")
    accepted(rig.engine, BOB, 10_000)
    with pytest.raises(Paused) as raised:
        bid(rig.engine, CAROL, 10_000)
    assert raised.value.reason == BACKLOG_FULL
    assert rig.engine.backlog([AUCTION]) == {AUCTION: 2}
    assert accepted(rig.engine, ALICE, 10_000, "r").replayed
    assert bid(rig.engine, CAROL, 1) == refused(Reason.BELOW_MINIMUM), "a refused bid needs no room in the list"
    rig.engine.trim(AUCTION, 1)
    assert accepted(rig.engine, CAROL, 10_000).sequence == 3
