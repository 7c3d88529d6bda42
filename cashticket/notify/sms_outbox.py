"""SMS in the outbox: leased one at a time like mails, and tried again within seconds, because a code is worth five
minutes."""

from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select

from cashticket.extensions import db
from cashticket.models.outbox import SMS_PRIORITIES, OutboxMessage
from cashticket.notify import outbox

BACK_OFF = tuple(timedelta(seconds=seconds) for seconds in (2, 5, 15, 30, 60))
"""How long an SMS waits after its first, second … try; the last one also after every further try."""


def any_due(now: datetime) -> bool:
    """Whether an SMS may be leased at `now` (UTC). One statement; its cost does not grow with the outbox."""
    return bool(db.session.scalar(due_statement(now)))


def due_statement(now: datetime) -> Select[bool]:
    """The statement of `any_due`."""
    return select(or_(*(outbox.due(priority, now).exists() for priority in SMS_PRIORITIES)))


def lease(owner: str, now: datetime) -> OutboxMessage | None:
    """Lease the SMS that is to leave next for `owner`; None when none is due at `now` (UTC)."""
    return outbox.lease(owner, now, SMS_PRIORITIES)


def retry(message: OutboxMessage, now: datetime, error: str) -> bool:
    """Let a leased SMS wait after a try that failed with the code `error`. Returns False when it is given up, because
    its code would have ended by then."""
    return outbox.put_off(message, now, BACK_OFF[min(message.tries, len(BACK_OFF) - 1)], error)
