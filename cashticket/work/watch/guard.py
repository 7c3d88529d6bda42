"""The guard: pauses bidding while bids could not be stored safely or the last check of the auction found a fault.

Each round it looks at the live store, the disks and every live auction, at the same cost however many bid. It sets and
ends only its own pauses (OWN); those of operators and rebuilds stay. After a change of process or role the store itself
takes no bids (RESTARTED) until the auction was found sound on the process that answers. The time without bids is given
back (FairClock). Two guards at once do no harm.
"""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import redis

from cashticket.auction.store_names import FIRST_STORE
from cashticket.engine.condition import StoreCondition
from cashticket.engine.interface import BACKLOG_MAX, Engine, Status, StoreUnavailable, UnknownAuction
from cashticket.engine.pauses import (
    BACKLOG_FULL,
    CLOCK,
    DISK_FULL,
    MEMORY,
    NO_REPLICAS,
    NOT_PRIMARY,
    NOT_WRITING,
    OVERDUE,
    REPLICA_AWAY,
    RESTARTED,
    UNSOUND,
)
from cashticket.work.watch.accounts import Accounts
from cashticket.work.watch.backlogs import Backlogs
from cashticket.work.watch.disks import full_disks
from cashticket.work.watch.fair_clock import FairClock
from cashticket.work.watch.live_index import LiveIndex
from cashticket.work.watch.memory import memory_shortage
from cashticket.work.watch.seen_store import SeenStore
from cashticket.work.watch.store_clock import StoreClock
from cashticket.work.watch.troubles import Troubles
from cashticket.work.watch.untold_people import UntoldPeople
from cashticket.work.watch.wanted_checks import WantedChecks
from cashticket.work.witnesses import ReadTestimony

log = logging.getLogger(__name__)

REFUSALS = (NOT_PRIMARY, NOT_WRITING, REPLICA_AWAY, NO_REPLICAS)
OWN = (RESTARTED, UNSOUND, DISK_FULL, MEMORY, CLOCK, BACKLOG_FULL, *REFUSALS)


