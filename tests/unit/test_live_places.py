"""In or out, and the exact rank, from a snapshot that has only some of the rows."""

from dataclasses import replace

import pytest

from cashticket.auction.values import Permission
from cashticket.engine.interface import Engine, Place, Snapshot
from cashticket.engine.memory_engine import MemoryEngine
from cashticket.live.board_rows import board_rows
from cashticket.live.places import place_in, rows_by_person
from tests.staging.watchers import AUCTION, bid, open_auction

FIRST_PERSON = 1_000


def filled(seats: int, bidders: int) -> Engine:
    """An auction with so many bidders, the best first. Two neighbours always bid the same amount."""
    engine = MemoryEngine()
    open_auction(engine, seats=seats)
    for person in range(FIRST_PERSON, FIRST_PERSON + bidders):
        engine.introduce(AUCTION, person, Permission.OK, 1, 1)
        bid(engine, person, 100_000 + 5_000 * ((bidders + FIRST_PERSON - person) // 2))
    return engine


def places(engine: Engine, bidders: int) -> list[Place]:
    people = range(FIRST_PERSON, FIRST_PERSON + bidders)
    return list(engine.places(AUCTION, list(people)).values())


def older(place: Place) -> Place:
    """A place as it is remembered from an earlier version: without its rank."""
    return replace(place, version=0, winning=False, rank=None)


@pytest.mark.parametrize(("seats", "bidders"), [(1, 3), (20, 18), (20, 20), (20, 60), (60, 200), (60, 59)])
def test_who_is_winning_is_known_in_memory_for_everybody(seats: int, bidders: int) -> None:
    engine = filled(seats, bidders)
    snapshot = engine.read(AUCTION)
    for place in places(engine, bidders):
        agreed = place_in(snapshot, older(place))
        assert agreed is not None and agreed.winning == place.winning == (
            place.rank is not None and place.rank <= seats
        )


@pytest.mark.parametrize(("seats", "bidders"), [(1, 3), (20, 18), (20, 60)])
def test_up_to_twenty_seats_every_winner_has_an_exact_rank_in_memory(seats: int, bidders: int) -> None:
    engine = filled(seats, bidders)
    snapshot = engine.read(AUCTION)
    for place in places(engine, bidders)[:seats]:
        agreed = place_in(snapshot, older(place))
        assert agreed is not None and agreed.rank == place.rank


def test_ranks_around_the_cut_off_line_are_exact_in_memory() -> None:
    engine = filled(60, 200)
    snapshot = engine.read(AUCTION)
    exact = {rank for place in places(engine, 200) if (rank := _rank(snapshot, older(place)))}
    assert exact == {*range(1, 21), *range(56, 66)}


def test_a_rank_from_an_older_read_is_not_shown_as_exact() -> None:
    engine = filled(60, 200)
    snapshot = engine.read(AUCTION)
    thirtieth = engine.place(AUCTION, FIRST_PERSON + 29)
    assert _rank(snapshot, thirtieth) == thirtieth.rank == 30
    assert _rank(snapshot, replace(thirtieth, version=snapshot.version - 1)) is None


def test_a_rank_that_contradicts_the_snapshot_is_not_shown() -> None:
    engine = filled(60, 200)
    snapshot = engine.read(AUCTION)
    newer = replace(engine.place(AUCTION, FIRST_PERSON + 29), version=snapshot.version + 1, rank=70, winning=False)
    assert _rank(snapshot, newer) is None


def _rank(snapshot: Snapshot, place: Place) -> int | None:
    agreed = place_in(snapshot, place, rows_by_person(snapshot))
    assert agreed is not None
    return agreed.rank


@pytest.mark.parametrize(
    ("seats", "bidders", "top", "hidden", "edge", "below", "rest", "is_full"),
    [
        pytest.param(3, 0, [], 0, [], [], 0, False, id="no bids"),
        pytest.param(3, 2, [1, 2], 0, [], [], 0, False, id="seats are free"),
        pytest.param(3, 3, [1, 2, 3], 0, [], [], 0, True, id="just full"),
        pytest.param(3, 12, [1, 2, 3], 0, [], [4, 5, 6, 7, 8], 4, True, id="few seats"),
        pytest.param(23, 25, [*range(1, 21)], 0, [21, 22, 23], [24, 25], 0, True, id="the edge follows the top"),
        pytest.param(60, 59, [*range(1, 21)], 34, [*range(55, 60)], [], 0, False, id="many seats, one free"),
        pytest.param(60, 90, [*range(1, 21)], 35, [*range(56, 61)], [*range(61, 66)], 25, True, id="many seats"),
    ],
)
def test_a_board_shows_the_best_bids_and_both_sides_of_the_line(
    seats: int, bidders: int, top: list[int], hidden: int, edge: list[int], below: list[int], rest: int, is_full: bool
) -> None:
    rows = board_rows(filled(seats, bidders).read(AUCTION))
    shown = [[row["rank"] for row in part] for part in (rows.top, rows.edge, rows.below)]
    assert (shown, rows.hidden, rows.rest, rows.is_full) == ([top, edge, below], hidden, rest, is_full)
    assert len(top) + hidden + len(edge) + len(below) + rest == bidders
    assert rows.free == max(0, seats - bidders)
