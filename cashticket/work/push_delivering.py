"""The deliverer of pushes: sends what is due, several at a time, because each waits for a push service of others.

It shares the outbox with the deliverer of mails and nothing else: another queue, another process, messages of its own.
So a push service that is slow or away holds up no mail and no bid. Several may run side by side; one that is killed
leaves leases that end by themselves, and a push may then leave a second time, under the same tag.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta

import redis

from cashticket import redis_keys
from cashticket.auction.values import NoticeKind
from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable
from cashticket.extensions import db
from cashticket.models import OutboxMessage
from cashticket.models.columns import utcnow
from cashticket.notify import outbox, push_outbox, push_sealing
from cashticket.notify.outbox import EXPIRED, NEEDLESS
from cashticket.notify.preferences import silent_hours_of
from cashticket.notify.push_outbox import OFF, SILENT
from cashticket.notify.pushes import Push, newest_of_each_tag, pushes_of
from cashticket.notify.silent_hours import end_of_silence
from cashticket.wiring import current_settings, queue_redis
from cashticket.work import push_outcomes
from cashticket.work.outages import Outages
from cashticket.work.push_sending import Sender
from cashticket.work.rank_outs import Verdict, verdicts_now

log = logging.getLogger(__name__)

AT_ONCE = 32
"""Pushes that are leased and sent together. Each takes ten seconds at most, far less than the lease of a message."""

LOOK_AGAIN = timedelta(seconds=5)
"""When a push is looked at again whose person seemed to have a page open; not later than `outbox.LOOK_AGAIN`."""

ALIVE_SECONDS = 30
"""A deliverer that has begun nothing for so long no longer counts as alive."""


def deliver(engine: Engine, stop: threading.Event, seconds: float, clock: Callable[[], datetime] = utcnow) -> bool:
    """Send what is due for `seconds`. Returns whether more is due.

    While a store is away it logs one line and returns False: what is due stays due.
    """
    settings = current_settings()
    sender = Sender(settings.vapid_private_key, settings.vapid_contact, settings.push_hosts)
    deliverer = PushDeliverer(engine, sender, stop, clock)
    with Outages(log, "pushing").tolerated():
        push_outbox.wake(clock())
        deliverer.run(seconds)
    return deliverer.has_more


class PushDeliverer:
    """Sends due pushes until there are none, the time is over, or `stop` is set."""

    def __init__(self, engine: Engine, sender: Sender, stop: threading.Event, clock: Callable[[], datetime]) -> None:
        self._engine, self._sender, self._stop, self._clock = engine, sender, stop, clock
        self._owner = secrets.token_hex(16)
        # Whether the last run ended before everything that was due was tried.
        self.has_more = False

    def run(self, seconds: float) -> None:
        """Deliver for at most `seconds`. Raises what stores raise while they are away."""
        ends_at = time.monotonic() + seconds
        if self._sender.is_on:
            push_sealing.load()
        try:
            with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="push") as pool:
                while not self._stop.is_set():
                    if time.monotonic() >= ends_at:
                        self.has_more = True
                        break
                    queue_redis().set(redis_keys.PUSHER_ALIVE, self._owner, ex=ALIVE_SECONDS)
                    messages = push_outbox.lease(self._owner, self._clock(), AT_ONCE)
                    if not messages:
                        break
                    self._deliver(messages, pool)
        finally:
            with suppress(redis.RedisError):
                queue_redis().delete(redis_keys.PUSHER_ALIVE)

    def _deliver(self, messages: Sequence[OutboxMessage], pool: ThreadPoolExecutor) -> None:
        now = self._clock()
        wanted = self._wanted(messages, now)
        pushes = newest_of_each_tag(pushes_of(wanted, current_settings().base_url, now))
        silent = _silent_until(pushes, now)
        # No transaction stays open while push services take their time.
        db.session.rollback()
        leaving = []
        for message in wanted:
            push, until = pushes.get(message.id), silent.get(message.id)
            if push is None:
                push_outcomes.leave_unsent(message, now, NEEDLESS)
            elif until is None:
                leaving.append(message)
            elif until < now + timedelta(seconds=push.ttl_seconds):
                outbox.hold(message, until)
            else:
                push_outcomes.leave_unsent(message, now, SILENT)
        answers = pool.map(lambda message: self._sender.send(pushes[message.id], now), leaving)
        for message, answer in zip(leaving, answers, strict=True):
            push_outcomes.settle(message, pushes[message.id], answer, now)

    def _wanted(self, messages: Sequence[OutboxMessage], now: datetime) -> list[OutboxMessage]:
        """Those that somebody may need; the others are ended, or wait until more is known."""
        displaced = [each for each in messages if each.kind == NoticeKind.RANK_OUT]
        verdicts = self._verdicts([each.reference for each in displaced], now)
        wanted: list[OutboxMessage] = []
        undecided: list[OutboxMessage] = []
        for message in messages:
            verdict = verdicts.get(message.reference, Verdict.MAIL)
            if message.expires_at <= now:
                push_outcomes.leave_unsent(message, now, message.last_error or EXPIRED)
            elif not self._sender.is_on:
                push_outcomes.leave_unsent(message, now, OFF)
            elif verdict is Verdict.NEEDLESS:
                push_outcomes.leave_unsent(message, now, NEEDLESS)
            elif verdict is Verdict.WAIT:
                undecided.append(message)
            else:
                wanted.append(message)
        push_outbox.release(self._owner, undecided, now + LOOK_AGAIN)
        return wanted

    def _verdicts(self, notices: list[int], now: datetime) -> dict[int, Verdict]:
        """Whether displacements are to be told now; nothing is known of them while a store is away."""
        if not notices:
            return {}
        try:
            return verdicts_now(self._engine, queue_redis(), notices, now)
        except (StoreUnavailable, OutcomeUnknown, redis.RedisError):
            return dict.fromkeys(notices, Verdict.WAIT)


def _silent_until(pushes: dict[int, Push], now: datetime) -> dict[int, datetime]:
    """Message → when the silent hours of its person end, for those who have some now."""
    hours = silent_hours_of({push.person_id for push in pushes.values()}) if pushes else {}
    ends = {person_id: end_of_silence(first, until, now) for person_id, (first, until) in hours.items()}
    return {each: end for each, push in pushes.items() if (end := ends.get(push.person_id)) is not None}
