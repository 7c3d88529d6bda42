"""Contract: a bid of more than ten times the cut-off counts only when its amount is said once more."""

import pytest

from cashticket.auction.values import AMOUNT_MAX, Accepted, Reason
from tests.fixtures.engines import Rig
from tests.staging.engine import ALICE, AUCTION, BOB, CAROL, OPENS, accepted, bid, publish, refused


def test_a_zero_too_many_is_refused_and_costs_nothing(rig: Rig) -> None:
    publish(rig.engine)
    before = rig.engine.read(AUCTION, OPENS)
    assert bid(rig.engine, ALICE, 101_000) == refused(Reason.FAR_ABOVE)
    assert rig.engine.read(AUCTION, OPENS) == before
    assert accepted(rig.engine, ALICE, 100_000).chances_left == 2


def test_who_says_the_amount_once_more_has_it_accepted_under_the_same_request(rig: Rig) -> None:
    publish(rig.engine)
    assert bid(rig.engine, ALICE, 101_000, "r") == refused(Reason.FAR_ABOVE)
    assert isinstance(bid(rig.engine, ALICE, 101_000, "r", sure=101_000), Accepted)
    assert accepted(rig.engine, ALICE, 101_000, "r").replayed, "what was accepted is not asked again"


@pytest.mark.parametrize("sure", [100_000, 10_100_000, 0, -1, 2**80])
def test_another_amount_said_once_more_is_none(rig: Rig, sure: int) -> None:
    publish(rig.engine)
    assert bid(rig.engine, ALICE, 101_000, sure=sure) == refused(Reason.FAR_ABOVE)


def test_the_cutoff_of_that_moment_counts(rig: Rig) -> None:
    publish(rig.engine, seats=2)
    accepted(rig.engine, ALICE, 20_000)
    assert bid(rig.engine, BOB, 101_000) == refused(Reason.FAR_ABOVE), "a seat is left at the minimum"
    accepted(rig.engine, BOB, 11_000)
    assert bid(rig.engine, CAROL, 111_000) == refused(Reason.FAR_ABOVE)
    assert accepted(rig.engine, CAROL, 110_000).rank == 1


def test_nothing_is_far_above_a_cutoff_of_zero(rig: Rig) -> None:
    publish(rig.engine, minimum=0, seats=1)
    assert accepted(rig.engine, ALICE, 1_000).cutoff == 1_000
    assert bid(rig.engine, BOB, 11_000) == refused(Reason.FAR_ABOVE)


def test_an_amount_that_could_not_be_bid_anyway_is_refused_for_that(rig: Rig) -> None:
    publish(rig.engine, maximum=500_000)
    assert bid(rig.engine, ALICE, 101_500) == refused(Reason.NOT_A_STEP)
    assert bid(rig.engine, ALICE, AMOUNT_MAX) == refused(Reason.TOO_HIGH)
    accepted(rig.engine, ALICE, 101_000, sure=101_000)
    assert bid(rig.engine, ALICE, 101_000, "again") == refused(Reason.NOT_ABOVE_OWN, 2)
