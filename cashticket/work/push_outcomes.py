"""What becomes of a push: taken, put off, refused for good, needless; and the device gone whose service says so.

Whatever is refused for good, or was put off until it was worth nothing, stays in the outbox as failed for a month, with
the status of the push service or the kind of the failure.
"""

import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import cast

import redis

from cashticket import redis_keys
from cashticket.models import OutboxMessage
from cashticket.notify import device_marks, outbox, push_outbox
from cashticket.notify.push_outbox import GONE
from cashticket.notify.push_posting import AddressRefused, Answer, NotPosted
from cashticket.notify.pushes import Push
from cashticket.wiring import queue_redis
from cashticket.work.push_sending import Unsendable

log = logging.getLogger(__name__)

OUTCOMES = ("sent", "deferred", "failed", "dropped", "gone")
NOT_FOUND = (404, 410)
TOO_MANY = 429


def settle(message: OutboxMessage, push: Push, answer: Answer | NotPosted, now: datetime) -> None:
    """Mark a leased push by what its push service answered at `now` (UTC), and its device where that says something
    about it."""
    if isinstance(answer, AddressRefused | Unsendable):
        _refuse(message, push, answer.code, now)
    elif isinstance(answer, NotPosted):
        _put_off(message, answer.code, now)
    elif 200 <= answer.status < 300:
        outbox.sent(message, now)
        device_marks.taken(push.device_id, push.failures)
        count("sent")
    elif answer.status in NOT_FOUND:
        device_marks.gone(push.device_id)
        outbox.dismiss(message, now, GONE)
        count("gone")
    elif answer.status == TOO_MANY or answer.status >= 500:
        is_kept = push_outbox.retry(message, now, str(answer.status), answer.retry_after)
        count("deferred" if is_kept else "failed")
    else:
        _refuse(message, push, str(answer.status), now)


def leave_unsent(message: OutboxMessage, now: datetime, why: str) -> None:
    """End a leased push that nobody needs any more; `why` is a word."""
    outbox.dismiss(message, now, why)
    count("dropped")


def _put_off(message: OutboxMessage, code: str, now: datetime) -> None:
    count("deferred" if push_outbox.retry(message, now, code) else "failed")


def _refuse(message: OutboxMessage, push: Push, code: str, now: datetime) -> None:
    outbox.refused(message, now, code)
    device_marks.refused(push.device_id, push.failures)
    count("failed")
    log.warning("push %s (%s) will never be taken: %s", message.id, message.kind, code)


def count(outcome: str) -> None:
    """Count what became of a push; one of OUTCOMES."""
    with suppress(redis.RedisError):
        queue_redis().hincrby(redis_keys.PUSH_COUNTS, outcome)


def counts() -> Mapping[str, int]:
    """How often each outcome came since the queue store was new. Raises redis.RedisError."""
    stored = cast("dict[bytes, bytes]", queue_redis().hgetall(redis_keys.PUSH_COUNTS))
    return {outcome: int(stored.get(outcome.encode(), 0)) for outcome in OUTCOMES}


def is_pushing() -> bool:
    """Whether a deliverer of pushes works now. Raises redis.RedisError."""
    return bool(queue_redis().exists(redis_keys.PUSHER_ALIVE))
