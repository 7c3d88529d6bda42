"""Reads of awards for jobs, the watch and the check. Reads for pages are in `queries` and `person_queries`."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager, joinedload

from cashticket.auction.values import AwardState
from cashticket.extensions import db
from cashticket.models import Award, AwardEvent, Seat

SEATS_A_WINDOW = 100
"""Seats whose awards are read at once where all of an auction are listed."""


def awards_of(auction_id: int) -> Sequence[Award]:
    """All awards of an auction with their seats, oldest first."""
    awards = select(Award).where(Award.auction_id == auction_id).options(joinedload(Award.seat)).order_by(Award.id)
    return db.session.scalars(awards).all()


def count_awards(auction_id: int) -> int:
    """How many awards of an auction there are, in any state."""
    return db.session.scalar(select(func.count()).select_from(Award).where(Award.auction_id == auction_id)) or 0


def awards_by_seat(auction_id: int) -> Iterator[Award]:
    """Every award of an auction with its seat: the best seat first, and of each seat its first holder first. A window
    of seats is in memory at a time; a row that came before must not be used any more."""
    last = db.session.scalar(select(func.max(Seat.number)).where(Seat.auction_id == auction_id)) or 0
    rows = select(Award).join(Award.seat).options(contains_eager(Award.seat)).where(Seat.auction_id == auction_id)
    for first in range(1, last + 1, SEATS_A_WINDOW):
        window = rows.where(Seat.number.between(first, first + SEATS_A_WINDOW - 1))
        yield from db.session.scalars(window.order_by(Seat.number, Award.id)).all()
        db.session.rollback()


def award(award_id: int) -> Award | None:
    """One award with its seat."""
    return db.session.scalar(select(Award).where(Award.id == award_id).options(joinedload(Award.seat)))


def changes_of_seat(seat_id: int) -> Sequence[tuple[AwardEvent, Award]]:
    """Every change of the awards of a seat, each with its award, in the order in which they happened."""
    changes = select(AwardEvent, Award).join(Award, Award.id == AwardEvent.award_id).where(Award.seat_id == seat_id)
    return [(event, of) for event, of in db.session.execute(changes.order_by(AwardEvent.number))]


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
