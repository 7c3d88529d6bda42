"""How much waits in the outbox, for operators. Reading costs the same however much waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, func, select

from cashticket.extensions import db
from cashticket.models.outbox import MAIL_PRIORITIES, MessageState, OutboxMessage, Priority

COUNT_MAX = 1_000
"""Counting stops here: this many waiting means this many or more."""


@dataclass(frozen=True, slots=True)
class OutboxFigures:
    """Messages that wait, by priority, each at most COUNT_MAX; and for how long the oldest due one has been due, in
    seconds, 0 when none is due."""

    waiting: dict[Priority, int]
    oldest_due_seconds: float


def outbox_figures(now: datetime, priorities: Sequence[Priority] = MAIL_PRIORITIES) -> OutboxFigures:
    """The figures at `now` (UTC) of these priorities, by default those of mails, in one statement. Raises
    SQLAlchemyError while the database is away."""
    counts = [_count(priority) for priority in priorities]
    dues = [_oldest_due(priority) for priority in priorities]
    row = db.session.execute(select(*counts, *dues)).one()
    db.session.rollback()
    values: Sequence[Any] = row
    waiting, due_at = values[: len(counts)], [each for each in values[len(counts) :] if each and each <= now]
    oldest_due_seconds = (now - min(due_at)).total_seconds() if due_at else 0.0
    return OutboxFigures(dict(zip(priorities, waiting, strict=True)), oldest_due_seconds)


def _waiting(priority: Priority) -> tuple[ColumnElement[bool], ...]:
    return (OutboxMessage.state == MessageState.WAITING, OutboxMessage.priority == int(priority))


def _count(priority: Priority) -> ScalarSelect[int]:
    waiting = select(OutboxMessage.id).where(*_waiting(priority)).limit(COUNT_MAX).subquery()
    return select(func.count()).select_from(waiting).scalar_subquery()


def _oldest_due(priority: Priority) -> ScalarSelect[datetime]:
    # The first one of the index, also when none is due yet.
    return select(func.min(OutboxMessage.due_at)).where(*_waiting(priority)).scalar_subquery()
