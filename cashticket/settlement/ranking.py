"""Final ranks: written in windows before an auction is claimed, so that no lock is held for long.

Each window is a unit of its own, and rows do not count before the auction has `ranked_at`. So a crash or a second
process at any point is harmless: rows that are there and right are left, all others are written again, and the unit
that sets `ranked_at` first looks whether bids or rows are other than those that this run compared (`find_change`).
"""

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from cashticket.auction import settlement_rules
from cashticket.auction.aliases import alias
from cashticket.auction.values import RankedBid, State
from cashticket.extensions import db
from cashticket.ledger.order import WINDOW_ROWS, differing_rank, order_windows, size_of_ledger
from cashticket.models import Auction, FinalRank
from cashticket.models.units import in_one_unit
from cashticket.settlement import line
from cashticket.settlement.readiness import NotReady

PROGRESS_ROWS = 10_000
"""So many ranks are written between two lines of progress in the log."""

log = logging.getLogger(__name__)


class Overtaken(Exception):
    """Another process has settled or voided the auction meanwhile."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The ranks of an auction are stored. `size` is that of the ledger they come from; `digest` is of all ranks."""

    auction_id: int
    size: tuple[int, int]
    digest: bytes


class Line:
    """Draws the line between winners and the others, window by window, best first. Without seats nobody wins or
    waits."""

    def __init__(self, seats: int) -> None:
        self.has_seats, self._seats, self._won = seats > 0, seats, 0

    @property
    def is_drawn(self) -> bool:
        """Whether all seats are won, so that everybody further down is in the line."""
        return self._won >= self._seats

    def places(
        self, first: int, bids: Sequence[RankedBid], passed_over: Collection[int]
    ) -> list[tuple[int | None, bool]]:
        """`line_place` and `waiting` of a window that begins at rank `first`."""
        if not self.has_seats:
            return [(None, False)] * len(bids)
        winners = {bid.person for bid in settlement_rules.winners(bids, self._seats - self._won, passed_over)}
        places: list[tuple[int | None, bool]] = []
        for rank, bid in enumerate(bids, first):
            won = bid.person in winners
            self._won += won
            places.append((None, False) if won else (rank - self._won, bid.person not in passed_over))
        return places


def find_difference(auction_id: int, engine_order: Iterable[RankedBid]) -> NotReady | None:
    """Compare the order of the ledger with that of the live store, window by window. None if they are the same."""
    theirs, rank = iter(engine_order), 0
    for bids in order_windows(auction_id):
        window = list(islice(theirs, len(bids)))
        for ours, other in zip(bids, window, strict=False):
            rank += 1
            if ours != other:
                numbers = f"bids {ours.sequence} and {other.sequence}"
                return NotReady("order_differs", f"ledger and live store differ from rank {rank} ({numbers})")
        if len(window) < len(bids):
            return NotReady("order_differs", f"the ledger ranks more people than the live store, which ranks {rank}")
    if next(theirs, None) is not None:
        return NotReady("order_differs", f"the ledger ranks {rank} people, the live store more")
    return None


def write_ranks(auction_id: int) -> Ranking:
    """Store the final ranks of an auction whose bids are all recorded. They do not count before `ranked_at` is set.

    In an auction that was voided before it was settled nobody wins or waits. Logs its progress. Raises Overtaken.
    """
    size = size_of_ledger(db.session(), auction_id)
    auction = db.session.get_one(Auction, auction_id)
    salt, voided = auction.alias_salt, auction.state is State.VOIDED
    drawn = Line(0 if voided else auction.seats)
    db.session.rollback()
    first, digest = 1, sha256()
    for bids in order_windows(auction_id):
        digest.update(_text((rank, bid.person, bid.amount, bid.sequence) for rank, bid in enumerate(bids, first)))
        _write_window(auction_id, salt, drawn, first, bids)
        first += len(bids)
        if (first - 1) // PROGRESS_ROWS > (first - 1 - len(bids)) // PROGRESS_ROWS:
            log.info("auction %s: %s ranks are stored", auction_id, first - 1)
    in_one_unit(lambda session: _delete_beyond(session, auction_id, first - 1, voided=voided))
    return Ranking(auction_id, size, digest.digest())


