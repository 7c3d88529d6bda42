"""Contract: who may bid, which bids are accepted, and that a refused bid changes nothing."""

import pytest

from cashticket.auction.values import AMOUNT_MAX, SEQUENCE_MAX, Accepted, Permission, Reason
from cashticket.engine.interface import StaleSession, UnknownAuction, UnknownPerson
from tests.fixtures.engines import Rig
from tests.staging.engine import (
    ALICE,
    AUCTION,
    BOB,
    CAROL,
    CLOSES,
    MALLORY,
    OPENS,
    accepted,
    bid,
    order_of,
    publish,
    refused,
)


def test_a_bid_in_an_unpublished_auction_raises_unknown_auction(rig: Rig) -> None:
    with pytest.raises(UnknownAuction, match="7"):
        bid(rig.engine, ALICE, 10_000)


def test_the_first_bid_is_accepted_with_everything_the_page_shows(rig: Rig) -> None:
    publish(rig.engine)
    assert accepted(rig.engine, ALICE, 10_000) == Accepted(
        sequence=1,
        nth=1,
        amount=10_000,
        rank=1,
        winning=True,
        chances_left=2,
        cutoff=10_000,
        at_ms=OPENS,
        ends_at_ms=CLOSES,
        replayed=False,
    )


def test_a_person_never_introduced_is_unknown(rig: Rig) -> None:
    publish(rig.engine)
    assert bid(rig.engine, 99, 10_000) == UnknownPerson()


def test_a_session_newer_than_the_introduction_needs_a_new_introduction(rig: Rig) -> None:
    publish(rig.engine)
    assert rig.engine.place_bid(AUCTION, ALICE, 2, 10_000, "r", OPENS) == UnknownPerson()


