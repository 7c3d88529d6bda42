"""The drain: moves the entries of live auctions into the ledger, one auction after the other.

News of an auction wakes it, and it looks at least every 50 ms. Several drains share the auctions (`drain_leases`): each
visits every auction that waits and that no other records, for a few transactions, so that no auction waits for a hot
one. A drain ends after its time, on a stop, or when the others leave it nothing to do. Two drains on one auction are
harmless, and so is killing one at any moment.
"""

import logging
import threading
import time
from collections import Counter
from contextlib import suppress

import redis

from cashticket.auction.store_names import FIRST_STORE
from cashticket.engine.interface import Engine
from cashticket.extensions import db
from cashticket.ledger.fence import LedgerGap
from cashticket.ledger.recording import record_waiting
from cashticket.logs.failures import failure_text, failure_trace
from cashticket.work import drain_leases
from cashticket.work.leases import Lease
from cashticket.work.news_alarm import Alarm
from cashticket.work.outages import AWAY, Outages, concerns_one

log = logging.getLogger(__name__)

PEEK_SECONDS = 0.05
# Waiting this long after a wake-up lets bids that arrive together share one transaction.
GATHER_SECONDS = 0.01
RENEW_SECONDS = 0.75
RETRY_SECONDS = 5.0
NO_LEASES_SECONDS = 30.0
"""A drain works without leases for so long after the queue store gave it none."""

BATCH = 500
VISIT_BATCHES = 4
"""Full batches after which a drain goes on to the next auction that waits."""

IDLE_SECONDS = 5.0
"""A drain that has recorded nothing for this long ends, except the one that stays."""


class Drain:
    """Records the waiting entries of the auctions that the engine serves and that no other drain records."""

    def __init__(
        self, engine: Engine, queue_redis: redis.Redis, alarm: Alarm, stop: threading.Event, store: str = FIRST_STORE
    ) -> None:
        """`store` is the name of the live store that `engine` is on."""
        self._engine, self._queue_redis, self._alarm, self._stop = engine, queue_redis, alarm, stop
        self._staying_lease, self._stays, self._asked_at = drain_leases.staying(queue_redis, store), False, 0.0
        self._outages = Outages(log, "the drain" if store == FIRST_STORE else f"the drain of the live store {store}")
        # Monotonic time before which no lease is asked for.
        self._leases_at = 0.0
        # Auction → monotonic time before which it is left alone.
        self._retry_at: dict[int, float] = {}
        self._removed: Counter[int] = Counter()

    def run(self, seconds: float) -> Counter[int]:
        """Drain for `seconds`, until a stop, or until other drains leave it nothing to do. Returns how many entries
        left the list of each auction."""
        worked_at = time.monotonic()
        ends_at = worked_at + seconds
        while not self._stop.is_set() and time.monotonic() < ends_at:
            removed = 0
            with self._outages.tolerated():
                removed = self._visit_all()
            if self._outages.pause_seconds:
                self._stop.wait(self._outages.pause_seconds)
            elif removed:
                worked_at = time.monotonic()
            elif not self._stays and time.monotonic() - worked_at > IDLE_SECONDS:
                break
            else:
                self._alarm.wait(PEEK_SECONDS)
                self._stop.wait(GATHER_SECONDS)
        self._release(self._staying_lease)
        return self._removed

    def round(self) -> int:
        """Record until the list of every auction that no other drain records is empty. Returns how many entries left
        their lists."""
        total = 0
        while not self._stop.is_set() and (removed := self._visit_all()):
            total += removed
        return total

    def _visit_all(self) -> int:
        """Visit each auction that waits once. Returns how many entries left their lists."""
        self._try_to_stay()
        try:
            waiting = [each for each, count in self._engine.backlog(self._engine.auctions()).items() if count]
            return sum(map(self._visit, waiting))
        finally:
            db.session.remove()

    def _visit(self, auction_id: int) -> int:
        lease = drain_leases.of_auction(self._queue_redis, auction_id)
        if time.monotonic() < self._retry_at.get(auction_id, 0.0) or not self._hold(lease):
            return 0
        try:
            removed = self._record_batches(auction_id, lease)
        finally:
            if auction_id in self._retry_at:
                # Until then other drains leave it alone as well.
                self._hold(lease, int(RETRY_SECONDS * 1000))
            else:
                self._release(lease)
        self._removed[auction_id] += removed
        return removed

    def _record_batches(self, auction_id: int, lease: Lease) -> int:
        total, held_at = 0, time.monotonic()
        for _ in range(VISIT_BATCHES):
            removed = self._record(auction_id)
            total += removed
            self._try_to_stay()
            if removed < BATCH or self._stop.is_set():
                break
            if time.monotonic() - held_at > RENEW_SECONDS:
                if not self._hold(lease):
                    break
                held_at = time.monotonic()
        return total

    def _record(self, auction_id: int) -> int:
        self._retry_at.pop(auction_id, None)
        try:
            removed = record_waiting(self._engine, auction_id, BATCH)
        except Exception as error:
            if isinstance(error, AWAY) and not concerns_one(error):
                raise
            # A failure in one auction, expected (a gap) or not, never stops the others.
            self._retry_at[auction_id] = time.monotonic() + RETRY_SECONDS
            trouble = failure_text(error)
            if not isinstance(error, LedgerGap):
                trouble += f" at {failure_trace(error)[-1]}"
            self._outages.report(f"auction {auction_id}", trouble)
            return 0
        self._outages.report_end(f"auction {auction_id}")
        return removed

    def _try_to_stay(self) -> None:
        if time.monotonic() - self._asked_at >= RENEW_SECONDS:
            self._stays, self._asked_at = self._hold(self._staying_lease), time.monotonic()

    def _hold(self, lease: Lease, milliseconds: int = drain_leases.LEASE_MS) -> bool:
        """Whether no other drain holds the lease."""
        if time.monotonic() < self._leases_at:
            return True
        try:
            is_held = lease.hold(milliseconds)
        except redis.RedisError as error:
            # Leases only save double work: record without them, and do not wait for a frozen store each time.
            self._leases_at = time.monotonic() + NO_LEASES_SECONDS
            self._outages.report("lease", f"no lease can be held: {failure_text(error)}")
            return True
        self._outages.report_end("lease")
        return is_held

    def _release(self, lease: Lease) -> None:
        # One that cannot be released ends by itself.
        if time.monotonic() >= self._leases_at:
            with suppress(redis.RedisError):
                lease.release()
