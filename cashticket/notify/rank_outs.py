"""Displacements for which nobody has decided yet whether they are mailed. `work.rank_outs` decides."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from cashticket.auction.values import NoticeKind, Permission
from cashticket.extensions import db
from cashticket.models import Notification, Person
from cashticket.models.units import in_one_unit

BATCH = 500


class UndecidedRankOut(NamedTuple):
    """One undecided displacement: the bid `sequence` displaced this person at `at` (UTC). `is_read` says whether they
    have read the notice, `permission` whether they may bid."""

    id: int
    person_id: int
    auction_id: int
    sequence: int
    at: datetime
    is_read: bool
    permission: Permission


def any_undecided(before: datetime, after: datetime) -> bool:
    """Whether displacements between `after` and `before` (UTC) are undecided."""
    return db.session.execute(_undecided(before, after).limit(1)).first() is not None


def undecided(before: datetime, after: datetime, limit: int = 10_000) -> list[UndecidedRankOut]:
    """Undecided displacements between `after` and `before` (UTC), oldest first."""
    rows = db.session.execute(_undecided(before, after).order_by(Notification.id).limit(limit))
    return [_rank_out(notice, person) for notice, person in rows]


def undecided_one(notification_id: int) -> UndecidedRankOut | None:
    """The displacement of this id; None once it was decided."""
    rows = select(Notification, Person).join(Person, Person.id == Notification.person_id)
    row = db.session.execute(rows.where(Notification.id == notification_id, Notification.mailed_at.is_(None))).first()
    return _rank_out(row[0], row[1]) if row else None


def mark_needless(ids: Collection[int], now: datetime) -> None:
    """Decide that these need no mail. Those already mailed stay as they are."""
    notice_ids = sorted(ids)

    def work(session: Session) -> None:
        for start in range(0, len(notice_ids), BATCH):
            batch = Notification.id.in_(notice_ids[start : start + BATCH])
            session.execute(
                update(Notification).where(batch, Notification.mailed_at.is_(None)).values(mailed_at=now),
                execution_options={"synchronize_session": False},
            )

    if notice_ids:
        in_one_unit(work)


def _undecided(before: datetime, after: datetime) -> Select[Notification, Person]:
    rows = select(Notification, Person).join(Person, Person.id == Notification.person_id)
    return rows.where(
        Notification.mailed_at.is_(None),
        Notification.created_at.between(after, before),
        Notification.kind == NoticeKind.RANK_OUT,
    )


def _rank_out(notice: Notification, person: Person) -> UndecidedRankOut:
    assert notice.auction_id is not None, "a displacement is about an auction"
    return UndecidedRankOut(
        id=notice.id,
        person_id=person.id,
        auction_id=notice.auction_id,
        sequence=notice.occasion,
        at=notice.created_at,
        is_read=notice.seen_at is not None,
        permission=person.permission,
    )
