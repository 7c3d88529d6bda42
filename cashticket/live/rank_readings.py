"""The exact rank of a person whose row is not on the board, with the rows around it.

Both are read now and then, and shown with the moment of the reading until the next one.
"""

import math
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cashticket.auction.rules import is_winning
from cashticket.engine.interface import Engine, OrderRows, Place, Snapshot

NEIGHBOURS = 2
"""Rows that are shown on each side of a person's own, at most."""

ROWS_AT_ONCE = 200
"""Rows that one round trip reads at most, for people who rank close to each other."""


@dataclass(frozen=True, slots=True)
class RankReading:
    """A person's rank at `at_ms`, for the bid `sequence`, and the rows `around` it, the person's own among them. None
    are there if the order changed too much between two reads, or time was short."""

    sequence: int
    rank: int
    at_ms: int
    around: OrderRows

    def agrees_with(self, place: Place, seats: int) -> bool:
        """Whether this may still be shown beside a newer place: for the same bid, and on the same side of the line."""
        return self.sequence == place.sequence and is_winning(self.rank, seats) == place.winning


def read_ranks(
    engine: Engine, snapshot: Snapshot, places: Iterable[Place], deadline: float = math.inf
) -> dict[int, RankReading]:
    """Person → reading, for places with an exact rank in this snapshot. The rows around them are read until `deadline`
    (monotonic seconds). Raises UnknownAuction, StoreUnavailable."""
    ranked = {place.person: place for place in places if place.rank is not None}
    readings = {
        person: RankReading(place.sequence, place.rank or 0, snapshot.now_ms, OrderRows(1, ()))
        for person, place in ranked.items()
    }
    for first, last in _windows(sorted(place.rank or 0 for place in ranked.values())):
        if time.monotonic() >= deadline:
            break
        rows = engine.rows(snapshot.terms.auction_id, first, last - first + 1)
        for rank, bid in enumerate(rows.bids, first):
            place = ranked.get(bid.person)
            # The order may have changed since the ranks were read: the rows are newer.
            if place is None or bid.sequence != place.sequence:
                continue
            around = _around(rows, rank)
            # Windows may overlap: the one in which somebody has more neighbours counts.
            if len(around.bids) > len(readings[bid.person].around.bids):
                readings[bid.person] = RankReading(bid.sequence, rank, snapshot.now_ms, around)
    return readings


def _around(rows: OrderRows, rank: int) -> OrderRows:
    start = max(0, rank - rows.first - NEIGHBOURS)
    return OrderRows(rows.first + start, rows.bids[start : rank - rows.first + NEIGHBOURS + 1])


def _windows(ranks: Iterable[int]) -> Iterator[tuple[int, int]]:
    """First and last rank of windows that cover the neighbourhoods of these ascending ranks. Those that touch are one,
    so nothing is read that nobody is shown."""
    first = last = 0
    for rank in ranks:
        start = max(1, rank - NEIGHBOURS)
        if last and start <= last + 1 and rank + NEIGHBOURS - first < ROWS_AT_ONCE:
            last = rank + NEIGHBOURS
            continue
        if last:
            yield first, last
        first, last = start, rank + NEIGHBOURS
    if last:
        yield first, last
