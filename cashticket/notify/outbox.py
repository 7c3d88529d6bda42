"""The outbox as its deliverers work on it: which mail is next, who has leased it, and what became of it. `push_outbox`
has what pushes do otherwise.

A lease is a conditional update, so one message is sent by one deliverer at a time. The lease of a deliverer that died
ends by itself; the message is then due again, and may leave a second time if it had left just before.
"""

import logging
import random
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Select, and_, exists, or_, select, union_all, update
from sqlalchemy.orm import Session

from cashticket.extensions import db
from cashticket.models.outbox import MAIL_PRIORITIES, MessageState, OutboxMessage, Priorities, Priority, Source
from cashticket.models.units import in_one_unit

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
"""At least as long as a deliverer may live after it took the lease (`queueing.DELIVERY_TIMEOUT_SECONDS`)."""

BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
"""How long a message waits after its first, second … try; the last one also after every further try."""

LOOK_AGAIN = timedelta(seconds=10)
"""How long a message waits untried at most: so long, nothing can be decided about it yet."""

CLOCKS_APART = timedelta(seconds=5)
"""By so much the clocks of machines may differ unnoticed."""

JITTER = 0.2
"""Waits differ by up to this share, so that what failed together does not come back together."""

NEEDLESS, EXPIRED, BOUNCED = "needless", "expired", "bounced"
"""`last_error` of dropped messages: nobody needs it; it was not tried in time; mails to its address come back."""


def any_due(now: datetime) -> bool:
    """Whether a mail may be leased at `now` (UTC). One statement; its cost does not grow with the outbox."""
    return bool(db.session.scalar(due_statement(now)))


def due_statement(now: datetime) -> Select[bool]:
    """The statement of `any_due`."""
    per_priority = [due(priority, now).exists() for priority in MAIL_PRIORITIES]
    too_late = [each.exists() for each in _due_too_late(now)]
    return select(or_(*per_priority, *too_late, any_abandoned(now)))


def longest_wait(tries: int) -> timedelta:
    """How long a message that was tried so often may wait for its next try."""
    return BACK_OFF[min(tries, len(BACK_OFF)) - 1] * (1 + JITTER) if tries else LOOK_AGAIN


def bring_forward(now: datetime, limit: int = 500) -> int:
    """Let messages leave now (UTC) that wait longer than they may, at most `limit`. Returns how many.

    Whoever wrote when they are due had a clock that ran ahead. Without this a mail about a seat would leave as much
    later as that clock was wrong.
    """

    def work(session: Session) -> int:
        ids = session.scalars(union_all(*_due_too_late(now)).limit(limit)).all()
        if ids:
            waiting = (OutboxMessage.id.in_(ids), OutboxMessage.state == MessageState.WAITING)
            session.execute(update(OutboxMessage).where(*waiting).values(due_at=now))
        return len(ids)

    return in_one_unit(work)


def lease(owner: str, now: datetime, of: Priorities = MAIL_PRIORITIES) -> OutboxMessage | None:
    """Lease what leaves next of these priorities, by default a mail, for `owner`; None when none is due (UTC)."""
    while True:
        due_id, message = in_one_unit(lambda session: _lease(session, owner, now, of))
        if message is not None or due_id is None:
            return message


def release(message: OutboxMessage, due_at: datetime | None = None) -> None:
    """Give a leased message back untried; it is due at `due_at`, or as before."""
    _change(message, state=MessageState.WAITING, due_at=due_at or message.due_at)


def hold(message: OutboxMessage, until: datetime) -> None:
    """Keep a leased message untried until then (UTC); `push_outbox.wake` lets it wait to be sent again."""
    _change(message, state=MessageState.HELD, due_at=until)


def sent(message: OutboxMessage, now: datetime) -> None:
    """Mark a leased message as sent at `now` (UTC)."""
    _end(message, MessageState.SENT, now, tries=message.tries + 1, last_error="")


def refused(message: OutboxMessage, now: datetime, error: str) -> None:
    """End a leased message that will never be taken. `error` is a code."""
    _end(message, MessageState.FAILED, now, tries=message.tries + 1, last_error=error)


def dismiss(message: OutboxMessage, now: datetime, error: str) -> None:
    """End a leased message that nobody needs any more; `error` is a word that says why."""
    _end(message, MessageState.DROPPED, now, last_error=error)


