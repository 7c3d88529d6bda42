"""Displacements that nobody has decided about yet: is a mail needed? `work.rank_outs` decides, this room remembers."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from cashticket.extensions import db
from cashticket.models import Notification, Person
from cashticket.models.notices import RANK_OUT
from cashticket.models.units import in_one_unit

AT_ONCE = 500


class UndecidedRankOut(NamedTuple):
    """One undecided displacement: the bid `sequence` pushed this person out at `at` (UTC). `told` is whether they have
    read of it, `permission` their right to bid."""

    id: int
    person_id: int
    auction_id: int
    sequence: int
    at: datetime
    told: bool
    permission: str


def any_waiting(before: datetime, after: datetime) -> bool:
    """Whether displacements between `after` and `before` (UTC) are undecided."""
    return db.session.execute(_undecided(before, after).limit(1)).first() is not None


def waiting(before: datetime, after: datetime, most: int = 10_000) -> list[UndecidedRankOut]:
    """Undecided displacements between `after` and `before` (UTC), oldest first."""
    found = db.session.execute(_undecided(before, after).order_by(Notification.id).limit(most))
    return [_waiting(notice, person) for notice, person in found]


def waiting_one(notification_id: int) -> UndecidedRankOut | None:
    """The displacement of this id while it is undecided."""
    one = select(Notification, Person).join(Person, Person.id == Notification.person_id)
    found = db.session.execute(one.where(Notification.id == notification_id, Notification.mailed_at.is_(None))).first()
    return _waiting(found[0], found[1]) if found else None


def need_no_mail(ids: Collection[int], now: datetime) -> None:
    """Decide that these need no mail, unless one has left meanwhile."""
    wanted = sorted(ids)

    def work(session: Session) -> None:
        for start in range(0, len(wanted), AT_ONCE):
            some = Notification.id.in_(wanted[start : start + AT_ONCE])
            session.execute(
                update(Notification).where(some, Notification.mailed_at.is_(None)).values(mailed_at=now),
                execution_options={"synchronize_session": False},
            )

    if wanted:
        in_one_unit(work)


def _undecided(before: datetime, after: datetime) -> Select[Notification, Person]:
    found = select(Notification, Person).join(Person, Person.id == Notification.person_id)
    return found.where(
        Notification.mailed_at.is_(None), Notification.created_at.between(after, before), Notification.kind == RANK_OUT
    )


def _waiting(notice: Notification, person: Person) -> UndecidedRankOut:
    when, told = notice.created_at, notice.seen_at is not None
    return UndecidedRankOut(notice.id, person.id, notice.auction_id, notice.occasion, when, told, person.permission)
