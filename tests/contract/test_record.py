"""Contract: the list of accepted bids on their way to the ledger."""

import json

import pytest

from cashticket.auction.values import Entry, Permission, PoisonEntry
from cashticket.engine.entries import read_entry
from tests.fixtures.engines import Rig
from tests.staging.engine import ALICE, AUCTION, BOB, CAROL, accepted, publish

VALID = dict.fromkeys(("sequence", "person", "nth", "amount", "ms", "ends_at", "rank", "cutoff", "displaced"), "1")


def spoiled(**change: object) -> str:
    """A valid entry with one field changed."""
    return json.dumps({**VALID, "request_id": "r", "alert": "0", **change})


POISON = [
    "",
    "not json",
    "[]",
    "7",
    "{}",
    spoiled(sequence="x"),
    spoiled(sequence=1),
    spoiled(person="-1"),
    spoiled(amount="1.5"),
    spoiled(ms="\u0661"),
    spoiled(request_id=None),
    "[" * 100_000,
]


def test_a_valid_entry_is_readable() -> None:
    assert isinstance(read_entry(spoiled()), Entry)


def three_bids(rig: Rig) -> None:
    publish(rig.engine)
    for person in (ALICE, BOB, CAROL):
        accepted(rig.engine, person, 10_000)
    rig.news(AUCTION)


def sequences(rig: Rig) -> list[int]:
    return [entry.sequence for entry in rig.engine.peek(AUCTION, 100) if isinstance(entry, Entry)]


def test_entries_are_peeked_oldest_first_and_left_in_place(rig: Rig) -> None:
    three_bids(rig)
    assert [getattr(entry, "sequence", None) for entry in rig.engine.peek(AUCTION, 2)] == [1, 2]
    assert sequences(rig) == [1, 2, 3]
    assert rig.engine.peek(AUCTION, 0) == [] == rig.engine.peek(99, 10)


def test_trimming_drops_recorded_entries_and_publishes_it(rig: Rig) -> None:
    three_bids(rig)
    assert rig.engine.trim(AUCTION, 2) == 2
    assert sequences(rig) == [3]
    assert rig.engine.read(AUCTION).recorded == 2
    assert rig.news(AUCTION) == ["recorded 5 2"]


def test_trimming_again_or_backwards_changes_nothing(rig: Rig) -> None:
    three_bids(rig)
    rig.engine.trim(AUCTION, 2)
    before = rig.engine.read(AUCTION, 0)
    rig.news(AUCTION)
    assert rig.engine.trim(AUCTION, 2) == 0 == rig.engine.trim(AUCTION, 1)
    assert rig.engine.read(AUCTION, 0) == before
    assert rig.news(AUCTION) == []


def test_trimming_past_the_last_bid_marks_only_the_bids_recorded(rig: Rig) -> None:
    three_bids(rig)
    assert rig.engine.trim(AUCTION, 1_000) == 3
    assert rig.engine.read(AUCTION).recorded == 3


def test_trimming_an_unknown_auction_drops_nothing(rig: Rig) -> None:
    assert rig.engine.trim(AUCTION, 5) == 0


def test_a_long_backlog_is_trimmed_whole(rig: Rig) -> None:
    publish(rig.engine)
    for person in range(1, 2_102):
        rig.engine.introduce(AUCTION, person, Permission.OK, 1, 1)
        accepted(rig.engine, person, 10_000)
    assert rig.engine.trim(AUCTION, 2_100) == 2_100
    assert sequences(rig) == [2_101]
    assert rig.engine.read(AUCTION).recorded == 2_100


@pytest.mark.parametrize("raw", POISON, ids=range(len(POISON)))
def test_an_unreadable_entry_is_peeked_as_poison_with_its_text(rig: Rig, raw: str) -> None:
    three_bids(rig)
    rig.poison(AUCTION, raw)
    entry = rig.engine.peek(AUCTION, 100)[-1]
    assert isinstance(entry, PoisonEntry)
    assert entry.raw == raw and entry.reason


def test_poison_at_the_head_is_never_trimmed_only_discarded(rig: Rig) -> None:
    publish(rig.engine)
    rig.poison(AUCTION, "not json")
    accepted(rig.engine, ALICE, 10_000)
    assert rig.engine.trim(AUCTION, 1) == 0
    assert rig.engine.discard(AUCTION, "something else") is False
    assert rig.engine.discard(AUCTION, "not json") is True
    assert rig.engine.discard(AUCTION, "not json") is False, "the head is a bid now"
    assert rig.engine.trim(AUCTION, 1) == 1


def test_discarding_from_an_empty_list_changes_nothing(rig: Rig) -> None:
    assert rig.engine.discard(AUCTION, "") is False
