"""The guard of the watch: no auction takes bids that could not be kept, or that nobody knows to be right.

Each round it looks at the store, at the disks and at every live auction, and sets or ends the pauses that are its own;
those of operators and of rebuilding it leaves alone. Another process of the store, or another role, takes no bids of
itself (RESTARTED); here every auction is checked and let go on. Two guards at once do no harm.
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
from cashticket.engine.interface import (
    DISK_FULL,
    NOT_WRITING,
    OVERDUE,
    RESTARTED,
    UNSOUND,
    Engine,
    Snapshot,
    UnknownAuction,
)
from cashticket.extensions import db
from cashticket.work.check.compare import Report, check
from cashticket.work.outages import AWAY
from cashticket.work.watch.disks import full_disks

log = logging.getLogger(__name__)

OWN = (RESTARTED, UNSOUND, DISK_FULL, NOT_WRITING)
CHECK_SECONDS, RECHECK_SECONDS = 60.0, 5.0
GRACE_MS = 60_000
"""An end that came during a pause no longer than this closes the auction; after a longer one an operator decides."""


@dataclass(slots=True)
class _Watched:
    """What is known of one auction: when it is to be checked, what the last check said, since when it is paused."""

    check_at: float = 0.0
    unsound: bool = False
    paused_since_ms: int | None = None


class Guard:
    """Call `round` about once a second. `seen` keeps, over restarts of the watch, which store was looked at last."""

    def __init__(
        self,
        engine: Engine,
        seen: redis.Redis,
        disks: Sequence[Path],
        disk_min: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine, self._seen, self._monotonic = engine, seen, monotonic
        self._disks, self._disk_min = disks, disk_min
        self._told: dict[str, str] = {}
        self._auctions: dict[int, _Watched] = {}
        self._identity = ""
        self._disk_paused = False

    def round(self) -> None:
        """Look at everything once. Raises StoreUnavailable and OutcomeUnknown while the live store is away."""
        condition = self._engine.condition()
        self._tell_softness(condition)
        live = self._engine.auctions()
        self._recognise(condition)
        common = self._common_reason(condition)
        self._auctions = {each: self._auctions.get(each, _Watched()) for each in live}
        for auction_id in live:
            try:
                self._look_at(auction_id, common)
            except UnknownAuction:
                self._say(
                    f"loss of {auction_id}", f"auction {auction_id} is lost: `flask auction rebuild {auction_id}`"
                )
            else:
                self._say(f"loss of {auction_id}", "")

    # The store and the disks

    def _recognise(self, condition: StoreCondition) -> None:
        """Whatever was checked on another process, or in another role, is checked anew."""
        known = self._last_seen()
        if known and known != condition.identity:
            log.error("another process or role of the live store answers: no bids until every auction is checked")
        if known != condition.identity or self._identity != condition.identity:
            self._remember(condition)

    def _last_seen(self) -> str:
        """The store that was looked at last, '' when none ever was."""
        try:
            known = self._seen.get(redis_keys.LIVE_STORE_SEEN) or self._identity
        except redis.RedisError:
            known = self._identity
        return known.decode() if isinstance(known, bytes) else str(known)

    def _remember(self, condition: StoreCondition) -> None:
        self._identity = condition.identity
        for watched in self._auctions.values():
            watched.check_at = 0.0
        try:
            self._seen.set(redis_keys.LIVE_STORE_SEEN, condition.identity)
        except redis.RedisError as error:
            self._say("seen", f"the queue Redis does not keep which live store was seen: {error}")

    def _common_reason(self, condition: StoreCondition) -> str:
        """Why no auction may take bids now, '' when the store can keep them."""
        full = full_disks(self._disks, self._disk_min, paused=self._disk_paused)
        self._disk_paused = bool(full)
        self._say("disk", f"bidding pauses, a disk is nearly full: {'; '.join(full)}" if full else "")
        self._say("writing", "" if condition.writing else "bidding pauses, the live store cannot write its log")
        if full:
            return DISK_FULL
        return "" if condition.writing else NOT_WRITING

    def _tell_softness(self, condition: StoreCondition) -> None:
        soft = "; ".join(condition.softness)
        self._say("softness", f"the live store may lose answered bids: {soft}" if soft else "")

    def _say(self, about: str, trouble: str) -> None:
        """One line when a trouble begins, one when it is over."""
        if trouble and about not in self._told:
            log.error(trouble)
        if not trouble and about in self._told:
            log.warning("over: %s", self._told[about])
        self._told.pop(about, None)
        if trouble:
            self._told[about] = trouble

    # One auction

    def _look_at(self, auction_id: int, common: str) -> None:
        board = self._engine.read(auction_id)
        watched = self._auctions[auction_id]
        if board.state.is_end or (board.paused and board.paused not in OWN):
            watched.paused_since_ms = None
            return
        if board.paused and watched.paused_since_ms is None:
            # Whoever paused it, it goes on only after a check of our own.
            watched.paused_since_ms, watched.check_at = board.now_ms, 0.0
        wanted = common or self._verdict(auction_id, board, watched)
        if wanted is None or wanted == board.paused:
            return
        if wanted:
            self._engine.pause(auction_id, wanted, instead_of=board.paused)
        elif self._is_overdue(board, watched):
            log.error("auction %s: its end came while bidding was paused: extend it, then resume it", auction_id)
            self._engine.pause(auction_id, OVERDUE, instead_of=board.paused)
        elif self._engine.resume(auction_id, board.paused, self._identity):
            watched.paused_since_ms = None
            log.warning("auction %s takes bids again after: %s", auction_id, board.paused)

    def _is_overdue(self, board: Snapshot, watched: _Watched) -> bool:
        since = watched.paused_since_ms
        paused_long = since is not None and board.now_ms - since > GRACE_MS
        return paused_long and board.state in (State.OPEN, State.CLOSING) and board.now_ms >= board.ends_at_ms

    def _verdict(self, auction_id: int, board: Snapshot, watched: _Watched) -> str | None:
        """UNSOUND, '' for sound, None while that is not known: then everything stays as it is."""
        now = self._monotonic()
        if now >= watched.check_at:
            report = self._checked(auction_id)
            if report is None:
                watched.check_at = now + RECHECK_SECONDS
                return None
            watched.unsound = report.stops_bidding
            watched.check_at = now + (RECHECK_SECONDS if watched.unsound else CHECK_SECONDS)
        return UNSOUND if watched.unsound else ""

    def _checked(self, auction_id: int) -> Report | None:
        """What two checks say, if the first one finds a fault; None while the ledger or the store is away."""
        try:
            report = check(self._engine, auction_id)
            if report.stops_bidding:
                db.session.remove()
                report = check(self._engine, auction_id)
        except AWAY as error:
            self._say("check", f"no check is possible: {type(error).__name__}")
            return None
        finally:
            db.session.remove()
        self._say("check", "")
        self._say(f"auction {auction_id}", _told(report) if report.stops_bidding else "")
        return report


def _told(report: Report) -> str:
    stopping = [finding for finding in report.findings if not finding.waits]
    first = "; ".join(f"{finding.invariant} {finding.sentence}" for finding in stopping[:3])
    return f"auction {report.auction_id} is unsound, bidding pauses ({len(stopping)} faults): {first}"