def test_a_session_ended_elsewhere_is_stale(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.introduce(AUCTION, ALICE, Permission.OK, 2, 2)
    assert bid(rig.engine, ALICE, 10_000) == StaleSession()


def test_a_stale_session_is_reported_before_a_block(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.introduce(AUCTION, ALICE, Permission.BLOCKED, 2, 2)
    assert bid(rig.engine, ALICE, 10_000) == StaleSession()


@pytest.mark.parametrize(
    ("permission", "reason"),
    [(Permission.BLOCKED, Reason.BLOCKED), (Permission.UNVERIFIED, Reason.NOT_VERIFIED)],
)
def test_a_person_who_may_not_bid_is_refused_without_chances_left(
    rig: Rig, permission: Permission, reason: Reason
) -> None:
    publish(rig.engine)
    rig.engine.introduce(AUCTION, MALLORY, permission, 1, 2)
    assert bid(rig.engine, MALLORY, 10_000, now_ms=OPENS - 1) == refused(reason, None)


def test_an_older_revision_never_replaces_a_newer_one(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.introduce(AUCTION, MALLORY, Permission.BLOCKED, 1, 10)
    rig.engine.introduce(AUCTION, MALLORY, Permission.OK, 1, 9)
    assert bid(rig.engine, MALLORY, 10_000) == refused(Reason.BLOCKED, None)


def test_an_equal_revision_replaces(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.introduce(AUCTION, ALICE, Permission.UNVERIFIED, 1, 1)
    assert bid(rig.engine, ALICE, 10_000) == refused(Reason.NOT_VERIFIED, None)


def test_introducing_to_an_unknown_auction_raises_unknown_auction(rig: Rig) -> None:
    with pytest.raises(UnknownAuction):
        rig.engine.introduce(AUCTION, ALICE, Permission.OK, 1, 1)


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        (-1, Reason.BELOW_MINIMUM),
        (0, Reason.BELOW_MINIMUM),
        (9_999, Reason.BELOW_MINIMUM),
        (10_001, Reason.NOT_A_STEP),
        (AMOUNT_MAX, Reason.NOT_A_STEP),
        (AMOUNT_MAX + 1, Reason.TOO_HIGH),
        (2**53, Reason.TOO_HIGH),
    ],
)
def test_an_amount_outside_the_terms_is_refused(rig: Rig, amount: int, reason: Reason) -> None:
    publish(rig.engine)
    assert bid(rig.engine, ALICE, amount, "r") == refused(reason)


def test_an_amount_of_thousands_of_digits_is_refused_like_any_other(rig: Rig) -> None:
    publish(rig.engine)
    assert bid(rig.engine, ALICE, 10**5000, "r") == refused(Reason.TOO_HIGH)
    assert bid(rig.engine, ALICE, -(10**5000), "r") == refused(Reason.BELOW_MINIMUM)


def test_the_highest_amount_can_be_bid(rig: Rig) -> None:
    publish(rig.engine, step=1)
    assert accepted(rig.engine, ALICE, AMOUNT_MAX, sure=AMOUNT_MAX).amount == AMOUNT_MAX
    assert rig.engine.place(AUCTION, ALICE).amount == AMOUNT_MAX


def test_a_bid_at_the_ceiling_is_accepted_and_one_above_it_refused(rig: Rig) -> None:
    publish(rig.engine, maximum=15_000)
    assert bid(rig.engine, ALICE, 16_000) == refused(Reason.TOO_HIGH)
    assert accepted(rig.engine, ALICE, 15_000).amount == 15_000
    assert bid(rig.engine, ALICE, 16_000) == refused(Reason.TOO_HIGH, 2)


def test_a_ceiling_may_lie_between_two_steps(rig: Rig) -> None:
    publish(rig.engine, maximum=15_500)
    assert bid(rig.engine, ALICE, 15_500) == refused(Reason.NOT_A_STEP)
    assert bid(rig.engine, ALICE, 15_501) == refused(Reason.TOO_HIGH)
    assert accepted(rig.engine, ALICE, 15_000).rank == 1


def test_at_the_ceiling_the_earlier_bid_stays_before(rig: Rig) -> None:
    publish(rig.engine, seats=1, maximum=15_000)
    accepted(rig.engine, ALICE, 15_000)
    answer = accepted(rig.engine, BOB, 15_000)
    assert (answer.rank, answer.winning) == (2, False)


@pytest.mark.parametrize("again", [10_000, 11_000])
def test_a_bid_not_above_ones_own_is_refused(rig: Rig, again: int) -> None:
    publish(rig.engine)
    accepted(rig.engine, ALICE, 11_000)
    assert bid(rig.engine, ALICE, again, "again") == refused(Reason.NOT_ABOVE_OWN, 2)


def test_a_bid_need_not_beat_anybody(rig: Rig) -> None:
    publish(rig.engine, seats=1)
    accepted(rig.engine, ALICE, 20_000)
    answer = accepted(rig.engine, BOB, 10_000)
    assert (answer.rank, answer.winning, answer.cutoff) == (2, False, 20_000)


def test_the_fourth_bid_is_refused_before_its_amount_is_judged(rig: Rig) -> None:
    publish(rig.engine)
    lefts = [accepted(rig.engine, ALICE, amount).chances_left for amount in (10_000, 11_000, 12_000)]
    assert lefts == [2, 1, 0]
    assert bid(rig.engine, ALICE, 1, "fourth") == refused(Reason.NO_CHANCES_LEFT, 0)


def test_a_refused_bid_costs_nothing_and_changes_nothing(rig: Rig) -> None:
    publish(rig.engine)
    before = rig.engine.read(AUCTION, OPENS)
    rig.news(AUCTION)
    bid(rig.engine, ALICE, 1, now_ms=OPENS + 50)
    bid(rig.engine, ALICE, 10_000, "late", now_ms=CLOSES)
    assert rig.engine.read(AUCTION, OPENS) == before, "not even the clock may move"
    assert rig.news(AUCTION) == []
    assert rig.engine.backlog([AUCTION]) == {AUCTION: 0}
    assert accepted(rig.engine, ALICE, 10_000).chances_left == 2


def test_the_last_sequence_is_given_and_the_next_refused_as_full(rig: Rig) -> None:
    publish(rig.engine)
    rig.start_sequence(AUCTION, SEQUENCE_MAX - 1)
    assert accepted(rig.engine, ALICE, 10_000).sequence == SEQUENCE_MAX
    assert bid(rig.engine, BOB, 1) == refused(Reason.BELOW_MINIMUM), "full is judged last"
    assert bid(rig.engine, BOB, 10_000) == refused(Reason.FULL)
    assert order_of(rig.engine)[0].sequence == SEQUENCE_MAX


def test_the_same_request_gets_the_same_answer(rig: Rig) -> None:
    publish(rig.engine)
    first = accepted(rig.engine, ALICE, 10_000, "r")
    accepted(rig.engine, BOB, 11_000)
    rig.news(AUCTION)
    again = accepted(rig.engine, ALICE, 10_000, "r", now_ms=OPENS + 5)
    assert again.replayed and not first.replayed
    assert (again.sequence, again.rank, again.chances_left, again.at_ms) == (1, 1, 2, OPENS)
    assert rig.engine.place(AUCTION, ALICE).chances_left == 2
    assert rig.news(AUCTION) == []


def test_the_same_request_with_another_amount_is_refused(rig: Rig) -> None:
    publish(rig.engine)
    accepted(rig.engine, ALICE, 10_000, "r")
    assert bid(rig.engine, ALICE, 11_000, "r") == refused(Reason.REQUEST_REUSED, 2)
    assert bid(rig.engine, ALICE, 10**5000, "r") == refused(Reason.REQUEST_REUSED, 2)


def test_a_remembered_request_is_answered_before_any_other_check(rig: Rig) -> None:
    publish(rig.engine)
    accepted(rig.engine, ALICE, 10_000, "r")
    rig.engine.introduce(AUCTION, ALICE, Permission.BLOCKED, 5, 5)
    rig.engine.close(AUCTION, CLOSES)
    assert accepted(rig.engine, ALICE, 10_000, "r", now_ms=CLOSES + 1).replayed


def test_request_ids_belong_to_one_person(rig: Rig) -> None:
    publish(rig.engine)
    accepted(rig.engine, ALICE, 10_000, "r")
    assert not accepted(rig.engine, BOB, 10_000, "r").replayed


def test_a_refused_request_is_not_remembered(rig: Rig) -> None:
    publish(rig.engine)
    assert bid(rig.engine, ALICE, 9_000, "r") == refused(Reason.BELOW_MINIMUM)
    assert not accepted(rig.engine, ALICE, 10_000, "r").replayed


def test_at_equal_amounts_the_earlier_bid_ranks_first(rig: Rig) -> None:
    publish(rig.engine)
    for person in (CAROL, ALICE, BOB):
        accepted(rig.engine, person, 10_000)
    assert [ranked.person for ranked in order_of(rig.engine)] == [CAROL, ALICE, BOB]


def test_a_raise_gets_a_new_sequence_and_loses_the_place_of_the_old_bid(rig: Rig) -> None:
    publish(rig.engine)
    accepted(rig.engine, ALICE, 10_000)
    accepted(rig.engine, BOB, 11_000)
    accepted(rig.engine, ALICE, 11_000)
    assert [(ranked.person, ranked.sequence) for ranked in order_of(rig.engine)] == [(BOB, 2), (ALICE, 3)]
