"""Contract: an auction that the store lost is restored as the ledger has it, wholly or not at all."""

from dataclasses import replace
from typing import Any

import pytest

from cashticket.auction.values import Entry, Permission, RankedBid, Reason, State
from cashticket.engine.interface import Restoration, UnknownAuction, UnknownPerson
from cashticket.engine.pauses import RESTORING
from tests.fixtures.engines import Rig
from tests.staging.engine import (
    ALICE,
    AUCTION,
    BOB,
    CAROL,
    CLOSES,
    OPENS,
    TERMS,
    accepted,
    bid,
    order_of,
    publish,
    refused,
)


def recorded_and_lost(rig: Rig) -> list[Entry]:
    """Four bids, all recorded, and a store that has lost the auction."""
    publish(rig.engine)
    for person, amount in ((ALICE, 10_000), (BOB, 12_000), (CAROL, 12_000), (ALICE, 13_000)):
        accepted(rig.engine, person, amount, now_ms=OPENS + 10)
    entries = [entry for entry in rig.engine.peek(AUCTION, 100) if isinstance(entry, Entry)]
    rig.engine.trim(AUCTION, 4)
    return entries


def restoration(entries: list[Entry], **changes: Any) -> Restoration:
    restored = Restoration(TERMS, entries, sequence=len(entries), ends_at_ms=CLOSES + 5, version=50)
    return replace(restored, **changes)


def test_a_restored_auction_has_everything_but_its_people(rig: Rig) -> None:
    entries = recorded_and_lost(rig)
    order, places = order_of(rig.engine), [rig.engine.place(AUCTION, each) for each in (ALICE, BOB, CAROL)]
    rig.lose(AUCTION)
    rig.engine.restore(restoration(entries))
    assert order_of(rig.engine) == order
    assert [replace(rig.engine.place(AUCTION, each), version=0) for each in (ALICE, BOB, CAROL)] == [
        replace(place, version=0) for place in places
    ]
    board = rig.engine.read(AUCTION, OPENS)
    assert (board.terms, board.sequence, board.recorded, board.version) == (TERMS, 4, 4, 50)
    assert (board.ends_at_ms, board.state, board.paused) == (CLOSES + 5, State.OPEN, "")
    assert rig.engine.auctions() == [AUCTION]


def test_people_are_introduced_when_they_come(rig: Rig) -> None:
    entries = recorded_and_lost(rig)
    rig.lose(AUCTION)
    rig.engine.restore(restoration(entries))
    assert bid(rig.engine, BOB, 14_000) == UnknownPerson()
    rig.engine.introduce(AUCTION, BOB, Permission.OK, 1, 1)
    answer = accepted(rig.engine, BOB, 14_000)
    assert (answer.sequence, answer.nth, answer.rank) == (5, 2, 1)


def test_answers_chances_and_time_are_remembered(rig: Rig) -> None:
    entries = recorded_and_lost(rig)
    rig.lose(AUCTION)
    rig.engine.restore(restoration(entries))
    again = accepted(rig.engine, CAROL, 12_000)
    assert again.replayed
    assert (again.sequence, again.rank, again.winning, again.cutoff) == (3, 2, True, 12_000)
    assert bid(rig.engine, CAROL, 13_000, f"{CAROL}-12000") == refused(Reason.REQUEST_REUSED, 2)
    assert rig.engine.read(AUCTION, OPENS).now_ms == OPENS + 10


def test_numbers_that_may_have_been_given_are_not_given_again(rig: Rig) -> None:
    entries = recorded_and_lost(rig)
    rig.lose(AUCTION)
    rig.engine.restore(restoration(entries, sequence=1_000))
    rig.engine.introduce(AUCTION, BOB, Permission.OK, 1, 1)
    assert accepted(rig.engine, BOB, 14_000).sequence == 1_001
    assert rig.engine.read(AUCTION, OPENS).recorded == 1_000


def test_an_auction_can_be_restored_paused_or_closing(rig: Rig) -> None:
    entries = recorded_and_lost(rig)
    rig.lose(AUCTION)
    rig.engine.restore(restoration(entries, paused=RESTORING))
    assert rig.engine.read(AUCTION, OPENS).paused == RESTORING
    rig.engine.restore(restoration(entries, state=State.CLOSING))
    assert rig.engine.read(AUCTION, OPENS).state is State.CLOSING
    assert rig.engine.close(AUCTION, OPENS).closed


