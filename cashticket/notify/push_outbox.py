"""Pushes in the outbox. Several leave at a time, because each waits for a push service; what was not taken comes again
soon, because a push is worth something for an hour or a day; and those of people in their silent hours are held."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from cashticket.extensions import db
from cashticket.models.outbox import PUSH_PRIORITIES, MessageState, OutboxMessage
from cashticket.models.units import in_one_unit
from cashticket.notify import outbox

BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 120, 600))
"""How long a push waits after its first, second … try; the last one also after every further try. Never longer than a
message may wait (`outbox.longest_wait`)."""

WAKE_MAX = 500
"""Held pushes that one unit lets go on."""

OFF, GONE, SILENT = "off", "gone", "silent"
"""`last_error` of dropped pushes: this site has no key any more; the push service does not know the device any more;
its person is in silent hours that last longer than it is worth anything."""


def any_due(now: datetime) -> bool:
    """Whether a push may be leased at `now` (UTC). One statement; its cost does not grow with the outbox."""
    return bool(db.session.scalar(due_statement(now)))


def due_statement(now: datetime) -> Select[bool]:
    """The statement of `any_due`."""
    waiting = [outbox.due(priority, now).exists() for priority in PUSH_PRIORITIES]
    held = [_held(priority, now).exists() for priority in PUSH_PRIORITIES]
    return select(or_(*waiting, *held))


def wake(now: datetime) -> int:
    """Let held pushes go on whose silent hours are over at `now` (UTC), at most WAKE_MAX. Returns how many."""

    def work(session: Session) -> int:
        ids = [each for priority in PUSH_PRIORITIES for each in session.scalars(_held(priority, now, WAKE_MAX))]
        if ids:
            session.execute(
                update(OutboxMessage)
                .where(OutboxMessage.id.in_(ids[:WAKE_MAX]), OutboxMessage.state == MessageState.HELD)
                .values(state=MessageState.WAITING),
                execution_options={"synchronize_session": False},
            )
        return len(ids[:WAKE_MAX])

    return in_one_unit(work)


def lease(owner: str, now: datetime, limit: int) -> Sequence[OutboxMessage]:
    """Lease the pushes that are to leave next for `owner`, at most `limit`, most urgent first."""
    return in_one_unit(lambda session: _lease(session, owner, now, limit))


def release(owner: str, messages: Sequence[OutboxMessage], due_at: datetime) -> None:
    """Give pushes back untried that `owner` has leased; they are due at `due_at` (UTC). One unit for all of them."""
    mine = (OutboxMessage.id.in_([each.id for each in messages]), OutboxMessage.lease_owner == owner)
    waiting = {"state": MessageState.WAITING, "lease_owner": None, "leased_until": None, "due_at": due_at}
    back = update(OutboxMessage).where(*mine, OutboxMessage.state == MessageState.LEASED).values(**waiting)
    if messages:
        in_one_unit(lambda session: session.execute(back, execution_options={"synchronize_session": False}))


def retry(message: OutboxMessage, now: datetime, error: str, after: timedelta = timedelta(0)) -> bool:
    """Let a leased push wait after a try that failed with the code `error`, for `after` at least if the push service
    asked for that. Returns False when it is given up, because it would come when it is worth nothing any more."""
    usual = BACK_OFF[min(message.tries, len(BACK_OFF) - 1)] * random.uniform(1 - outbox.JITTER, 1 + outbox.JITTER)
    longest = outbox.longest_wait(message.tries + 1)
    return outbox.put_off(message, now, max(usual, min(after, longest)), error)


def _lease(session: Session, owner: str, now: datetime, limit: int) -> Sequence[OutboxMessage]:
    outbox.give_back_abandoned(session, now)
    ids = [each for priority in PUSH_PRIORITIES for each in session.scalars(outbox.due(priority, now, limit))][:limit]
    if not ids:
        return ()
    waiting = (OutboxMessage.id.in_(ids), OutboxMessage.state == MessageState.WAITING)
    leased = {"state": MessageState.LEASED, "lease_owner": owner, "leased_until": now + outbox.LEASE}
    session.execute(
        update(OutboxMessage).where(*waiting).values(**leased), execution_options={"synchronize_session": False}
    )
    # Another deliverer may have been faster with some of them.
    mine = (OutboxMessage.id.in_(ids), OutboxMessage.lease_owner == owner, OutboxMessage.state == MessageState.LEASED)
    messages = session.scalars(select(OutboxMessage).where(*mine).order_by(OutboxMessage.priority, OutboxMessage.id))
    result = messages.all()
    session.expunge_all()
    return result


def _held(priority: int, now: datetime, limit: int = 1) -> Select[int]:
    held = (OutboxMessage.state == MessageState.HELD, OutboxMessage.priority == int(priority))
    rows = select(OutboxMessage.id).where(*held, OutboxMessage.due_at <= now)
    return rows.order_by(OutboxMessage.due_at, OutboxMessage.id).limit(limit)
