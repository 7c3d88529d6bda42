"""Contract: an operator takes a standing out of a running auction, as an entry with a number of its own."""

import pytest

from cashticket.auction.values import SEQUENCE_MAX, Accepted, Entry, Permission, Reason
from cashticket.auction.withdrawals import WITHDRAWN
from cashticket.engine.interface import Paused, UnknownAuction, Withdrawal
from cashticket.engine.news import BidAccepted, parse_news
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


def four_bids(rig: Rig, **terms: object) -> None:
    """Mallory and alice win the two seats, bob and carol wait."""
    publish(rig.engine, **terms)
    for person, amount in ((MALLORY, 20_000), (ALICE, 15_000), (BOB, 14_000), (CAROL, 12_000)):
        accepted(rig.engine, person, amount)


def entry_of(withdrawal: Withdrawal) -> Entry:
    assert withdrawal.entry is not None and withdrawal.refusal is None
    return withdrawal.entry


def test_the_order_is_the_one_without_that_person(rig: Rig) -> None:
    four_bids(rig)
    rig.engine.withdraw(AUCTION, MALLORY, OPENS + 5)
    assert [ranked.person for ranked in order_of(rig.engine)] == [ALICE, BOB, CAROL]
    board = rig.engine.read(AUCTION, OPENS)
    assert (board.sequence, board.bidders, board.cutoff, board.best) == (5, 3, 14_000, 15_000)
    assert rig.engine.place(AUCTION, BOB).winning


def test_the_entry_says_what_was_done_and_waits_for_the_ledger_like_a_bid(rig: Rig) -> None:
    four_bids(rig)
    rig.news(AUCTION)
    heard = rig.accepted_bids()
    entry = entry_of(rig.engine.withdraw(AUCTION, MALLORY, OPENS + 5))
    assert entry == Entry(5, MALLORY, WITHDRAWN, 20_000, OPENS + 5, "", CLOSES, 1, 14_000, BOB, False)
    assert rig.engine.peek(AUCTION, 10)[-1] == entry
    assert heard == [(AUCTION, entry)], "a withdrawal is witnessed"
    assert [parse_news(text) for text in rig.news(AUCTION)] == [BidAccepted(6, entry)]
    assert accepted(rig.engine, CAROL, 30_000).sequence == 6


@pytest.mark.parametrize(("person", "rank"), [(BOB, 3), (CAROL, 4)])
def test_who_was_not_winning_leaves_the_seats_as_they_are(rig: Rig, person: int, rank: int) -> None:
    four_bids(rig)
    entry = entry_of(rig.engine.withdraw(AUCTION, person, OPENS))
    assert (entry.rank, entry.cutoff, entry.displaced) == (rank, 15_000, None)


def test_nobody_comes_in_where_nobody_waits(rig: Rig) -> None:
    publish(rig.engine)
    accepted(rig.engine, MALLORY, 20_000)
    accepted(rig.engine, ALICE, 15_000)
    entry = entry_of(rig.engine.withdraw(AUCTION, MALLORY, OPENS))
    assert (entry.cutoff, entry.displaced) == (10_000, None), "a seat is free at the minimum"


def test_the_end_does_not_move(rig: Rig) -> None:
    four_bids(rig)
    entry = entry_of(rig.engine.withdraw(AUCTION, MALLORY, CLOSES - 1))
    assert entry.ends_at_ms == rig.engine.read(AUCTION, OPENS).ends_at_ms == CLOSES


def test_a_repeat_and_a_person_without_a_bid_change_nothing(rig: Rig) -> None:
    four_bids(rig)
    rig.engine.withdraw(AUCTION, MALLORY, OPENS)
    before = rig.engine.read(AUCTION, OPENS)
    rig.news(AUCTION)
    assert rig.engine.withdraw(AUCTION, MALLORY, OPENS) == rig.engine.withdraw(AUCTION, 99, OPENS) == Withdrawal()
    assert rig.engine.read(AUCTION, OPENS) == before and rig.news(AUCTION) == []


def test_chances_and_answers_stay_and_who_is_let_in_again_stands_with_a_new_bid(rig: Rig) -> None:
    four_bids(rig)
    rig.engine.withdraw(AUCTION, MALLORY, OPENS)
    assert rig.engine.place(AUCTION, MALLORY).chances_left == 2
    assert accepted(rig.engine, MALLORY, 20_000).replayed
    rig.engine.introduce(AUCTION, MALLORY, Permission.BLOCKED, 1, 2)
    assert bid(rig.engine, MALLORY, 16_000) == refused(Reason.BLOCKED, None)
    rig.engine.introduce(AUCTION, MALLORY, Permission.OK, 1, 3)
    again = accepted(rig.engine, MALLORY, 16_000)
    assert (again.sequence, again.nth, again.rank, again.chances_left) == (6, 2, 1, 1), "no bid stood to be raised"
    assert entry_of(rig.engine.withdraw(AUCTION, MALLORY, OPENS)).sequence == 7
    assert isinstance(bid(rig.engine, MALLORY, 17_000), Accepted)
    assert bid(rig.engine, MALLORY, 18_000) == refused(Reason.NO_CHANCES_LEFT, 0)


def test_at_the_end_it_is_too_late(rig: Rig) -> None:
    four_bids(rig)
    late = rig.engine.withdraw(AUCTION, MALLORY, CLOSES)
    rig.engine.close(AUCTION, CLOSES)
    assert late == rig.engine.withdraw(AUCTION, MALLORY, OPENS) == Withdrawal(refusal=Reason.CLOSED)
    assert rig.engine.place(AUCTION, MALLORY).rank == 1


def test_while_bidding_is_paused_nothing_is_withdrawn(rig: Rig) -> None:
    four_bids(rig)
    rig.engine.pause(AUCTION, "unsound")
    with pytest.raises(Paused, match="unsound"):
        rig.engine.withdraw(AUCTION, MALLORY, OPENS)


def test_an_unpublished_auction_is_unknown_and_one_without_numbers_full(rig: Rig) -> None:
    with pytest.raises(UnknownAuction):
        rig.engine.withdraw(AUCTION, MALLORY, OPENS)
    four_bids(rig)
    rig.start_sequence(AUCTION, SEQUENCE_MAX)
    assert rig.engine.withdraw(AUCTION, MALLORY, OPENS) == Withdrawal(refusal=Reason.FULL)
    assert rig.engine.place(AUCTION, MALLORY).rank == 1
