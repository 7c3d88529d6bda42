"""Where people rank, as a snapshot has it.

A snapshot holds no more than the best rows and those around the cut-off line. Who is winning follows from the score of
the last winner. An exact rank comes from a row of the snapshot, or from an answer of the engine that is as new.
"""

from collections.abc import Mapping
from dataclasses import replace

from cashticket.auction.rules import score
from cashticket.auction.values import CHANCES, RankedBid
from cashticket.engine.interface import Place, Snapshot

RowsByPerson = Mapping[int, tuple[int, RankedBid]]
"""Person → rank and bid."""


def rows_by_person(snapshot: Snapshot) -> RowsByPerson:
    """Everybody whose row this snapshot has."""
    rows = {bid.person: (rank, bid) for rank, bid in enumerate(snapshot.edge.bids, snapshot.edge.first)}
    return rows | {bid.person: (rank, bid) for rank, bid in enumerate(snapshot.top, 1)}


def place_in(snapshot: Snapshot, place: Place, rows: RowsByPerson | None = None) -> Place | None:
    """`place`, read at about the same time, as this snapshot has it. None if they disagree about the person's newest
    bid, so that one of them must be read again. `rows` is `rows_by_person(snapshot)`, if already computed.

    The rank is None where it is not known exactly: a place outside the snapshot's rows that is older than it, or that
    was winning then and is not now, or the other way round.
    """
    rank, bid = (rows_by_person(snapshot) if rows is None else rows).get(place.person, (None, None))
    if place.sequence > snapshot.sequence or (bid and bid.sequence != place.sequence):
        return None
    winning = _is_winning(snapshot, place)
    if rank is None and place.version >= snapshot.version and place.winning == winning:
        rank = place.rank
    return replace(
        place,
        version=snapshot.version,
        rank=rank,
        winning=winning,
        recorded=0 < place.sequence <= snapshot.recorded,
    )


def no_place(snapshot: Snapshot, person: int) -> Place:
    """The place of a person who has not bid."""
    return Place(person, snapshot.version, 0, 0, None, winning=False, chances_left=CHANCES, recorded=False)


def _is_winning(snapshot: Snapshot, place: Place) -> bool:
    last = snapshot.last_winner
    if not place.sequence or last is None:
        return place.sequence > 0
    return score(place.amount, place.sequence) >= score(last.amount, last.sequence)