def find_change(session: Session, ranking: Ranking) -> NotReady | None:
    """What changed since the ranks were written, None if nothing did.

    Call it with the auction's row locked, so that nobody writes ranks until the unit ends. Bids are only added: with as
    many as before the order is the same. Reading the rows once takes far less time than sorting all bids again.
    """
    auction_id = ranking.auction_id
    if size_of_ledger(session, auction_id) != ranking.size:
        return NotReady("not_ranked", "bids were recorded while the ranks were stored: it is tried again")
    if _stored_digest(session, auction_id) == ranking.digest:
        return None
    rank = differing_rank(session, auction_id)
    return NotReady("not_ranked", f"the stored ranks differ from the bids from rank {rank}: it is tried again")


def _stored_digest(session: Session, auction_id: int) -> bytes:
    digest = sha256()
    columns = (FinalRank.rank, FinalRank.person_id, FinalRank.amount, FinalRank.sequence)
    rows = select(*columns).where(FinalRank.auction_id == auction_id).order_by(FinalRank.rank)
    for window in session.execute(rows, execution_options={"yield_per": WINDOW_ROWS}).partitions():
        digest.update(_text(window))
    return digest.digest()


def _text(rows: Iterable[Sequence[int]]) -> bytes:
    return "".join(f"{rank} {person} {amount} {sequence}\n" for rank, person, amount, sequence in rows).encode()


def _write_window(auction_id: int, salt: str, drawn: Line, first: int, bids: Sequence[RankedBid]) -> None:
    aliases = [alias(salt, auction_id, bid.person) for bid in bids]
    people = [bid.person for bid in bids]
    places: list[list[tuple[int | None, bool]]] = []

    def work(session: Session) -> None:
        concert_id = _lock_unranked(session, auction_id, voided=not drawn.has_seats)
        passed_over = line.passed_over(session, concert_id, people)
        # A unit may run several times; the line is drawn once.
        places[:] = places or [drawn.places(first, bids, passed_over)]
        rows = [
            _row(auction_id, rank, bid, code, *place, waits=bid.person not in passed_over)
            for rank, (bid, code, place) in enumerate(zip(bids, aliases, places[0], strict=True), first)
        ]
        _store_window(session, auction_id, first, rows)

    in_one_unit(work)


def _row(
    auction_id: int, rank: int, bid: RankedBid, code: str, line_place: int | None, was_waiting: bool, *, waits: bool
) -> dict[str, Any]:
    return {
        "auction_id": auction_id,
        "rank": rank,
        "person_id": bid.person,
        "amount": bid.amount,
        "sequence": bid.sequence,
        "alias": code,
        "line_place": line_place,
        "waiting": was_waiting and waits,
    }


def _lock_unranked(session: Session, auction_id: int, *, voided: bool) -> int:
    """The concert of an auction, whose row is locked. Raises Overtaken if its ranks count already, or if it is voided
    and was not before."""
    auction = session.scalars(select(Auction).where(Auction.id == auction_id).with_for_update()).one()
    if auction.ranked_at is not None or (auction.state is State.VOIDED) is not voided:
        raise Overtaken(f"another process has finished auction {auction_id}")
    return auction.concert_id


def _store_window(session: Session, auction_id: int, first: int, rows: list[dict[str, Any]]) -> None:
    mine = FinalRank.auction_id == auction_id
    present = mine & FinalRank.rank.between(first, first + len(rows) - 1)
    columns = [FinalRank.__table__.c[name] for name in rows[0]]
    stored = session.execute(select(*columns).where(present).order_by(FinalRank.rank))
    if [row._asdict() for row in stored] == rows:
        return
    same_people = mine & FinalRank.person_id.in_([row["person_id"] for row in rows])
    for stale in (present, same_people):
        session.execute(delete(FinalRank).where(stale), execution_options={"synchronize_session": False})
    session.execute(insert(FinalRank), rows)


def _delete_beyond(session: Session, auction_id: int, last: int, *, voided: bool) -> None:
    _lock_unranked(session, auction_id, voided=voided)
    beyond = delete(FinalRank).where(FinalRank.auction_id == auction_id, FinalRank.rank > last)
    session.execute(beyond, execution_options={"synchronize_session": False})
