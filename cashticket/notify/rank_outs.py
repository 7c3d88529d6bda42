"""Displacements, and whether anybody has decided yet that they are mailed. `work.rank_outs` decides."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.orm import Session

from cashticket.auction.values import NoticeKind, Permission
from cashticket.extensions import db
from cashticket.models import Notification, Person
from cashticket.models.outbox_adding import add_notice_messages
from cashticket.models.units import in_one_unit

BATCH = 500


class RankOut(NamedTuple):
    """One displacement: the bid `sequence` displaced this person at `at` (UTC). `is_read` says whether they
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
    # Without the join: MariaDB would begin with the table of people and look through all of them.
    return db.session.scalar(select(Notification.id).where(*_is_undecided(before, after)).limit(1)) is not None


def undecided(before: datetime, after: datetime, limit: int = 10_000) -> list[RankOut]:
    """Undecided displacements between `after` and `before` (UTC), oldest first."""
    rows = db.session.execute(_undecided(before, after).order_by(Notification.id).limit(limit))
    return [_rank_out(notice, person) for notice, person in rows]


def of_notices(ids: Collection[int]) -> list[RankOut]:
    """The displacements of these notices, decided or not."""
    rows = select(Notification, Person).join(Person, Person.id == Notification.person_id)
    chosen = db.session.execute(rows.where(Notification.id.in_(sorted(ids))))
    return [_rank_out(notice, person) for notice, person in chosen]


def decide(to_mail: Collection[int], needless: Collection[int], now: datetime) -> None:
    """Put the mails of some displacements into the outbox and mark others as needing none, in one unit. What was
    decided before stays as it is."""

    def work(session: Session) -> None:
        for batch in _batches(needless):
            session.execute(
                update(Notification).where(batch, Notification.mailed_at.is_(None)).values(mailed_at=now),
                execution_options={"synchronize_session": False},
            )
        for batch in _batches(to_mail):
            add_notice_messages(session, now, batch)

    if to_mail or needless:
        in_one_unit(work)


def _batches(ids: Collection[int]) -> Iterator[ColumnElement[bool]]:
    """SQL conditions that cover these notices, BATCH at a time."""
    ordered = sorted(ids)
    for start in range(0, len(ordered), BATCH):
        yield Notification.id.in_(ordered[start : start + BATCH])


def _undecided(before: datetime, after: datetime) -> Select[Notification, Person]:
    rows = select(Notification, Person).join(Person, Person.id == Notification.person_id)
    return rows.where(*_is_undecided(before, after))


def _is_undecided(before: datetime, after: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Notification.mailed_at.is_(None),
        Notification.created_at.between(after, before),
        Notification.kind == NoticeKind.RANK_OUT,
    )


def _rank_out(notice: Notification, person: Person) -> RankOut:
    assert notice.auction_id is not None, "a displacement is about an auction"
    return RankOut(
        id=notice.id,
        person_id=person.id,
        auction_id=notice.auction_id,
        sequence=notice.occasion,
        at=notice.created_at,
        is_read=notice.seen_at is not None,
        permission=person.permission,
    )