class Guard:
    """Call `round` about once a second. The queue store keeps, over restarts, which live store was checked last."""

    def __init__(
        self,
        engine: Engine,
        queue_redis: redis.Redis,
        disks: Sequence[Path],
        disk_free_min: int,
        monotonic: Callable[[], float] = time.monotonic,
        queue_checks: Callable[[], bool] | None = None,
        read_testimony: ReadTestimony | None = None,
        backlog_max: int = BACKLOG_MAX,
        store_clock: StoreClock | None = None,
        store: str = FIRST_STORE,
        everywhere: Engine | None = None,
    ) -> None:
        """`queue_checks` has a worker make the checks that are wanted; None: the rounds make them. `read_testimony`
        returns what all witnesses have written; None: there are none, and nothing is accounted for. `backlog_max` is
        that of the engine. `store` names the live store of `engine`, and `everywhere` is the engine on all of them."""
        self._engine = engine
        self._disks, self._disk_free_min, self._disk_paused, self._memory_paused = disks, disk_free_min, False, False
        self._troubles = Troubles(log, "" if store == FIRST_STORE else f"live store {store}: ")
        self._index = LiveIndex(engine, self._troubles, store)
        self._checks = WantedChecks(engine, queue_checks, monotonic, self._troubles)
        self._fair_clock = FairClock(engine, queue_redis, self._troubles, store_clock or StoreClock(), everywhere)
        self._backlogs = Backlogs(backlog_max, self._troubles)
        self._accounts = read_testimony and Accounts(engine, read_testimony, self._troubles, self._fair_clock.hear)
        # Auction → ms of the live store at which its pause was first seen.
        self._paused_since: dict[int, int] = {}
        # Nothing is resumed while a session that has ended may still bid.
        self._people, self._are_people_known = UntoldPeople(engine, monotonic, everywhere), False
        self._seen_store = SeenStore(queue_redis, self._troubles, store)

    def round(self) -> None:
        """Guard every live auction once, those on shards of a cluster that answer. Raises StoreUnavailable and
        OutcomeUnknown while the live store is away."""
        self._fair_clock.begin()
        condition = self._engine.present_condition()
        weaknesses = "; ".join(condition.loss_risks)
        self._troubles.log("durability", weaknesses and f"the live store may lose answered bids: {weaknesses}")
        if self._seen_store.is_other(condition.identity):
            self._checks.make_due()
        store_reason = self._store_reason(condition)
        # It writes, which a store that refuses takes none of; then nothing resumes either.
        self._are_people_known = not condition.refusals and self._people.round(condition.identity)
        statuses = self._index.statuses(condition)
        self._fair_clock.look(condition.clocks_ms, statuses)
        store_reason = store_reason or (CLOCK if self._fair_clock.has_stepped else "")
        guarded = {auction_id: status for auction_id, status in statuses.items() if _is_guarded(status)}
        self._notice_pauses(guarded)
        if self._accounts:
            self._checks.make_due(self._accounts.look(condition, guarded))
        self._checks.ask(guarded)
        for auction_id, status in guarded.items():
            with self._troubles.contained(f"the guard of auction {auction_id}"), suppress(UnknownAuction):
                try:
                    self._guard_auction(auction_id, status, store_reason, condition.of(auction_id))
                except StoreUnavailable:
                    # A store that refuses every write takes no bids either; the reason stands in the log.
                    if not store_reason:
                        raise

    def _notice_pauses(self, guarded: dict[int, Status]) -> None:
        """Whoever paused an auction, bidding resumes only after a check that was wanted since then."""
        self._paused_since = {each: since for each, since in self._paused_since.items() if each in guarded}
        for auction_id, status in guarded.items():
            if status.paused and auction_id not in self._paused_since:
                self._paused_since[auction_id] = status.now_ms
                self._checks.make_due([auction_id])

    # The store and the disks

    def _store_reason(self, condition: StoreCondition) -> str:
        """Why no auction may take bids now, '' when the store can keep them."""
        full = full_disks(self._disks, self._disk_free_min, paused=self._disk_paused)
        self._disk_paused = bool(full)
        self._troubles.log("disk", f"bidding pauses, a disk is nearly full: {'; '.join(full)}" if full else "")
        short = memory_shortage(condition, paused=self._memory_paused)
        self._memory_paused = bool(short)
        self._troubles.log("memory", short and f"bidding pauses, {short}")
        for reason in REFUSALS:
            sentence = condition.refusals.get(reason, "")
            self._troubles.log(reason, sentence and f"bidding pauses: {sentence}")
        if full or short:
            return DISK_FULL if full else MEMORY
        return next(iter(condition.refusals), "")

    def _own_reason(self, reason: str, condition: StoreCondition) -> str:
        """The reason for the auctions of one process; disks and clocks are everybody's."""
        if reason in ("", DISK_FULL, CLOCK):
            return reason
        short = memory_shortage(condition, paused=self._memory_paused)
        return MEMORY if short else next(iter(condition.refusals), "")

    # One auction

    def _guard_auction(self, auction_id: int, status: Status, store_reason: str, condition: StoreCondition) -> None:
        """`store_reason` is for all auctions, `condition` that of the process which decides this one."""
        store_reason = self._own_reason(store_reason, condition)
        objection = self._accounts.objection(auction_id) if self._accounts and status.paused else ""
        if objection is None and status.paused == RESTARTED:
            return
        fault = self._checks.fault(auction_id)
        trouble = f"auction {auction_id} is unsound, bidding pauses: {fault}" if fault else ""
        if fault is not None:
            self._troubles.log(f"auction {auction_id}", trouble)
        reason = store_reason or self._backlogs.reason(auction_id, status) or (UNSOUND if fault else fault)
        if reason == "":
            reason = objection
        if reason is None or reason == status.paused:
            return
        if reason:
            self._engine.pause(auction_id, reason, instead_of=status.paused)
        elif self._fair_clock.is_for_operator(auction_id):
            log.error("auction %s: more time was lost than its end may move: extend it, then resume it", auction_id)
            self._engine.pause(auction_id, OVERDUE, instead_of=status.paused)
        elif not self._are_people_known or self._checks.checked_on(auction_id) != condition.identity:
            # What was accounted for must be what was checked.
            return
        elif self._resume(auction_id, status.paused):
            log.warning("auction %s takes bids again after: %s", auction_id, status.paused)

    def _resume(self, auction_id: int, reason: str) -> bool:
        noticed_ms = self._paused_since.pop(auction_id, None)
        return self._fair_clock.resume(auction_id, reason, self._checks.checked_on(auction_id), noticed_ms)


def _is_guarded(status: Status) -> bool:
    return not status.state.is_end and (not status.paused or status.paused in OWN)
