"""Which numbers are missing in a live store that went back, which are nobody's, and whose answer is displaced."""

from dataclasses import replace

import pytest

from cashticket.auction.number_rules import Numbers, bid_in, displaced_answers, holes, runs
from cashticket.auction.values import Entry

ALICE, BOB = 1, 2
BID = Entry(11, ALICE, 1, 100_000, 5_000, "alice-1", 9_000, 1, 100_000, None, False)


def test_a_store_that_has_everything_lacks_nothing() -> None:
    numbers = Numbers(stored=15, recorded=10, witnessed=range(11, 16), highest=15)
    assert (numbers.last, numbers.missing, numbers.nobodys) == (15, None, [])


def test_a_store_that_went_back_lacks_what_witnesses_hold() -> None:
    numbers = Numbers(stored=10, recorded=10, witnessed=range(11, 16), highest=15)
    assert (numbers.last, numbers.missing, numbers.nobodys) == (15, (11, 15), [])


def test_a_store_behind_the_ledger_lacks_recorded_bids_too() -> None:
    numbers = Numbers(stored=7, recorded=10, witnessed=(11, 12), highest=12)
    assert (numbers.missing, numbers.nobodys) == ((8, 12), [])


def test_a_number_that_was_heard_of_and_is_held_by_nobody_is_nobodys() -> None:
    numbers = Numbers(stored=10, recorded=10, witnessed=(12, 14), highest=16)
    assert (numbers.last, numbers.nobodys) == (16, [(11, 11), (13, 13), (15, 16)])


def test_what_the_store_gave_itself_is_left_to_the_check() -> None:
    assert Numbers(stored=15, recorded=10, highest=15).nobodys == []


def test_the_last_number_is_never_below_any_side() -> None:
    assert Numbers(stored=3, recorded=2).last == 3
    assert Numbers(stored=1, recorded=2).last == 2
    assert Numbers(stored=1, recorded=2, witnessed=(5,)).last == 5, "a witness may hold more than it says"
    assert Numbers(stored=1, recorded=2, highest=7).last == 7


@pytest.mark.parametrize(
    ("held", "expected"),
    [((), [(1, 5)]), ((1, 5), [(2, 4)]), ((3,), [(1, 2), (4, 5)]), (range(1, 6), []), ((0, 9), [(1, 5)])],
)
def test_holes_are_the_numbers_between_those_that_are_held(held, expected) -> None:
    assert list(holes(1, 5, held)) == expected


def test_runs_are_neighbouring_numbers_in_order() -> None:
    entries = [replace(BID, sequence=number) for number in (14, 11, 12, 16)]
    assert [[entry.sequence for entry in run] for run in runs(entries)] == [[11, 12], [14], [16]]
    assert list(runs([])) == []


def test_an_answer_is_displaced_when_its_number_belongs_to_another_bid_or_to_none() -> None:
    bobs = replace(BID, person=BOB, request_id="bob-1")
    assert displaced_answers([BID], {11: bid_in(BID)}) == []
    assert displaced_answers([BID], {}) == [], "a number of nobody is free for its bid"
    assert displaced_answers([BID, bobs], {11: bid_in(BID)}) == [bobs]
    assert displaced_answers([BID], {11: None}) == [BID], "it was given up"


def test_the_same_answer_is_displaced_once_whoever_else_heard_it() -> None:
    partly_known = replace(BID, displaced=None, rank=1)
    assert displaced_answers([BID, partly_known], {11: None}) == [partly_known]


@pytest.mark.parametrize("change", [{"amount": 105_000}, {"at_ms": 5_001}, {"nth": 2}, {"request_id": "alice-2"}])
def test_two_answers_differ_in_any_part_of_the_bid(change) -> None:
    assert displaced_answers([replace(BID, **change)], {11: bid_in(BID)}) == [replace(BID, **change)]
