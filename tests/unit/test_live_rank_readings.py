"""Exact ranks of people whose rows no board shows, and the rows around them."""

import time
from collections.abc import Sequence
from dataclasses import replace

import pytest

from cashticket.auction.values import Permission
from cashticket.engine.interface import OrderRows, Place
from cashticket.engine.memory_engine import MemoryEngine
from cashticket.live.pieces import standing_context, standing_of
from cashticket.live.rank_readings import ROWS_AT_ONCE, RankReading, read_ranks
from tests.staging.watchers import ALICE, AUCTION, bid, open_auction

SEATS, BIDDERS = 60, 600
FIRST_PERSON = 1_000


class CountingEngine(MemoryEngine):
    """Remembers which windows of the order were read."""

    def __init__(self) -> None:
        super().__init__()
        self.windows: list[tuple[int, int]] = []

    def rows(self, auction_id: int, first: int, count: int) -> OrderRows:
        self.windows.append((first, count))
        return super().rows(auction_id, first, count)


@pytest.fixture(scope="module")
def shared_engine() -> CountingEngine:
    engine = CountingEngine()
    open_auction(engine, seats=SEATS)
    for person in range(FIRST_PERSON, FIRST_PERSON + BIDDERS):
        engine.introduce(AUCTION, person, Permission.OK, 1, 1)
        bid(engine, person, 100_000 + 5_000 * (FIRST_PERSON + BIDDERS - person))
    return engine


@pytest.fixture
def engine(shared_engine: CountingEngine) -> CountingEngine:
    shared_engine.windows.clear()
    return shared_engine


def person_at(rank: int) -> int:
    return FIRST_PERSON + rank - 1


def places(engine: CountingEngine, ranks: Sequence[int]) -> list[Place]:
    return list(engine.places(AUCTION, [person_at(rank) for rank in ranks]).values())


def test_two_rows_on_each_side_are_read_with_the_rank(engine: CountingEngine) -> None:
    snapshot = engine.read(AUCTION)
    reading = read_ranks(engine, snapshot, places(engine, [200]))[person_at(200)]
    around = [bid.person for bid in reading.around.bids]
    assert (reading.rank, reading.at_ms) == (200, snapshot.now_ms)
    assert (reading.around.first, around) == (198, [person_at(rank) for rank in range(198, 203)])


def test_the_last_of_all_has_nobody_below(engine: CountingEngine) -> None:
    reading = read_ranks(engine, engine.read(AUCTION), places(engine, [BIDDERS]))[person_at(BIDDERS)]
    assert [bid.person for bid in reading.around.bids] == [person_at(rank) for rank in (598, 599, 600)]


def test_people_who_rank_close_to_each_other_share_a_round_trip(engine: CountingEngine) -> None:
    readings = read_ranks(engine, engine.read(AUCTION), places(engine, [100, 104, 300, 500]))
    assert engine.windows == [(98, 9), (298, 5), (498, 5)]
    assert all(len(reading.around.bids) == 5 for reading in readings.values())


def test_no_more_rows_are_read_than_shown_or_at_once(engine: CountingEngine) -> None:
    ranks = range(70, BIDDERS - 5)
    readings = read_ranks(engine, engine.read(AUCTION), places(engine, ranks))
    assert max(count for _, count in engine.windows) <= ROWS_AT_ONCE
    assert all(len(readings[person_at(rank)].around.bids) == 5 for rank in ranks)


def test_without_time_left_the_rank_comes_without_its_neighbours(engine: CountingEngine) -> None:
    reading = read_ranks(engine, engine.read(AUCTION), places(engine, [200]), deadline=time.monotonic())
    assert reading[person_at(200)].rank == 200 and not reading[person_at(200)].around.bids
    assert not engine.windows


def test_rows_that_moved_between_two_reads_correct_the_rank(engine: CountingEngine) -> None:
    moved = replace(places(engine, [200])[0], rank=201)
    reading = read_ranks(engine, engine.read(AUCTION), [moved])[person_at(200)]
    assert reading.rank == 200
    assert person_at(200) in [bid.person for bid in reading.around.bids]


def test_a_standing_shows_the_neighbours_only_while_the_board_has_not_the_own_row(engine: CountingEngine) -> None:
    shown = {rank: standing_context(engine, AUCTION, person_at(rank))["neighbours"] for rank in (1, 20, 40, 58, 65, 66)}
    assert {rank: [row["rank"] for row in rows] for rank, rows in shown.items()} == {
        1: [],
        20: [],
        40: [38, 39, 40, 41, 42],
        58: [],
        65: [],
        66: [64, 65, 66, 67, 68],
    }
    assert shown[40][2]["alias"] == standing_context(engine, AUCTION, person_at(40))["alias"]


def test_neighbours_are_not_read_for_who_asks_for_none_or_has_not_bid(engine: CountingEngine) -> None:
    assert not standing_context(engine, AUCTION, person_at(40), neighbours=False)["neighbours"]
    assert not standing_context(engine, AUCTION, ALICE)["neighbours"]
    assert not engine.windows


def test_the_last_known_rank_stays_with_its_moment_while_prices_move(engine: CountingEngine) -> None:
    snapshot = engine.read(AUCTION)
    place = places(engine, [200])[0]
    reading = read_ranks(engine, snapshot, [place])[place.person]
    exact = standing_of(snapshot, place, reading)
    assert (exact["rank"], exact["rank_at_ms"]) == (200, None)
    later = standing_of(snapshot, replace(place, rank=None), reading)
    assert (later["rank"], later["rank_at_ms"], later["neighbours_at_ms"]) == (200, snapshot.now_ms, snapshot.now_ms)
    assert [row["rank"] for row in later["neighbours"]] == [198, 199, 200, 201, 202]


@pytest.mark.parametrize("change", [{"sequence": 9_999}, {"winning": True}])
def test_a_rank_of_an_earlier_bid_or_of_the_other_side_of_the_line_is_not_shown(
    engine: CountingEngine, change: dict[str, int]
) -> None:
    snapshot = engine.read(AUCTION)
    place = replace(places(engine, [200])[0], rank=None)
    reading: RankReading = read_ranks(engine, snapshot, places(engine, [200]))[place.person]
    standing = standing_of(snapshot, replace(place, **change), reading)
    assert (standing["rank"], standing["rank_at_ms"], standing["neighbours"]) == (None, None, [])
