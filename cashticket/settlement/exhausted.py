"""Telling the organiser that the line of an auction is exhausted: seats are free, and nobody waits for them.

The mail leaves some minutes later and says how many seats are free by then, so that many people who give their seats
back at once are one mail.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from cashticket.auction.values import State
from cashticket.extensions import db
from cashticket.models import Auction, Award, FinalRank, Seat
from cashticket.models.outbox import OrganiserMail
from cashticket.models.outbox_adding import add_organiser_mail

GATHERED = timedelta(minutes=10)
"""How long after a seat stayed free the organiser is told."""

NAMED_MAX = 20
"""How many free seats are named."""


def tell_organiser(session: Session, auction_id: int, last_awards: Collection[int], now: datetime) -> None:
    """Store the mail to the organiser about free seats that nobody waits for, in the caller's unit. `last_awards` are
    the ids of the last award of each; the newest one stands for this occasion, so repeating it is harmless."""
    add_organiser_mail(session, OrganiserMail.LINE_EXHAUSTED, auction_id, max(last_awards), now, wait=GATHERED)


def unsold_seats(auction: Auction) -> tuple[int, list[str]]:
    """How many seats of a settled auction are free although its line is empty, and the names of the best of them, at
    most NAMED_MAX. None are while somebody waits, or the line is paused."""
    waiting = select(FinalRank.rank).where(FinalRank.auction_id == auction.id, FinalRank.waiting == true())
    goes_on = auction.state is State.SETTLED and auction.line_paused_at is None
    if not goes_on or db.session.scalar(select(waiting.exists())):
        return 0, []
    free = (
        select(Award.seat_id)
        .where(Award.auction_id == auction.id)
        .group_by(Award.seat_id)
        .having(func.count(Award.live) == 0)
        .subquery()
    )
    labels = select(Seat.label).join(free, free.c.seat_id == Seat.id).order_by(Seat.number).limit(NAMED_MAX)
    return db.session.scalar(select(func.count()).select_from(free)) or 0, list(db.session.scalars(labels))
