"""The deliverer: sends what is due in the outbox, one message after the other, most urgent first.

Several may run side by side. Each leases a message, sends it over a connection that serves the whole run, and marks it
at once. Killed in between, it leaves a lease that ends by itself; that message may then leave a second time, under the
same Message-ID.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import datetime

import redis

from cashticket import redis_keys
from cashticket.auction.values import NoticeKind
from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable
from cashticket.logs.failures import failure_text
from cashticket.models import OutboxMessage
from cashticket.models.columns import utcnow
from cashticket.notify import outbox, outbox_ends
from cashticket.notify.mail import Transport, transport
from cashticket.notify.outbox import EXPIRED, NEEDLESS
from cashticket.notify.refusals import RecipientDeferred, RecipientRefused, ServerRefused
from cashticket.wiring import current_settings, queue_redis
from cashticket.work import forgotten_mail, mail_server, messages
from cashticket.work.outages import DATABASE_AWAY, Outages
from cashticket.work.rank_outs import Verdict, verdict_now

log = logging.getLogger(__name__)

ALIVE_SECONDS = 20
"""A deliverer that has begun no message for so long no longer counts as alive."""

MARK_AGAIN_SECONDS = (0.1, 0.5, 2.0)
"""A message that was sent is marked again after these waits while the database is away."""


def deliver(engine: Engine, stop: threading.Event, seconds: float, clock: Callable[[], datetime] = utcnow) -> bool:
    """Run a deliverer for `seconds`, with the mail server of this application. Returns whether more is due.

    While a store is away it logs one line and returns False: what is due stays due.
    """
    outages = Outages(log, "the mail")
    deliverer = Deliverer(engine, transport(current_settings().mail_url), stop, clock)
    with outages.tolerated():
        forgotten_mail.adopt(clock())
        outbox_ends.delete_old(clock())
        outbox.bring_forward(clock())
        deliverer.run(seconds)
    return deliverer.has_more


class Deliverer:
    """Sends due messages until there are none, the time is over, or `stop` is set."""

    def __init__(
        self, engine: Engine, transport: Transport, stop: threading.Event, clock: Callable[[], datetime]
    ) -> None:
        self._engine, self._transport, self._stop, self._clock = engine, transport, stop, clock
        self._owner = secrets.token_hex(16)
        # Whether the last run ended before everything that was due was tried.
        self.has_more = False

    def run(self, seconds: float) -> None:
        """Deliver for at most `seconds`. Raises what stores raise while they are away."""
        ends_at = time.monotonic() + seconds
        try:
            with closing(self._transport):
                while not self._stop.is_set() and not mail_server.is_paused():
                    if time.monotonic() >= ends_at:
                        self.has_more = True
                        break
                    queue_redis().set(redis_keys.DELIVERER_ALIVE, self._owner, ex=ALIVE_SECONDS)
                    message = outbox.lease(self._owner, self._clock())
                    if message is None:
                        break
                    self._deliver(message)
        finally:
            with suppress(redis.RedisError):
                queue_redis().delete(redis_keys.DELIVERER_ALIVE)

    def _deliver(self, message: OutboxMessage) -> None:
        now = self._clock()
        try:
            outcome = self._try(message, now)
        except ServerRefused as refusal:
            if refusal.tried:
                outbox.defer(message, now, refusal.code)
            else:
                outbox.release(message)
            mail_server.pause(refusal)
            return
        except BaseException:
            # The job was stopped or timed out. Whoever is next may send it again.
            outbox.release(message)
            raise
        mail_server.count(outcome)

    def _try(self, message: OutboxMessage, now: datetime) -> str:
        """Send one message unless it is needless, and mark it. Returns the outcome. Raises ServerRefused."""
        if message.expires_at <= now:
            outbox.dismiss(message, now, message.last_error or EXPIRED)
            return "dropped"
        if message.kind == NoticeKind.RANK_OUT and (outcome := self._outcome_without_mail(message, now)):
            return outcome
        try:
            unsent = messages.send(self._transport, message, now)
        except RecipientRefused as refusal:
            outbox.refused(message, now, refusal.code)
            log.warning("message %s (%s) will never be taken: %s", message.id, message.kind, failure_text(refusal))
            return "failed"
        except RecipientDeferred as refusal:
            return self._deferred(message, now, refusal.code)
        except (KeyError, ValueError, LookupError, TypeError) as error:
            log.error("message %s (%s) cannot be written: %s", message.id, message.kind, type(error).__name__)
            return self._deferred(message, now, type(error).__name__)
        if unsent:
            outbox.dismiss(message, now, unsent)
            return "dropped"
        self._mark_sent(message, now)
        return "sent"

    def _mark_sent(self, message: OutboxMessage, now: datetime) -> None:
        for seconds in MARK_AGAIN_SECONDS:
            try:
                return outbox.sent(message, now)
            except DATABASE_AWAY:
                time.sleep(seconds)
        return outbox.sent(message, now)

    def _deferred(self, message: OutboxMessage, now: datetime, code: str) -> str:
        if outbox.defer(message, now, code):
            return "deferred"
        log.warning("message %s (%s) is given up after %s tries: %s", message.id, message.kind, message.tries + 1, code)
        return "failed"

    def _outcome_without_mail(self, message: OutboxMessage, now: datetime) -> str:
        """What became of the message of a displacement that is not to be mailed now; '' when it is."""
        try:
            verdict = verdict_now(self._engine, queue_redis(), message.reference, now)
        except (StoreUnavailable, OutcomeUnknown, redis.RedisError):
            verdict = Verdict.WAIT
        if verdict is Verdict.MAIL:
            return ""
        if verdict is Verdict.NEEDLESS:
            outbox.dismiss(message, now, NEEDLESS)
            return "dropped"
        outbox.release(message, due_at=now + outbox.LOOK_AGAIN)
        return "deferred"
