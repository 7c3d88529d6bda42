"""Reads of awards for jobs, the watch and the check. Reads for pages are in `queries` and `person_queries`."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from cashticket.auction.values import AwardState
from cashticket.extensions import db
from cashticket.models import Award, AwardEvent


def awards_of(auction_id: int) -> Sequence[Award]:
    """All awards of an auction with their seats, oldest first."""
    awards = select(Award).where(Award.auction_id == auction_id).options(joinedload(Award.seat)).order_by(Award.id)
    return db.session.scalars(awards).all()


def names(auction_id: int, people: Sequence[int]) -> dict[int, str | None]:
    """The name that the award of each of these people was made for, if they have one; None where an older release made
    the award."""
    rows = db.session.execute(
        select(Award.person_id, Award.person_name).where(Award.auction_id == auction_id, Award.person_id.in_(people))
    )
    return {person_id: name for person_id, name in rows}  # noqa: C416 - typed row by row


def award_events(auction_id: int) -> Sequence[AwardEvent]:
    """Every change of an auction's awards, in the order of their numbers."""
    events = select(AwardEvent).where(AwardEvent.auction_id == auction_id).order_by(AwardEvent.number)
    return db.session.scalars(events).all()


def auctions_with_lapses(now: datetime) -> Sequence[int]:
    """Ids of the auctions with an offered award that had expired at `now` (UTC) and has not lapsed yet."""
    expired = select(Award.auction_id).where(Award.state == AwardState.OFFERED, Award.expires_at <= now)
    return db.session.scalars(expired.distinct().order_by(Award.auction_id)).all()