def test_the_restored_auction_is_announced(rig: Rig) -> None:
    entries = recorded_and_lost(rig)
    rig.lose(AUCTION)
    rig.news(AUCTION)
    rig.engine.restore(restoration(entries))
    assert rig.news(AUCTION) == [f"state 50 open {CLOSES + 5}"]


def test_an_auction_in_the_store_is_not_replaced(rig: Rig) -> None:
    entries = recorded_and_lost(rig)
    with pytest.raises(ValueError, match="is in the live store"):
        rig.engine.restore(restoration(entries[:1]))
    assert rig.engine.read(AUCTION).bidders == 3


def test_an_auction_paused_for_restoring_is_replaced_and_keeps_its_people(rig: Rig) -> None:
    entries = recorded_and_lost(rig)
    rig.engine.pause(AUCTION, RESTORING)
    rig.engine.restore(restoration(entries[:3], sequence=3))
    assert [ranked.sequence for ranked in order_of(rig.engine)] == [2, 3, 1]
    assert accepted(rig.engine, BOB, 14_000).sequence == 4


def test_an_auction_that_forgets_its_people_knows_them_again_once_they_are_introduced(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.forget_people(AUCTION)
    assert bid(rig.engine, BOB, 14_000) == UnknownPerson()
    rig.engine.introduce(AUCTION, BOB, Permission.OK, 1, 1)
    accepted(rig.engine, BOB, 14_000)
    rig.engine.forget_people(AUCTION + 1)


def test_a_store_keeps_up_to_when_it_knows_the_people(rig: Rig) -> None:
    assert rig.engine.people_known_at() is None
    rig.engine.note_people_known(OPENS)
    assert rig.engine.people_known_at() == OPENS


def test_an_auction_with_waiting_entries_is_not_replaced(rig: Rig) -> None:
    publish(rig.engine)
    accepted(rig.engine, ALICE, 10_000)
    rig.engine.pause(AUCTION, RESTORING)
    with pytest.raises(ValueError, match="wait there"):
        rig.engine.restore(restoration([]))
    assert rig.engine.backlog([AUCTION]) == {AUCTION: 1}


def test_restoring_again_changes_nothing_more(rig: Rig) -> None:
    entries = recorded_and_lost(rig)
    rig.lose(AUCTION)
    for _ in range(2):
        rig.engine.restore(restoration(entries, paused=RESTORING))
    board = rig.engine.read(AUCTION, OPENS)
    assert (board.sequence, board.bidders, board.version) == (4, 3, 50)
    assert rig.engine.place(AUCTION, ALICE).chances_left == 1


def test_a_large_auction_is_restored_in_many_steps(rig: Rig) -> None:
    entries = [
        Entry(number, number, 1, 10_000, OPENS, f"r{number}", CLOSES, number, 10_000, None, alert=False)
        for number in range(1, 1_002)
    ]
    rig.engine.restore(restoration(entries, sequence=1_001))
    assert [ranked.sequence for ranked in order_of(rig.engine)] == list(range(1, 1_002))


def test_invalid_terms_are_not_restored(rig: Rig) -> None:
    with pytest.raises(ValueError, match="seats"):
        rig.engine.restore(restoration([], terms=replace(TERMS, seats=0)))
    with pytest.raises(UnknownAuction):
        rig.engine.read(AUCTION)


def test_a_restored_auction_ranks_nobody_who_was_withdrawn_until_they_bid_again(rig: Rig) -> None:
    entries = recorded_and_lost(rig)
    rig.engine.withdraw(AUCTION, ALICE, OPENS + 10)
    rig.engine.withdraw(AUCTION, BOB, OPENS + 10)
    accepted(rig.engine, BOB, 11_000, now_ms=OPENS + 10)
    late = [entry for entry in rig.engine.peek(AUCTION, 100) if isinstance(entry, Entry)]
    order = order_of(rig.engine)
    rig.engine.trim(AUCTION, 7)
    rig.lose(AUCTION)
    rig.engine.restore(restoration([*entries, *late]))
    assert order_of(rig.engine) == order == [RankedBid(CAROL, 12_000, 3), RankedBid(BOB, 11_000, 7)]
    assert rig.engine.place(AUCTION, ALICE).chances_left == 1
