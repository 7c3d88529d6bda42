"""Reads of notices: which were written, and which were not mailed yet."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.models import Notification

_UNMAILED: tuple[ColumnElement[bool], ...] = (
    Notification.mailed_at.is_(None),
    Notification.kind.not_in([kind for kind in NoticeKind if not kind.is_mailed_at_once]),
)


def people_passed_over(auction_id: int) -> set[int]:
    """Everybody who was passed over when the auction was settled, read from the notices of the settlement."""
    people = select(Notification.person_id).where(
        Notification.auction_id == auction_id, Notification.kind == NoticeKind.PASSED_OVER
    )
    return set(db.session.scalars(people))


def rank_outs_noticed(auction_id: int) -> set[tuple[int, int]]:
    """Every rank-out with a notice: the person, and the sequence of the bid that pushed them out."""
    rows = select(Notification.person_id, Notification.occasion).where(
        Notification.auction_id == auction_id, Notification.kind == NoticeKind.RANK_OUT
    )
    return {(person, sequence) for person, sequence in db.session.execute(rows)}


def unmailed_of(auction_id: int, session: Session | None = None) -> tuple[int, ...]:
    """Ids of an auction's notices that are mailed at once and were not yet, oldest first."""
    rows = select(Notification.id).where(Notification.auction_id == auction_id, *_UNMAILED)
    return tuple((session or db.session).scalars(rows.order_by(Notification.id)))


def unmailed_between(after: datetime, before: datetime, limit: int = 100) -> Sequence[int]:
    """Ids of notices created between these moments (UTC) that are mailed at once and were not yet, oldest first."""
    rows = select(Notification.id).where(Notification.created_at.between(after, before), *_UNMAILED)
    return db.session.scalars(rows.order_by(Notification.created_at, Notification.id).limit(limit)).all()
