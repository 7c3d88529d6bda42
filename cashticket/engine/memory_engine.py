"""The engine in plain Python: it says with the rules alone what every verb means.

The engine on the live store must answer the same; a differential test compares the two. It is for tests and for
reading, not for production: everything is lost when the process ends.
"""

from collections.abc import Callable, Sequence

from cashticket.auction.answers import entry_of
from cashticket.auction.terms import Terms, check_terms
from cashticket.auction.values import Accepted, Entry, Permission, PoisonEntry, State
from cashticket.engine import memory_restoring
from cashticket.engine.condition import Pulse, StoreCondition
from cashticket.engine.interface import (
    BACKLOG_MAX,
    Closing,
    Decision,
    OnAccepted,
    Restoration,
    Withdrawal,
    check_put_back,
)
from cashticket.engine.introductions import Introduction
from cashticket.engine.memory_auction import MemoryAuction
from cashticket.engine.memory_fair import FairMemory
from cashticket.engine.memory_reading import system_clock
from cashticket.engine.news import Opened, format_news
from cashticket.engine.pauses import RESTORING


class MemoryEngine(FairMemory):
    """The verbs of `Engine` on dictionaries. `clock` gives ms; `publish` receives auction id and news text,
    `on_accepted` what that of RedisEngine receives."""

    def __init__(
        self,
        clock: Callable[[], int] = system_clock,
        publish: Callable[[int, str], object] | None = None,
        backlog_max: int = BACKLOG_MAX,
        on_accepted: OnAccepted | None = None,
    ) -> None:
        super().__init__(clock)
        self._on_accepted = on_accepted
        self._backlog_max = backlog_max
        self._people_known_at: int | None = None
        self._publish = publish or (lambda auction_id, text: None)
        self.run_id = f"{id(self):040x}"

    def condition(self) -> StoreCondition:
        """Nothing is ever on a disk."""
        return StoreCondition(run_id=self.run_id, fsync="off", now_ms=self._clock())

    def pulse(self) -> Pulse:
        return Pulse(self.condition().identity, self._clock())

    def bids_in_flight(self) -> frozenset[object]:
        return frozenset()

    def clock(self) -> int:
        return self._clock()

    def open(self, terms: Terms) -> bool:
        check_terms(terms)
        auction_id = terms.auction_id
        with self._lock:
            published = self._auctions.get(auction_id)
            if published is None:
                auction = self._auctions[auction_id] = self._new(terms, terms.closes_at_ms)
                self._live.add(auction_id)
                auction.publish(Opened(auction.version))
                return True
            if published.terms != terms:
                raise ValueError(f"auction {auction_id} was published under other terms, which are frozen")
            if not published.state.is_end:
                self._live.add(auction_id)
            return False

    def relist(self, auction_id: int) -> bool:
        with self._lock:
            is_missing = not self._auction(auction_id).state.is_end and auction_id not in self._live
            if is_missing:
                self._live.add(auction_id)
            return is_missing

    def extend(self, auction_id: int, closes_at_ms: int, soft_close_cap_ms: int | None = None) -> Closing:
        with self._lock:
            return self._auction(auction_id).extend(closes_at_ms, soft_close_cap_ms, self._clock())

    def introduce(
        self,
        auction_id: int,
        person: int,
        permission: Permission,
        epoch: int,
        revision: int,
        *,
        is_change: bool = False,
    ) -> None:
        with self._lock:
            self._auction(auction_id).introduce(person, Introduction(permission, epoch, revision))

    def forget_people(self, auction_id: int) -> None:
        with self._lock:
            if auction := self._auctions.get(auction_id):
                auction.people = {}

    def note_people_known(self, at_ms: int) -> None:
        self._people_known_at = at_ms

    def people_known_at(self) -> int | None:
        return self._people_known_at

    def place_bid(
        self,
        auction_id: int,
        person: int,
        epoch: int,
        amount: int,
        request_id: str,
        now_ms: int | None = None,
        *,
        sure: int | None = None,
    ) -> Decision:
        with self._lock:
            auction = self._auction(auction_id)
            bid = (person, epoch, amount, request_id, sure)
            decision = auction.place_bid(*bid, backlog_max=self._backlog_max, now_ms=self._now(now_ms))
            if self._on_accepted and isinstance(decision, Accepted):
                newest = None if decision.replayed else auction.bids[-1]
                repeated = entry_of(decision, person, request_id, None)
                self._on_accepted(auction_id, newest if isinstance(newest, Entry) else repeated)
            return decision

    def withdraw(self, auction_id: int, person: int, now_ms: int | None = None) -> Withdrawal:
        with self._lock:
            withdrawal = self._auction(auction_id).withdraw(person, self._now(now_ms))
        if self._on_accepted and withdrawal.entry:
            self._on_accepted(auction_id, withdrawal.entry)
        return withdrawal

    def restore(self, restoration: Restoration) -> None:
        check_terms(restoration.terms)
        auction_id = restoration.terms.auction_id
        with self._lock:
            old = self._auctions.get(auction_id)
            if old is not None and (old.bids or (old.state is State.OPEN and old.paused != RESTORING)):
                raise ValueError(f"auction {auction_id} is in the live store, or bids of it wait there")
            auction = self._new(restoration.terms, restoration.ends_at_ms)
            auction.people = old.people if old else {}
            self._auctions[auction_id] = auction
            self._live.add(auction_id)
            memory_restoring.restore(auction, restoration)

    def put_back(self, auction_id: int, entries: Sequence[Entry], through: int) -> bool:
        check_put_back(entries, through)
        with self._lock:
            return memory_restoring.put_back(self._auction(auction_id), entries, through)

    def tail(self, auction_id: int, skip: int, count: int) -> list[Entry | PoisonEntry]:
        with self._lock:
            auction = self._auctions.get(auction_id)
            end = max(0, len(auction.bids) - skip) if auction else 0
            return auction.bids[max(0, end - count) : end] if auction else []

    def trim(self, auction_id: int, through_sequence: int) -> int:
        with self._lock:
            auction = self._auctions.get(auction_id)
            return auction.trim(through_sequence) if auction else 0

    def discard(self, auction_id: int, raw: str) -> bool:
        with self._lock:
            auction = self._auctions.get(auction_id)
            return auction is not None and auction.discard(raw)

    def forget(self, auction_id: int) -> bool:
        with self._lock:
            auction = self._auctions.get(auction_id)
            if auction is not None and (auction.bids or not auction.state.is_end):
                return False
            self._auctions.pop(auction_id, None)
            self._live.discard(auction_id)
            return True

    def finish(self, auction_id: int, state: State) -> None:
        if not state.is_end:
            raise ValueError(f"an auction finishes as settled or voided, not {state}")
        with self._lock:
            self._auction(auction_id).finish(state)
            self._live.discard(auction_id)

    def _new(self, terms: Terms, ends_at_ms: int) -> MemoryAuction:
        return MemoryAuction(
            terms,
            lambda news: self._publish(terms.auction_id, format_news(news)),
            ends_at_ms,
            store_identity=lambda: self.condition().identity,
        )
