"""A person's notices, newest first, and which of them were not read yet. Changes nothing but the mark `seen_at`."""

from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, CursorResult, bindparam, func, select, update
from sqlalchemy.orm import Session

from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.models import Auction, Concert, Notification
from cashticket.models.units import in_one_unit

# Built once: nearly every page counts.
UNREAD = (
    select(func.count())
    .select_from(Notification)
    .where(Notification.person_id == bindparam("person"), Notification.seen_at.is_(None))
)


class InboxItem(NamedTuple):
    """A notice with its auction and the concert of that; without them, it is about the account."""

    notice: Notification
    auction: Auction | None
    concert: Concert | None


def newest(person_id: int, before: int | None = None, limit: int = 30) -> list[InboxItem]:
    """A person's newest notices, at most `limit`; with `before`, only those older than the notice of that id."""
    rows = (
        select(Notification, Auction, Concert)
        .outerjoin(Auction, Auction.id == Notification.auction_id)
        .outerjoin(Concert, Concert.id == Auction.concert_id)
        .where(Notification.person_id == person_id)
        .order_by(Notification.id.desc())
        .limit(limit)
    )
    if before is not None:
        rows = rows.where(Notification.id < before)
    return [InboxItem(notice, auction, concert) for notice, auction, concert in db.session.execute(rows)]


def unread(person_id: int) -> int:
    """How many notices a person has not read yet."""
    return db.session.connection().scalar(UNREAD, {"person": person_id}) or 0


def mark_read(person_id: int, through: int, now: datetime) -> int:
    """Mark a person's notices up to the id `through` as read at `now` (UTC). Returns how many were unread before.

    Notices newer than `through` stay unread. Repeating it changes nothing.
    """
    return _mark_read((Notification.person_id == person_id, Notification.id <= through), now)


def unseen_rank_out(person_id: int, auction_id: int) -> int:
    """Sequence of the newest bid that displaced a person in an auction and whose notice is unread; 0 without one."""
    sequence = select(func.max(Notification.occasion)).where(*_rank_outs(person_id, auction_id))
    return db.session.scalar(sequence.where(Notification.seen_at.is_(None))) or 0


def acknowledge_rank_out(person_id: int, auction_id: int, sequence: int, now: datetime) -> int:
    """Mark a person's displacements in an auction, up to that by the bid `sequence`, as read at `now` (UTC). Returns
    how many were unread before."""
    return _mark_read((*_rank_outs(person_id, auction_id), Notification.occasion <= sequence), now)


def _mark_read(conditions: tuple[ColumnElement[bool], ...], now: datetime) -> int:
    def work(session: Session) -> int:
        marked = session.execute(
            update(Notification).where(*conditions, Notification.seen_at.is_(None)).values(seen_at=now),
            execution_options={"synchronize_session": False},
        )
        return cast("CursorResult[Any]", marked).rowcount

    return in_one_unit(work)


def _rank_outs(person_id: int, auction_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        Notification.person_id == person_id,
        Notification.auction_id == auction_id,
        Notification.kind == NoticeKind.RANK_OUT,
    )
