"""Outages in the ledger: the rows, and the end in force that moved with them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, insert, select, update
from sqlalchemy.orm import Session

from cashticket import models
from cashticket.auction.outages import Outage
from cashticket.auction.settlement_rules import latest_end
from cashticket.auction.values import UNFINISHED_STATES
from cashticket.extensions import db
from cashticket.locale import to_moment, to_ms
from cashticket.models import Auction, Concert
from cashticket.models.units import in_one_unit


@dataclass(frozen=True, slots=True)
class RecordedEnd:
    """What the ledger has of an auction's end, in ms: as announced, in force, the latest that the concert allows, and
    when the last recorded outage ended (0 before the first)."""

    closes_at_ms: int
    ends_at_ms: int
    deadline_ms: int
    outage_ended_ms: int


def recorded_ends(auction_ids: Collection[int]) -> dict[int, RecordedEnd]:
    """The ends of those of these auctions that are in the ledger, by one statement."""
    if not auction_ids:
        return {}
    last = func.max(models.Outage.ended_at)
    rows = db.session.execute(
        select(Auction.id, Auction.closes_at, Auction.ends_at, Concert.cancel_until, last)
        .join(Concert, Concert.id == Auction.concert_id)
        .outerjoin(models.Outage, models.Outage.auction_id == Auction.id)
        .where(Auction.id.in_(auction_ids))
        .group_by(Auction.id, Auction.closes_at, Auction.ends_at, Concert.cancel_until)
    )
    return {
        auction_id: RecordedEnd(to_ms(closes_at), to_ms(ends_at), latest_end(to_ms(deadline)), _ms(ended_at))
        for auction_id, closes_at, ends_at, deadline, ended_at in rows
    }


def record(auction_id: int, outage: Outage) -> bool:
    """Keep an outage as a row and move the recorded end with it. Returns False, with nothing changed, when it is there
    already. Its number is the next one in the ledger: a live store that lost some goes on counting from fewer."""
    return in_one_unit(lambda session: _record(session, auction_id, outage))


def outages_of(auction_id: int) -> Sequence[models.Outage]:
    """The outages of an auction, oldest first."""
    return db.session.scalars(
        select(models.Outage).where(models.Outage.auction_id == auction_id).order_by(models.Outage.number)
    ).all()


def last_outage(auction_id: int) -> Outage | None:
    """The newest outage of an auction, None before the first."""
    rows = outages_of(auction_id)
    return value_of(rows[-1]) if rows else None


def value_of(row: models.Outage) -> Outage:
    """The outage that a row keeps."""
    return Outage(
        number=row.number,
        began_ms=to_ms(row.began_at),
        ended_ms=to_ms(row.ended_at),
        ends_before_ms=to_ms(row.ends_before),
        ends_after_ms=to_ms(row.ends_after),
        reason=row.reason,
    )


def _record(session: Session, auction_id: int, outage: Outage) -> bool:
    end = to_moment(outage.ends_after_ms)
    # The row of the auction first: it stays locked, so two that record the same outage come one after the other.
    session.execute(
        update(Auction)
        .where(Auction.id == auction_id, Auction.state.in_(UNFINISHED_STATES))
        .values(ends_at=case((Auction.ends_at < end, end), else_=Auction.ends_at)),
        execution_options={"synchronize_session": False},
    )
    row = models.Outage
    number, ended_at = session.execute(
        select(func.max(row.number), func.max(row.ended_at)).where(row.auction_id == auction_id)
    ).one()
    if _ms(ended_at) >= outage.ended_ms:
        return False
    moments = {
        "began_at": to_moment(outage.began_ms),
        "ended_at": to_moment(outage.ended_ms),
        "ends_before": to_moment(outage.ends_before_ms),
        "ends_after": end,
    }
    values = {"auction_id": auction_id, "number": (number or 0) + 1, **moments, "reason": outage.reason}
    session.execute(insert(row).values(values))
    return True


def _ms(moment: datetime | None) -> int:
    return to_ms(moment) if moment else 0
