"""What a person was told, newest first, and what of it was not read yet. Reads alone, but for marking."""

from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, CursorResult, func, select, update
from sqlalchemy.orm import Session

from cashticket.extensions import db
from cashticket.models import Auction, Concert, Notification
from cashticket.models.notices import RANK_OUT
from cashticket.models.units import in_one_unit


class Told(NamedTuple):
    """A notice with the concert it speaks of."""

    notice: Notification
    concert: Concert


def told(person_id: int, before: int | None = None, most: int = 30) -> list[Told]:
    """A person's newest notices, at most `most`; with `before`, only those older than the notice of that id."""
    found = (
        select(Notification, Concert)
        .join(Auction, Auction.id == Notification.auction_id)
        .join(Concert, Concert.id == Auction.concert_id)
        .where(Notification.person_id == person_id)
        .order_by(Notification.id.desc())
        .limit(most)
    )
    if before is not None:
        found = found.where(Notification.id < before)
    return [Told(notice, concert) for notice, concert in db.session.execute(found)]


def unread(person_id: int) -> int:
    """How many notices a person has not read yet."""
    waiting = select(func.count()).select_from(Notification)
    waiting = waiting.where(Notification.person_id == person_id, Notification.seen_at.is_(None))
    return db.session.scalar(waiting) or 0


def mark_read(person_id: int, through: int, now: datetime) -> int:
    """Mark a person's notices up to the id `through` as read at `now` (UTC); how many were not read before.

    What arrived after that notice was shown stays unread. Repeating it changes nothing.
    """

    def work(session: Session) -> int:
        waiting = update(Notification).where(
            Notification.person_id == person_id, Notification.id <= through, Notification.seen_at.is_(None)
        )
        marked = session.execute(waiting.values(seen_at=now), execution_options={"synchronize_session": False})
        return cast("CursorResult[Any]", marked).rowcount

    return in_one_unit(work)


def unseen_rank_out(person_id: int, auction_id: int) -> int:
    """The newest bid that pushed a person out of an auction and that they have not read of; 0 when there is none."""
    newest = select(func.max(Notification.occasion)).where(*_rank_outs(person_id, auction_id))
    return db.session.scalar(newest.where(Notification.seen_at.is_(None))) or 0


def acknowledge_rank_out(person_id: int, auction_id: int, sequence: int, now: datetime) -> int:
    """Mark a person's displacements from an auction, up to that by the bid `sequence`, as read at `now` (UTC); how many
    were not read before."""

    def work(session: Session) -> int:
        waiting = update(Notification).where(
            *_rank_outs(person_id, auction_id), Notification.occasion <= sequence, Notification.seen_at.is_(None)
        )
        marked = session.execute(waiting.values(seen_at=now), execution_options={"synchronize_session": False})
        return cast("CursorResult[Any]", marked).rowcount

    return in_one_unit(work)


def _rank_outs(person_id: int, auction_id: int) -> tuple[ColumnElement[bool], ...]:
    mine = Notification.person_id == person_id, Notification.auction_id == auction_id
    return (*mine, Notification.kind == RANK_OUT)
