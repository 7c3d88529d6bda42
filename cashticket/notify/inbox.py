"""A person's notices, newest first, and which of them were not read yet. Changes nothing but the mark `seen_at`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, CursorResult, bindparam, func, select, update
from sqlalchemy.orm import Session

from cashticket.auction.values import UNFINISHED_STATES, AwardState, NoticeKind
from cashticket.extensions import db
from cashticket.models import Auction, Award, Concert, Notification
from cashticket.models.own_awards import own_award
from cashticket.models.units import in_one_unit

# Built once: nearly every page counts.
UNREAD = (
    select(func.count())
    .select_from(Notification)
    .where(Notification.person_id == bindparam("person"), Notification.seen_at.is_(None))
)


class InboxItem(NamedTuple):
    """A notice with its auction and the concert of that; without them, it is about the account. `award` is the state
    of the person's award in that auction, None without one."""

    notice: Notification
    auction: Auction | None
    concert: Concert | None
    award: AwardState | None


def newest(person_id: int, before: int | None = None, limit: int = 30) -> list[InboxItem]:
    """A person's newest notices, at most `limit`; with `before`, only those older than the notice of that id."""
    rows = (
        select(Notification, Auction, Concert, Award.state)
        .outerjoin(Auction, Auction.id == Notification.auction_id)
        .outerjoin(Concert, Concert.id == Auction.concert_id)
        .outerjoin(Award, own_award())
        .where(Notification.person_id == person_id)
        .order_by(Notification.id.desc())
        .limit(limit)
    )
    if before is not None:
        rows = rows.where(Notification.id < before)
    return [InboxItem(*row) for row in db.session.execute(rows)]


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


def unseen_rank_outs(person_id: int, limit: int) -> dict[int, int]:
    """Auction → the newest bid that displaced a person there, for at most `limit` auctions that are not over and have
    such a notice unread, those of the newest notices."""
    rows = (
        select(Notification.auction_id, func.max(Notification.occasion))
        .join(Auction, Auction.id == Notification.auction_id)
        .where(
            Notification.person_id == person_id,
            Notification.seen_at.is_(None),
            Notification.kind == NoticeKind.RANK_OUT,
            Auction.state.in_(UNFINISHED_STATES),
        )
        .group_by(Notification.auction_id)
        .order_by(func.max(Notification.id).desc())
        .limit(limit)
    )
    return {auction_id: sequence for auction_id, sequence in db.session.execute(rows) if auction_id is not None}


def unseen_rank_outs_since(people: Sequence[int], since: datetime) -> list[tuple[int, int, int]]:
    """Person, auction and newest bid that displaced them there, of the notices to `people` from `since` (UTC) on that
    are unread, in auctions that are not over."""
    rows = (
        select(Notification.person_id, Notification.auction_id, func.max(Notification.occasion))
        .join(Auction, Auction.id == Notification.auction_id)
        .where(
            Notification.person_id.in_(people),
            Notification.seen_at.is_(None),
            Notification.kind == NoticeKind.RANK_OUT,
            Notification.created_at >= since,
            Auction.state.in_(UNFINISHED_STATES),
        )
        .group_by(Notification.person_id, Notification.auction_id)
    )
    return [(person, auction_id or 0, sequence) for person, auction_id, sequence in db.session.execute(rows)]


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
