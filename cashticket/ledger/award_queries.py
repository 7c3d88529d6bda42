"""Reads about awards and notices for those who work on them: jobs, the watch, the check. See also `queries`."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from cashticket.auction.values import AwardState, NoticeKind
from cashticket.extensions import db
from cashticket.models import Award, AwardEvent, Notification

_UNMAILED = (
    Notification.mailed_at.is_(None),
    Notification.kind.not_in([kind for kind in NoticeKind if not kind.is_mailed_at_once]),
)


def awards_of(auction_id: int) -> Sequence[Award]:
    """All awards of an auction with their seats, oldest first."""
    found = select(Award).where(Award.auction_id == auction_id).options(joinedload(Award.seat)).order_by(Award.id)
    return db.session.scalars(found).all()


def award_events(auction_id: int) -> Sequence[AwardEvent]:
    """The story of an auction's seats, in sequence."""
    found = select(AwardEvent).where(AwardEvent.auction_id == auction_id).order_by(AwardEvent.number)
    return db.session.scalars(found).all()


def passed_over(auction_id: int) -> set[int]:
    """Everybody who was passed over when the auction was settled, by the notices written then."""
    told = select(Notification.person_id).where(
        Notification.auction_id == auction_id, Notification.kind == NoticeKind.PASSED_OVER
    )
    return set(db.session.scalars(told))


def rank_outs_told(auction_id: int) -> set[tuple[int, int]]:
    """Everybody who was told to be out, with the sequence of the bid that did it."""
    told = select(Notification.person_id, Notification.occasion).where(
        Notification.auction_id == auction_id, Notification.kind == NoticeKind.RANK_OUT
    )
    return {(person, occasion) for person, occasion in db.session.execute(told)}


def auctions_with_lapses(now: datetime) -> Sequence[int]:
    """Auctions in which an offered award's clock has run out at `now` (UTC) and nobody has let it lapse yet."""
    due = select(Award.auction_id).where(Award.state == AwardState.OFFERED, Award.expires_at <= now)
    return db.session.scalars(due.distinct().order_by(Award.auction_id)).all()


def unmailed_of(auction_id: int, session: Session | None = None) -> tuple[int, ...]:
    """Ids of an auction's notices that are mailed at once and were not yet, oldest first."""
    rows = select(Notification.id).where(Notification.auction_id == auction_id, *_UNMAILED)
    return tuple((session or db.session).scalars(rows.order_by(Notification.id)))


def unmailed(before: datetime, after: datetime, limit: int = 100) -> Sequence[int]:
    """Ids of notices created between `after` and `before` (UTC) that are mailed at once and were not yet, oldest
    first."""
    return db.session.scalars(
        select(Notification.id)
        .where(Notification.created_at.between(after, before), *_UNMAILED)
        .order_by(Notification.created_at, Notification.id)
        .limit(limit)
    ).all()
