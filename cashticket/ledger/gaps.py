"""Gaps: sequence numbers given up because the live store lost, or may have lost, the bids that had them.

Somebody may hold a receipt for such a number, so no other bid ever gets it. A gap is a row of its own that checks,
settlement and exports read; lost bids are never guessed.
"""

import logging
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from cashticket.extensions import db
from cashticket.ledger.fence import move_fence
from cashticket.ledger.setting_aside import unplaced_entries
from cashticket.models import Auction, SequenceGap
from cashticket.models.units import in_one_unit

log = logging.getLogger(__name__)


def gaps_of(auction_id: int, session: Session | None = None) -> Sequence[SequenceGap]:
    """The gaps of an auction, in sequence."""
    gaps = select(SequenceGap).where(SequenceGap.auction_id == auction_id).order_by(SequenceGap.first)
    return (session or db.session).scalars(gaps).all()


def gaps_between(auction_id: int, first: int, last: int) -> Sequence[SequenceGap]:
    """The gaps of an auction that hold a number from `first` to `last`, in sequence."""
    within = (SequenceGap.auction_id == auction_id, SequenceGap.first <= last, SequenceGap.last >= first)
    return db.session.scalars(select(SequenceGap).where(*within).order_by(SequenceGap.first)).all()


def width(gaps: Sequence[SequenceGap]) -> int:
    """How many sequence numbers these gaps hold."""
    return sum(gap.last - gap.first + 1 for gap in gaps)


def give_up(auction_id: int, through: int, reason: str) -> SequenceGap | None:
    """Give up all numbers after the last recorded one, up to `through`. Returns the gap, None if there are none.

    Unplaced quarantined entries are among the lost bids, so each gets a number of the gap. They keep settlement waiting
    until an operator has decided about them.
    """
    return in_one_unit(lambda session: _give_up(session, auction_id, through, reason))


def _give_up(session: Session, auction_id: int, through: int, reason: str) -> SequenceGap | None:
    # The lock keeps drains from moving the fence in between.
    recorded = session.scalars(
        select(Auction.recorded_sequence).where(Auction.id == auction_id).with_for_update()
    ).one()
    if through <= recorded:
        return None
    move_fence(session, auction_id, recorded, through)
    gap = SequenceGap(auction_id=auction_id, first=recorded + 1, last=through, reason=reason[:500])
    session.add(gap)
    numbers = range(recorded + 1, through + 1)
    for entry, sequence in zip(unplaced_entries(session, auction_id), numbers, strict=False):
        entry.sequence = sequence
        entry.reason = f"{entry.reason} (one of bids {gap.first} to {gap.last})"[:500]
    session.flush()
    log.error("auction %s: bids %s to %s are given up: %s", auction_id, gap.first, gap.last, reason)
    return gap
