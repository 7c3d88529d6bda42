"""The drain: one long-lived round after another, from the lists of all live auctions into the ledger.

Woken by the auctions' news and looking by itself at least every 50 ms. It ends after its time, when asked to stop,
or when another drain has taken its lease. Two at once are harmless, and so is killing it at any moment.
"""

import logging
import threading
import time
from typing import Protocol

import redis
from redis.client import PubSub

from cashticket import redis_keys
from cashticket.engine.interface import Engine
from cashticket.extensions import db
from cashticket.ledger.fence import LedgerGap
from cashticket.ledger.recording import record_waiting
from cashticket.work.leases import Lease
from cashticket.work.outages import AWAY, Outages

log = logging.getLogger(__name__)

PEEK_SECONDS = 0.05
# Bids that arrive together are recorded together, in one transaction.
GATHER_SECONDS = 0.01
RENEW_SECONDS = 0.75
RETRY_SECONDS = 5.0


class Alarm(Protocol):
    """What may wake a drain before its next look."""

    def wait(self, seconds: float) -> None: ...


class NewsAlarm:
    """Wakes on any auction's news. A store that is away makes it an ordinary pause."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._pubsub: PubSub | None = None

    def wait(self, seconds: float) -> None:
        """Return at the first message, or after `seconds`."""
        try:
            if self._pubsub is None:
                self._pubsub = self._client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
                self._pubsub.psubscribe(redis_keys.NEWS_PATTERN)
            self._pubsub.get_message(timeout=seconds)
            # What came meanwhile needs no look of its own.
            while self._pubsub.get_message(timeout=0) is not None:
                pass
        except (redis.RedisError, OSError):
            self.close()
            time.sleep(seconds)

    def close(self) -> None:
        """Give the connection back to the store."""
        if self._pubsub is not None:
            pubsub, self._pubsub = self._pubsub, None
            pubsub.close()


class Drain:
    """Records the waiting bids of every auction the engine serves, until it ends."""

    def __init__(self, engine: Engine, lease: Lease, alarm: Alarm, stop: threading.Event) -> None:
        self._engine, self._lease, self._alarm, self._stop = engine, lease, alarm, stop
        self._outages = Outages(log, "the drain")
        self._stopped: dict[int, float] = {}
        self._renewed = 0.0

    def run(self, seconds: float) -> bool:
        """Drain for so long. False when another drain is at work; True when the time is up or a stop was asked."""
        end = time.monotonic() + seconds
        while not self._stop.is_set() and time.monotonic() < end:
            with self._outages.survived():
                if not self._holds_lease():
                    return False
                self.round()
            if self._outages.pause_seconds:
                self._stop.wait(self._outages.pause_seconds)
            else:
                self._alarm.wait(PEEK_SECONDS)
                self._stop.wait(GATHER_SECONDS)
        with self._outages.survived():
            self._lease.release()
        return True

    def round(self) -> int:
        """Record until every list is empty; how many entries left their lists."""
        total = 0
        try:
            while not self._stop.is_set():
                waiting = self._engine.backlog(self._engine.auctions())
                dealt_with = sum(self._record(auction_id) for auction_id, count in waiting.items() if count)
                total += dealt_with
                if not dealt_with:
                    break
                self._holds_lease()
        finally:
            db.session.remove()
        return total

    def _record(self, auction_id: int) -> int:
        if time.monotonic() < self._stopped.get(auction_id, 0.0):
            return 0
        try:
            done = record_waiting(self._engine, auction_id)
        except AWAY:
            raise
        except Exception as error:
            # One auction's trouble, foreseen (a gap) or not, never stops the others.
            self._stopped[auction_id] = time.monotonic() + RETRY_SECONDS
            trouble = str(error) if isinstance(error, LedgerGap) else f"{type(error).__name__}: {error}"
            self._outages.once(f"auction {auction_id}", trouble)
            return 0
        self._outages.over(f"auction {auction_id}")
        return done

    def _holds_lease(self) -> bool:
        if time.monotonic() - self._renewed < RENEW_SECONDS:
            return True
        try:
            held = self._lease.hold()
        except redis.RedisError as error:
            # The lease only saves double work, so bids are recorded without it.
            self._outages.once("lease", f"no lease can be held: {error}")
            return True
        self._outages.over("lease")
        if held:
            self._renewed = time.monotonic()
        return held
