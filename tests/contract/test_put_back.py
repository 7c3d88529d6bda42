"""Contract: bids that the store lost with an older copy of itself are put back as they were, and no number twice."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from cashticket.auction.values import SEQUENCE_MAX, Entry, Reason, State
from cashticket.engine.interface import Paused, Place, Snapshot, UnknownAuction
from cashticket.engine.news import StateChanged, parse_news
from cashticket.engine.pauses import RESTARTED
from tests.fixtures.engines import Rig
from tests.staging.engine import (
    ALICE,
    AUCTION,
    BOB,
    CAROL,
    CLOSES,
    MALLORY,
    accepted,
    bid,
    order_of,
    publish,
    refused,
)

PEOPLE = (ALICE, BOB, CAROL, MALLORY)
BIDS = ((ALICE, 10_000), (BOB, 12_000), (CAROL, 12_000), (ALICE, 13_000), (MALLORY, 20_000), (BOB, 25_000))
KEPT = 2
LATE = CLOSES - 60_000
"""Within the soft close."""


def place_bids(rig: Rig, count: int) -> None:
    for number, (person, amount) in enumerate(BIDS[:count]):
        accepted(rig.engine, person, amount, now_ms=LATE + number)


def entries_of(rig: Rig) -> list[Entry]:
    return [entry for entry in rig.engine.peek(AUCTION, 10_000) if isinstance(entry, Entry)]


def board(rig: Rig) -> Snapshot:
    return replace(rig.engine.read(AUCTION, LATE), version=0, now_ms=0)


def places(rig: Rig) -> dict[int, Place]:
    return {person: replace(place, version=0) for person, place in rig.engine.places(AUCTION, PEOPLE).items()}


def go_on_from_an_older_copy(rig: Rig) -> list[Entry]:
    """Six bids, of which the store has lost the last four. Returns all six."""
    publish(rig.engine)
    place_bids(rig, len(BIDS))
    entries = entries_of(rig)
    rig.engine.trim(AUCTION, SEQUENCE_MAX)
    rig.lose(AUCTION)
    publish(rig.engine)
    place_bids(rig, KEPT)
    rig.check_elsewhere(AUCTION)
    assert entries_of(rig) == entries[:KEPT]
    return entries


def lose_and_go_on(rig: Rig) -> list[Entry]:
    rig.engine.trim(AUCTION, SEQUENCE_MAX)
    rig.lose(AUCTION)
    return go_on_from_an_older_copy(rig)


def test_everything_is_as_if_nothing_had_been_lost(rig: Rig) -> None:
    publish(rig.engine)
    place_bids(rig, len(BIDS))
    before = (entries_of(rig), order_of(rig.engine), board(rig), places(rig))
    entries = lose_and_go_on(rig)
    assert rig.engine.put_back(AUCTION, entries[KEPT:], len(BIDS))
    assert rig.engine.read(AUCTION, LATE).paused == RESTARTED
    rig.engine.resume(AUCTION, RESTARTED)
    assert (entries_of(rig), order_of(rig.engine), board(rig), places(rig)) == before
    for number, (person, amount) in enumerate(BIDS):
        again = accepted(rig.engine, person, amount, now_ms=LATE)
        assert (again.sequence, again.replayed) == (number + 1, True)
    assert bid(rig.engine, ALICE, 13_000, "new", LATE) == refused(Reason.NOT_ABOVE_OWN, 1)
    assert accepted(rig.engine, CAROL, 30_000, now_ms=LATE).at_ms == LATE + len(BIDS) - 1, "time does not go back"


def test_no_number_up_to_the_last_is_given_again(rig: Rig) -> None:
    entries = go_on_from_an_older_copy(rig)
    assert rig.engine.put_back(AUCTION, [entries[3]], 9), "there may be gaps between and behind"
    assert [entry.sequence for entry in entries_of(rig)] == [1, 2, 4]
    rig.engine.resume(AUCTION, RESTARTED)
    assert accepted(rig.engine, CAROL, 30_000, now_ms=LATE).sequence == 10


def test_without_bids_only_the_numbers_go_on(rig: Rig) -> None:
    entries = go_on_from_an_older_copy(rig)
    assert rig.engine.put_back(AUCTION, [], 6)
    assert (rig.engine.read(AUCTION, LATE).sequence, entries_of(rig)) == (6, entries[:KEPT])


@pytest.mark.parametrize("first", [0, 1, KEPT])
def test_a_repeat_changes_nothing(rig: Rig, first: int) -> None:
    entries = go_on_from_an_older_copy(rig)
    rig.engine.put_back(AUCTION, entries[KEPT:4], 4)
    rig.engine.put_back(AUCTION, entries[KEPT:], len(BIDS))
    before = (entries_of(rig), order_of(rig.engine), rig.engine.read(AUCTION, LATE), places(rig))
    rig.news(AUCTION)
    assert rig.engine.put_back(AUCTION, entries[first:], len(BIDS))
    assert (entries_of(rig), order_of(rig.engine), rig.engine.read(AUCTION, LATE), places(rig)) == before
    assert rig.news(AUCTION) == []


def test_pages_hear_of_it_under_a_version_above_any_they_have_seen(rig: Rig) -> None:
    publish(rig.engine)
    place_bids(rig, len(BIDS))
    for sequence in range(1, len(BIDS) + 1):
        rig.engine.trim(AUCTION, sequence)
    seen = rig.engine.read(AUCTION, LATE).version
    entries = lose_and_go_on(rig)
    rig.news(AUCTION)
    rig.engine.put_back(AUCTION, entries[KEPT:], len(BIDS))
    [news] = map(parse_news, rig.news(AUCTION))
    version = rig.engine.read(AUCTION, LATE).version
    # The two bids that the copy has were recorded as well, which it does not know either.
    assert news == StateChanged(version, State.OPEN, entries[-1].ends_at_ms) and version >= seen - KEPT


def test_an_auction_that_takes_bids_is_left_alone(rig: Rig) -> None:
    entries = go_on_from_an_older_copy(rig)
    rig.engine.resume(AUCTION, RESTARTED)
    before = (entries_of(rig), rig.engine.read(AUCTION, LATE))
    assert not rig.engine.put_back(AUCTION, entries[KEPT:], len(BIDS))
    assert (entries_of(rig), rig.engine.read(AUCTION, LATE)) == before


def test_any_pause_will_do(rig: Rig) -> None:
    entries = go_on_from_an_older_copy(rig)
    rig.engine.resume(AUCTION, RESTARTED)
    rig.engine.pause(AUCTION, "unsound")
    assert rig.engine.put_back(AUCTION, entries[KEPT:], len(BIDS))
    with pytest.raises(Paused, match="unsound"):
        bid(rig.engine, CAROL, 30_000)


def test_an_auction_that_is_over_is_left_alone(rig: Rig) -> None:
    entries = go_on_from_an_older_copy(rig)
    rig.engine.resume(AUCTION, RESTARTED)
    rig.engine.close(AUCTION, CLOSES + 10**7)
    rig.check_elsewhere(AUCTION)
    assert not rig.engine.put_back(AUCTION, entries[KEPT:], len(BIDS))


def test_an_unknown_auction_raises_unknown_auction(rig: Rig) -> None:
    with pytest.raises(UnknownAuction):
        rig.engine.put_back(AUCTION, [], 1)


def _swapped(entries: Sequence[Entry]) -> tuple[list[Entry], int]:
    return [entries[4], entries[3]], len(BIDS)


def _twice(entries: Sequence[Entry]) -> tuple[list[Entry], int]:
    return [entries[3], entries[3]], len(BIDS)


def _beyond_the_last_number(entries: Sequence[Entry]) -> tuple[list[Entry], int]:
    return [entries[5]], 5


def _beyond_any_number(entries: Sequence[Entry]) -> tuple[list[Entry], int]:
    return [entries[5]], SEQUENCE_MAX + 1


@pytest.mark.parametrize("fault", [_swapped, _twice, _beyond_the_last_number, _beyond_any_number])
def test_bids_out_of_sequence_raise_value_error(rig: Rig, fault: object) -> None:
    entries = go_on_from_an_older_copy(rig)
    with pytest.raises(ValueError):
        rig.engine.put_back(AUCTION, *fault(entries))  # type: ignore[operator]
    assert entries_of(rig) == entries[:KEPT]


def test_more_bids_than_one_step_writes_are_all_put_back(rig: Rig) -> None:
    entries = go_on_from_an_older_copy(rig)
    many = [
        replace(entries[5], sequence=number, person=1000 + number, request_id=f"r{number}") for number in range(3, 604)
    ]
    assert rig.engine.put_back(AUCTION, many, 700)
    assert entries_of(rig) == [*entries[:KEPT], *many]
    assert rig.engine.read(AUCTION, LATE).sequence == 700


def test_a_lost_withdrawal_is_put_back_too(rig: Rig) -> None:
    publish(rig.engine)
    place_bids(rig, len(BIDS))
    rig.engine.withdraw(AUCTION, BOB, LATE + 50)
    before = (entries_of(rig), order_of(rig.engine), board(rig), places(rig))
    entries = entries_of(rig)
    rig.engine.trim(AUCTION, SEQUENCE_MAX)
    rig.lose(AUCTION)
    publish(rig.engine)
    place_bids(rig, KEPT)
    rig.check_elsewhere(AUCTION)
    for _ in range(2):
        assert rig.engine.put_back(AUCTION, entries[KEPT:], len(entries))
    rig.engine.resume(AUCTION, RESTARTED)
    assert (entries_of(rig), order_of(rig.engine), board(rig), places(rig)) == before
    assert rig.engine.place(AUCTION, BOB).rank is None and rig.engine.place(AUCTION, BOB).chances_left == 1
