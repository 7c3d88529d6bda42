"""Sequence numbers that are given up: the live store lost the bids that had them, or may have had them.

A number that somebody may hold a receipt for is never given to another bid. What was lost is a row that everybody who
compares, settles or exports can see; nothing is filled in by guess.
"""

import logging
from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cashticket.extensions import db
from cashticket.models import Auction, Quarantined, SequenceGap
from cashticket.models.units import in_one_unit

log = logging.getLogger(__name__)


def gaps_of(auction_id: int, session: Session | None = None) -> Sequence[SequenceGap]:
    """The gaps of an auction, in sequence."""
    found = select(SequenceGap).where(SequenceGap.auction_id == auction_id).order_by(SequenceGap.first)
    return (session or db.session).scalars(found).all()


def width(gaps: Sequence[SequenceGap]) -> int:
    """How many numbers these gaps hold."""
    return sum(gap.last - gap.first + 1 for gap in gaps)


def give_up(auction_id: int, through: int, reason: str) -> SequenceGap | None:
    """Give up every number after the recorded ones up to `through`; None when all of them are recorded by now.

    Unreadable entries that were set aside since then are among the lost bids and keep a number of the gap each, so that
    settlement waits until somebody has looked at them.
    """
    return in_one_unit(lambda session: _give_up(session, auction_id, through, reason))


def _give_up(session: Session, auction_id: int, through: int, reason: str) -> SequenceGap | None:
    recorded = session.scalars(
        select(Auction.recorded_sequence).where(Auction.id == auction_id).with_for_update()
    ).one()
    if through <= recorded:
        return None
    moved = session.execute(
        update(Auction)
        .where(Auction.id == auction_id, Auction.recorded_sequence == recorded)
        .values(recorded_sequence=through),
        execution_options={"synchronize_session": False},
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        return None
    gap = SequenceGap(auction_id=auction_id, first=recorded + 1, last=through, reason=reason[:500])
    session.add(gap)
    numbers = range(recorded + 1, through + 1)
    for entry, sequence in zip(_unplaced(session, auction_id), numbers, strict=False):
        entry.sequence = sequence
        entry.reason = f"{entry.reason} (one of bids {gap.first} to {gap.last})"[:500]
    session.flush()
    log.error("auction %s: bids %s to %s are given up: %s", auction_id, gap.first, gap.last, reason)
    return gap


def _unplaced(session: Session, auction_id: int) -> Sequence[Quarantined]:
    return session.scalars(
        select(Quarantined)
        .where(Quarantined.auction_id == auction_id, Quarantined.sequence.is_(None), Quarantined.resolved_at.is_(None))
        .order_by(Quarantined.id)
    ).all()
