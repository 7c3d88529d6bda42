"""The guard: pauses bidding while bids could not be stored safely or the last check of the auction found a fault.

Each round it looks at the live store, the disks and every live auction. It sets and ends only its own pauses (OWN);
those of operators and rebuilds stay. After a change of process or role the store itself takes no bids (RESTARTED)
until the guard has checked the auction. Two guards at once do no harm.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import redis

from cashticket import redis_keys
from cashticket.auction.values import State
from cashticket.engine.condition import StoreCondition
from cashticket.engine.interface import Engine, Snapshot, UnknownAuction
from cashticket.engine.pauses import DISK_FULL, NOT_WRITING, OVERDUE, RESTARTED, UNSOUND
from cashticket.extensions import db
from cashticket.logs.failures import failure_text
from cashticket.work.check.compare import Report, check
from cashticket.work.outages import AWAY
from cashticket.work.watch.disks import full_disks
from cashticket.work.watch.troubles import Troubles

log = logging.getLogger(__name__)

OWN = (RESTARTED, UNSOUND, DISK_FULL, NOT_WRITING)
CHECK_SECONDS, RECHECK_SECONDS = 60.0, 5.0
GRACE_MS = 60_000
"""An auction whose end came during a pause up to this long closes; after a longer pause an operator decides."""


@dataclass(slots=True)
class _Watched:
    """What the guard remembers of an auction; `check_at` is monotonic seconds."""

    check_at: float = 0.0
    unsound: bool = False
    paused_since_ms: int | None = None


class Guard:
    """Call `round` about once a second. The queue store keeps, over restarts, which live store was checked last."""

    def __init__(
        self,
        engine: Engine,
        queue_redis: redis.Redis,
        disks: Sequence[Path],
        disk_free_min: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine, self._queue_redis, self._monotonic = engine, queue_redis, monotonic
        self._disks, self._disk_free_min = disks, disk_free_min
        self._troubles = Troubles(log)
        self._auctions: dict[int, _Watched] = {}
        self._identity = ""
        self._disk_paused = False

    def round(self) -> None:
        """Guard every live auction once. Raises StoreUnavailable and OutcomeUnknown while the live store is away."""
        condition = self._engine.condition()
        weaknesses = "; ".join(condition.loss_risks)
        self._troubles.log("durability", weaknesses and f"the live store may lose answered bids: {weaknesses}")
        live = self._engine.auctions()
        self._notice_other_store(condition)
        store_reason = self._store_reason(condition)
        self._auctions = {auction_id: self._auctions.get(auction_id, _Watched()) for auction_id in live}
        for auction_id in live:
            trouble = ""
            try:
                self._guard_auction(auction_id, store_reason)
            except UnknownAuction:
                trouble = f"auction {auction_id} is lost: `flask auction rebuild {auction_id}`"
            self._troubles.log(f"loss of {auction_id}", trouble)

    # The store and the disks

    def _notice_other_store(self, condition: StoreCondition) -> None:
        """Make every check due when another process, or another role, answers than the one checked last."""
        last_identity = self._last_identity()
        if last_identity and last_identity != condition.identity:
            log.error("another process or role of the live store answers: no bids until every auction is checked")
        if last_identity != condition.identity or self._identity != condition.identity:
            self._keep_identity(condition.identity)
            for watched in self._auctions.values():
                watched.check_at = 0.0

    def _last_identity(self) -> str:
        """Identity of the live store that was checked last, '' for none."""
        try:
            stored = self._queue_redis.get(redis_keys.LIVE_STORE_SEEN) or self._identity
        except redis.RedisError:
            stored = self._identity
        return stored.decode() if isinstance(stored, bytes) else str(stored)

    def _keep_identity(self, identity: str) -> None:
        self._identity = identity
        try:
            self._queue_redis.set(redis_keys.LIVE_STORE_SEEN, identity)
        except redis.RedisError as error:
            self._troubles.log(
                "identity", f"the queue store does not keep which live store was checked: {failure_text(error)}"
            )

    def _store_reason(self, condition: StoreCondition) -> str:
        """Why no auction may take bids now, '' when the store can keep them."""
        full = full_disks(self._disks, self._disk_free_min, paused=self._disk_paused)
        self._disk_paused = bool(full)
        self._troubles.log("disk", f"bidding pauses, a disk is nearly full: {'; '.join(full)}" if full else "")
        self._troubles.log(
            "writing", "" if condition.writing else "bidding pauses, the live store cannot write its log"
        )
        if full:
            return DISK_FULL
        return "" if condition.writing else NOT_WRITING

    # One auction

    def _guard_auction(self, auction_id: int, store_reason: str) -> None:
        board = self._engine.read(auction_id)
        watched = self._auctions[auction_id]
        if board.state.is_end or (board.paused and board.paused not in OWN):
            watched.paused_since_ms = None
            return
        if board.paused and watched.paused_since_ms is None:
            # Whoever paused it, bidding resumes only after this guard's own check.
            watched.paused_since_ms, watched.check_at = board.now_ms, 0.0
        reason = store_reason or self._check_reason(auction_id, watched)
        if reason is None or reason == board.paused:
            return
        if reason:
            self._engine.pause(auction_id, reason, instead_of=board.paused)
        elif _is_overdue(board, watched):
            log.error("auction %s: its end came while bidding was paused: extend it, then resume it", auction_id)
            self._engine.pause(auction_id, OVERDUE, instead_of=board.paused)
        elif self._engine.resume(auction_id, board.paused, self._identity):
            watched.paused_since_ms = None
            log.warning("auction %s takes bids again after: %s", auction_id, board.paused)

    def _check_reason(self, auction_id: int, watched: _Watched) -> str | None:
        """UNSOUND, '' for sound, None while no check is possible: then the auction stays as it is."""
        now = self._monotonic()
        if now >= watched.check_at:
            report = self._check(auction_id)
            if report is None:
                watched.check_at = now + RECHECK_SECONDS
                return None
            watched.unsound = report.stops_bidding
            watched.check_at = now + (RECHECK_SECONDS if watched.unsound else CHECK_SECONDS)
        return UNSOUND if watched.unsound else ""

    def _check(self, auction_id: int) -> Report | None:
        """Check once, and again if a fault was found; None while the ledger or the live store is away."""
        try:
            report = check(self._engine, auction_id)
            if report.stops_bidding:
                db.session.remove()
                report = check(self._engine, auction_id)
        except AWAY as error:
            self._troubles.log("check", f"no check is possible: {type(error).__name__}")
            return None
        finally:
            db.session.remove()
        self._troubles.log("check", "")
        self._troubles.log(f"auction {auction_id}", _faults_sentence(report) if report.stops_bidding else "")
        return report


def _is_overdue(board: Snapshot, watched: _Watched) -> bool:
    since = watched.paused_since_ms
    paused_long = since is not None and board.now_ms - since > GRACE_MS
    return paused_long and board.state in (State.OPEN, State.CLOSING) and board.now_ms >= board.ends_at_ms


def _faults_sentence(report: Report) -> str:
    stopping = [finding for finding in report.findings if not finding.waits]
    first = "; ".join(f"{finding.invariant} {finding.sentence}" for finding in stopping[:3])
    return f"auction {report.auction_id} is unsound, bidding pauses ({len(stopping)} faults): {first}"
