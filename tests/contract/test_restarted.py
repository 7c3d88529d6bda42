"""Contract: another process of the store than the one that was checked takes no bids, however soon they come."""

import pytest

from cashticket.auction.values import Entry, Reason, State
from cashticket.engine.interface import Closing, Paused, Restoration
from cashticket.engine.pauses import OPERATOR, RESTARTED, UNSOUND
from tests.fixtures.engines import ELSEWHERE, Rig
from tests.staging.engine import ALICE, AUCTION, BOB, CLOSES, OPENS, TERMS, accepted, bid, publish, refused


@pytest.fixture
def restarted(rig: Rig) -> Rig:
    """An auction with one bid, last found sound on another process."""
    publish(rig.engine)
    accepted(rig.engine, ALICE, 10_000, "r")
    rig.news(AUCTION)
    rig.check_elsewhere(AUCTION)
    return rig


def test_a_bid_is_turned_away_before_anything_changes(restarted: Rig) -> None:
    before = restarted.engine.read(AUCTION, OPENS)
    with pytest.raises(Paused) as turned_away:
        bid(restarted.engine, BOB, 10_000)
    assert turned_away.value.reason == RESTARTED
    assert restarted.engine.read(AUCTION, OPENS) == before and before.paused == RESTARTED
    assert restarted.engine.place(AUCTION, BOB).chances_left == 3


def test_what_was_accepted_before_is_still_answered(restarted: Rig) -> None:
    assert accepted(restarted.engine, ALICE, 10_000, "r").replayed
    assert bid(restarted.engine, ALICE, 11_000, "r") == refused(Reason.REQUEST_REUSED, 2)


def test_once_found_sound_it_goes_on_and_says_so(restarted: Rig) -> None:
    here = restarted.engine.condition().identity
    assert restarted.engine.resume(AUCTION, RESTARTED, here)
    assert accepted(restarted.engine, BOB, 10_000).sequence == 2
    assert restarted.news(AUCTION)[0] == f"state 3 open {CLOSES}"
    assert not restarted.engine.resume(AUCTION, RESTARTED, here)


def test_what_was_checked_on_another_process_does_not_count(restarted: Rig) -> None:
    assert restarted.engine.resume(AUCTION, RESTARTED, ELSEWHERE)
    with pytest.raises(Paused, match=RESTARTED):
        bid(restarted.engine, BOB, 10_000)


def test_a_fault_and_an_operator_may_keep_it_paused(restarted: Rig) -> None:
    assert restarted.engine.pause(AUCTION, UNSOUND, instead_of=RESTARTED)
    assert restarted.engine.pause(AUCTION, OPERATOR, instead_of=UNSOUND)
    assert restarted.engine.read(AUCTION, OPENS).paused == OPERATOR
    assert not restarted.engine.resume(AUCTION, RESTARTED)
    assert restarted.engine.resume(AUCTION, OPERATOR)
    assert accepted(restarted.engine, BOB, 10_000).sequence == 2


def test_a_pause_set_before_stays_the_reason(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.pause(AUCTION, OPERATOR)
    rig.check_elsewhere(AUCTION)
    assert rig.engine.read(AUCTION, OPENS).paused == OPERATOR


def test_an_end_that_comes_meanwhile_closes_nothing_and_may_be_moved(restarted: Rig) -> None:
    assert restarted.engine.close(AUCTION, CLOSES) == Closing(False, CLOSES, 1)
    assert restarted.engine.extend(AUCTION, CLOSES + 1) == Closing(False, CLOSES + 1, 1)
    restarted.engine.resume(AUCTION, RESTARTED)
    assert restarted.engine.close(AUCTION, CLOSES + 1) == Closing(True, CLOSES + 1, 1)


def test_what_is_over_is_not_paused_by_it(restarted: Rig) -> None:
    restarted.engine.finish(AUCTION, State.VOIDED)
    assert restarted.engine.read(AUCTION, CLOSES).paused == ""
    assert not restarted.engine.resume(AUCTION, RESTARTED)


def test_what_comes_back_from_the_ledger_is_sound_where_it_is_written(rig: Rig) -> None:
    first = Entry(1, ALICE, 1, 10_000, OPENS, "r", CLOSES, 1, 10_000, None, False)
    rig.engine.restore(Restoration(TERMS, [first], 1, CLOSES, version=9))
    assert rig.engine.read(AUCTION, OPENS).paused == ""
    rig.check_elsewhere(AUCTION)
    assert rig.engine.read(AUCTION, OPENS).paused == RESTARTED
