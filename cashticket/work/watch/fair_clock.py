"""Rule 19 in the watch: notes when auctions take orders, gives lost time back, and keeps outages in the ledger.

What another process resumed and did not record, because it died between live store and ledger, is recorded in the next
round.
"""

import logging
from collections.abc import Mapping
from contextlib import suppress

import redis

from cashticket.auction.outages import AWAY_MS, Silence
from cashticket.auction.values import State
from cashticket.engine.interface import Beat, Engine, OutcomeUnknown, Status, StoreUnavailable, UnknownAuction
from cashticket.engine.pauses import CLOCK, RESTARTED
from cashticket.extensions import db
from cashticket.ledger.outages import RecordedEnd, recorded_ends
from cashticket.work import orders_taken
from cashticket.work.giving_back import give_back, is_for_operator, record_outage, resume
from cashticket.work.outages import DATABASE_AWAY
from cashticket.work.publishing import finish_extension
from cashticket.work.watch.store_clock import StoreClock, StoreClocks
from cashticket.work.watch.troubles import Troubles

log = logging.getLogger(__name__)


class FairClock:
    """Call `look` each round with the statuses of the live auctions, and then `resume` for those that may go on."""

    def __init__(
        self,
        engine: Engine,
        queue_redis: redis.Redis,
        troubles: Troubles,
        store_clock: StoreClock,
        everywhere: Engine | None = None,
    ) -> None:
        """`engine` is on one live store, `everywhere` on all of them, None for the same."""
        # Then every moment that is kept is by its clock.
        self._is_alone = everywhere is None or len(everywhere.stores()) == 1
        self._engine, self._queue_redis, self._troubles = engine, queue_redis, troubles
        self._clock = StoreClocks(store_clock)
        self._ends: Mapping[int, RecordedEnd] = {}
        # Auction → when it was last seen to take orders: by the store's clock, and as measured here.
        self._taken: dict[int, tuple[int, float]] = {}
        self._beats: Beat | None = None
        # Auction → the end of the last silence that it was given back, and when witnesses saw it take orders last.
        self._given: dict[int, int] = {}
        self._witnessed: dict[int, int] = {}
        self._paused_for_clock: set[int] = set()
        self._extensions_missed: dict[int, int] = {}
        self._is_first = True

    def begin(self) -> None:
        """Call before the store is asked for its condition."""
        self._clock.begin()

    def look(self, clocks_ms: Mapping[str, int], statuses: Mapping[int, Status]) -> None:
        """`clocks_ms` are the store's times of this round. Records what is missing, unless the database is away."""
        self._see_clock(clocks_ms, statuses)
        self._beat()
        try:
            self._ends = recorded_ends(statuses)
            for auction_id, status in statuses.items():
                if (end := self._ends.get(auction_id)) is not None:
                    record_outage(auction_id, status, end)
                    self._finish_extension(auction_id, is_missing=status.closes_at_ms > end.closes_at_ms)
                    self._give_back(auction_id, status, end)
        except DATABASE_AWAY:
            # The checks of this round report it.
            self._ends = {}
        finally:
            db.session.remove()
        self._note_taken(statuses)

    @property
    def has_stepped(self) -> bool:
        """Whether the store's clock disagrees with the time that this process has measured."""
        return bool(self._clock.step_ms)

    def is_for_operator(self, auction_id: int) -> bool:
        """Whether more time was lost than the end may move by itself."""
        board = self._engine.read(auction_id)
        return is_for_operator(board, self._taken_ms(auction_id, board.paused), self._deadline_ms(auction_id))

    def resume(self, auction_id: int, reason: str, checked_on: str, noticed_ms: int | None) -> bool:
        """Take bids again and give the time back, since `noticed_ms` if nobody knows since when. Returns whether this
        call did it."""
        known_ms = self._taken_ms(auction_id, reason)
        if known_ms is None and noticed_ms is not None:
            # Published a moment before: no look of the watch saw it.
            silences = self._silences(auction_id)
            began = (each.began_ms for each in silences if each.began_ms < noticed_ms <= each.ended_ms + AWAY_MS)
            known_ms = next(began, noticed_ms)
        resumed = resume(self._engine, auction_id, reason, checked_on, known_ms, self._ends.get(auction_id))
        if resumed:
            self._paused_for_clock.discard(auction_id)
        return resumed

    def hear(self, beats_ms: Mapping[int, int]) -> None:
        """What witnesses wrote of a store process that has gone: auction → when it took orders last (ms)."""
        later = {auction_id: ms for auction_id, ms in beats_ms.items() if ms > self._witnessed.get(auction_id, 0)}
        self._witnessed |= later
        for auction_id, ms in later.items():
            if ms > (orders_taken.taken_ms(self._queue_redis, auction_id) or 0):
                self._troubles.log("orders", orders_taken.note(self._queue_redis, {auction_id: ms}))

    def _beat(self) -> None:
        # The guard reports a store that is away, or refuses to write.
        with suppress(StoreUnavailable, OutcomeUnknown):
            self._beats = self._engine.beat()

    def _silences(self, auction_id: int) -> tuple[Silence, ...]:
        """The last times in which the process that decides the auction took no orders."""
        return self._beats.of(auction_id).silences if self._beats else ()

    def _give_back(self, auction_id: int, status: Status, end: RecordedEnd) -> None:
        """Give back what the store was away without a pause. While RESTARTED, resuming counts it."""
        silences = [each for each in self._silences(auction_id) if each.ended_ms > self._given.get(auction_id, 0)]
        if not silences or status.state is not State.OPEN or status.paused == RESTARTED or self.has_stepped:
            return
        with self._troubles.contained(f"the lost time of auction {auction_id}"), suppress(UnknownAuction):
            give_back(self._engine, auction_id, silences, end)
            self._given[auction_id] = silences[-1].ended_ms

    def _finish_extension(self, auction_id: int, *, is_missing: bool) -> None:
        """Store an extension that the ledger has missed for three rounds: a command takes a moment between the two."""
        rounds = self._extensions_missed.pop(auction_id, 0) + 1
        if not is_missing:
            return
        self._extensions_missed[auction_id] = rounds
        if rounds >= 3 and finish_extension(self._engine, auction_id):
            log.error("auction %s: an interrupted `auction extend` was finished; its reason is not known", auction_id)

    def _see_clock(self, clocks_ms: Mapping[str, int], statuses: Mapping[int, Status]) -> None:
        paused = {auction_id for auction_id, status in statuses.items() if status.paused == CLOCK}
        if self._clock.step_ms and any(not statuses[each].paused for each in self._paused_for_clock & statuses.keys()):
            log.warning("an operator has resumed bidding: the live store's present time counts")
            self._clock.accept()
        is_trusted = not self._is_first or not (paused or self._was_later(max(clocks_ms.values()), statuses))
        self._clock.see(clocks_ms, is_trusted=is_trusted)
        self._paused_for_clock, self._is_first = paused, False
        step = self._clock.step_ms / 1000
        trouble = (
            f"bidding pauses, the clock of the live store made a step of about {step:+.1f} s: set the clock of its "
            "machine right, then bidding goes on by itself; if the new time is right, `flask auction resume ID --why …`"
        )
        self._troubles.log("clock", trouble if step else "")

    def _was_later(self, now_ms: int, statuses: Mapping[int, Status]) -> bool:
        """Whether the store was seen at a later moment than now. The clocks of other stores say nothing about it."""
        own = None if self._is_alone else statuses.keys()
        return orders_taken.newest_ms(self._queue_redis, own) > now_ms + 2_000

    def _note_taken(self, statuses: Mapping[int, Status]) -> None:
        if self.has_stepped:
            return
        measured = self._clock.measured()
        taking = {
            auction_id: status.now_ms
            for auction_id, status in statuses.items()
            if status.state is State.OPEN and not status.paused
        }
        self._taken |= {auction_id: (now_ms, measured) for auction_id, now_ms in taking.items()}
        self._troubles.log("orders", orders_taken.note(self._queue_redis, taking))

    def _taken_ms(self, auction_id: int, reason: str) -> int | None:
        """The last moment at which the auction is known to have taken orders. After a step of the clock it is counted
        back from now, because the store's times from before belong to another clock."""
        seen = self._taken.get(auction_id)
        if reason == CLOCK and seen is not None:
            return self._engine.clock() - self._clock.since(seen[1])
        stored = orders_taken.taken_ms(self._queue_redis, auction_id)
        moments = (stored, seen and seen[0], self._witnessed.get(auction_id))
        taken = max((each for each in moments if each is not None), default=None)
        # What the store has of its beats is newer than the last look, unless it came after the outage.
        silence = next((each for each in self._silences(auction_id) if each.ended_ms > (taken or 0)), None)
        return taken if taken is None or silence is None else max(taken, silence.began_ms)

    def _deadline_ms(self, auction_id: int) -> int | None:
        end = self._ends.get(auction_id)
        return end.deadline_ms if end else None
