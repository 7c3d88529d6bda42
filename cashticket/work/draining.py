"""The drain: moves the entries of all live auctions into the ledger, round after round.

News of an auction wakes it, and it looks at least every 50 ms. It ends after its time, on a stop, or when another drain
has taken its lease. Two drains at once are harmless, and so is killing one at any moment.
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
from cashticket.logs.failures import failure_text, failure_trace
from cashticket.work.leases import Lease
from cashticket.work.outages import AWAY, Outages

log = logging.getLogger(__name__)

PEEK_SECONDS = 0.05
# Waiting this long after a wake-up lets bids that arrive together share one transaction.
GATHER_SECONDS = 0.01
RENEW_SECONDS = 0.75
RETRY_SECONDS = 5.0


class Alarm(Protocol):
    """Ends the drain's wait early."""

    def wait(self, seconds: float) -> None: ...


class NewsAlarm:
    """Wakes on any auction's news. While the store is away it simply waits."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._pubsub: PubSub | None = None

    def wait(self, seconds: float) -> None:
        """Return at the first message, at the latest after `seconds`."""
        try:
            if self._pubsub is None:
                self._pubsub = self._client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
                self._pubsub.psubscribe(redis_keys.NEWS_PATTERN)
            self._pubsub.get_message(timeout=seconds)
            # The coming round covers every message that has already arrived.
            while self._pubsub.get_message(timeout=0) is not None:
                pass
        except (redis.RedisError, OSError):
            self.close()
            time.sleep(seconds)

    def close(self) -> None:
        """Close the subscription."""
        if self._pubsub is not None:
            pubsub, self._pubsub = self._pubsub, None
            pubsub.close()


class Drain:
    """Records the waiting entries of every auction that the engine serves."""

    def __init__(self, engine: Engine, lease: Lease, alarm: Alarm, stop: threading.Event) -> None:
        self._engine, self._lease, self._alarm, self._stop = engine, lease, alarm, stop
        self._outages = Outages(log, "the drain")
        # Auction → monotonic time before which it is left alone.
        self._retry_at: dict[int, float] = {}
        self._renewed_at = 0.0

    def run(self, seconds: float) -> bool:
        """Drain for `seconds`. Returns False when another drain holds the lease, True after the time or a stop."""
        ends_at = time.monotonic() + seconds
        while not self._stop.is_set() and time.monotonic() < ends_at:
            with self._outages.tolerated():
                if not self._holds_lease():
                    return False
                self.round()
            if self._outages.pause_seconds:
                self._stop.wait(self._outages.pause_seconds)
            else:
                self._alarm.wait(PEEK_SECONDS)
                self._stop.wait(GATHER_SECONDS)
        with self._outages.tolerated():
            self._lease.release()
        return True

    def round(self) -> int:
        """Record until every list is empty. Returns how many entries left their lists."""
        total = 0
        try:
            while not self._stop.is_set():
                waiting = self._engine.backlog(self._engine.auctions())
                removed = sum(self._record(auction_id) for auction_id, count in waiting.items() if count)
                total += removed
                if not removed:
                    break
                self._holds_lease()
        finally:
            db.session.remove()
        return total

    def _record(self, auction_id: int) -> int:
        if time.monotonic() < self._retry_at.get(auction_id, 0.0):
            return 0
        try:
            removed = record_waiting(self._engine, auction_id)
        except AWAY:
            raise
        except Exception as error:
            # A failure in one auction, expected (a gap) or not, never stops the others.
            self._retry_at[auction_id] = time.monotonic() + RETRY_SECONDS
            trouble = failure_text(error)
            if not isinstance(error, LedgerGap):
                trouble += f" at {failure_trace(error)[-1]}"
            self._outages.report(f"auction {auction_id}", trouble)
            return 0
        self._outages.report_end(f"auction {auction_id}")
        return removed

    def _holds_lease(self) -> bool:
        if time.monotonic() - self._renewed_at < RENEW_SECONDS:
            return True
        try:
            held = self._lease.hold()
        except redis.RedisError as error:
            # The lease only saves double work: record without it.
            self._outages.report("lease", f"no lease can be held: {failure_text(error)}")
            return True
        self._outages.report_end("lease")
        if held:
            self._renewed_at = time.monotonic()
        return held