def _end(message: OutboxMessage, state: MessageState, now: datetime, **values: Any) -> None:
    # The address is needed no more. Its hash stays, so that messages to it can still be counted.
    _change(message, state=state, ended_at=now, address=None, **values)


def defer(message: OutboxMessage, now: datetime, error: str) -> bool:
    """Let a leased message wait after a try that failed with the code `error`. Returns False when it is given up,
    because the next try would come when it is worth nothing any more."""
    wait = BACK_OFF[min(message.tries, len(BACK_OFF) - 1)] * random.uniform(1 - JITTER, 1 + JITTER)
    return put_off(message, now, wait, error)


def put_off(message: OutboxMessage, now: datetime, wait: timedelta, error: str) -> bool:
    """Let a leased message wait for `wait` after a failed try. Returns False when it is given up, as `defer` does."""
    if now + wait >= message.expires_at:
        refused(message, now, error)
        return False
    _change(message, state=MessageState.WAITING, due_at=now + wait, tries=message.tries + 1, last_error=error)
    return True


def _lease(session: Session, owner: str, now: datetime, of: Priorities) -> tuple[int | None, OutboxMessage | None]:
    """The id of the next message, and the message if this owner got it."""
    give_back_abandoned(session, now)
    due_id = next((each for priority in of if (each := session.scalar(due(priority, now)))), None)
    if due_id is None:
        return None, None
    leased = session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.id == due_id, OutboxMessage.state == MessageState.WAITING)
        .values(state=MessageState.LEASED, lease_owner=owner, leased_until=now + LEASE),
        execution_options={"synchronize_session": False},
    )
    if not cast("CursorResult[Any]", leased).rowcount:
        return due_id, None
    message = session.get_one(OutboxMessage, due_id)
    session.expunge(message)
    return due_id, message


def due(priority: Priority, now: datetime, limit: int = 1) -> Select[int]:
    """Selects the ids of the messages of a priority that have been due the longest, at most `limit`."""
    # One priority at a time, so that the index gives the first ones without sorting or skipping.
    waiting = (OutboxMessage.state == MessageState.WAITING, OutboxMessage.priority == int(priority))
    rows = select(OutboxMessage.id).where(*waiting, OutboxMessage.due_at <= now)
    return rows.order_by(OutboxMessage.due_at, OutboxMessage.id).limit(limit)


def _due_too_late(now: datetime) -> list[Select[int]]:
    # One number of tries at a time, so that the index gives the rows without looking at others.
    # Mails to organisers, of which there are few, wait for what else there is to tell.
    of_people = OutboxMessage.source != Source.AWARD
    waiting = select(OutboxMessage.id).where(OutboxMessage.state == MessageState.WAITING, of_people)
    latest = {tries: now + longest_wait(tries) + CLOCKS_APART for tries in range(len(BACK_OFF) + 1)}
    return [waiting.where(OutboxMessage.tries == tries, OutboxMessage.due_at > due) for tries, due in latest.items()]


def any_abandoned(now: datetime) -> Any:
    """The SQL condition that the deliverer of some message has died."""
    return exists().where(_is_abandoned(now))


def _is_abandoned(now: datetime) -> Any:
    return and_(OutboxMessage.state == MessageState.LEASED, OutboxMessage.leased_until <= now)


def give_back_abandoned(session: Session, now: datetime) -> None:
    """Let messages wait again whose leases have ended, because their deliverers died."""
    # Few are leased at a time, so this looks at few rows.
    ids = session.scalars(select(OutboxMessage.id).where(_is_abandoned(now))).all()
    if ids:
        waiting = {"state": MessageState.WAITING, "lease_owner": None, "leased_until": None}
        session.execute(
            update(OutboxMessage).where(OutboxMessage.id.in_(ids), _is_abandoned(now)).values(**waiting),
            execution_options={"synchronize_session": False},
        )


def _change(message: OutboxMessage, **values: Any) -> None:
    """Change a message and end its lease, unless somebody else has leased it meanwhile."""
    mine = (OutboxMessage.id == message.id, OutboxMessage.lease_owner == message.lease_owner)

    def work(session: Session) -> int:
        changed = session.execute(
            update(OutboxMessage)
            .where(*mine, OutboxMessage.state == MessageState.LEASED)
            .values(lease_owner=None, leased_until=None, **values),
            execution_options={"synchronize_session": False},
        )
        return cast("CursorResult[Any]", changed).rowcount

    if not in_one_unit(work):
        log.warning("message %s was given to another deliverer meanwhile", message.id)
