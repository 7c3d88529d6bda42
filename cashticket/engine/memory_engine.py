"""The engine in plain Python: it says with the rules alone what every verb means.

The engine on the live store must answer the same; a differential test compares the two. It is for tests and for
reading, not for production: everything is lost when the process ends.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from threading import RLock

from cashticket.auction import rules
from cashticket.auction.terms import Terms, check_terms
from cashticket.auction.values import Entry, Permission, PoisonEntry, State
from cashticket.engine import memory_views
from cashticket.engine.condition import StoreCondition
from cashticket.engine.interface import (
    BACKLOG_MAX,
    Closing,
    Decision,
    OrderRows,
    Place,
    Restoration,
    Snapshot,
    Status,
    UnknownAuction,
    check_window,
)
from cashticket.engine.introductions import Introduction
from cashticket.engine.memory_auction import MemoryAuction
from cashticket.engine.news import Opened, format_news
from cashticket.engine.pauses import RESTORING


def system_clock() -> int:
    """This machine's time in whole milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


class MemoryEngine:
    """The verbs of `Engine` on dictionaries. `clock` gives ms; `publish` receives auction id and news text."""

    def __init__(
        self,
        clock: Callable[[], int] = system_clock,
        publish: Callable[[int, str], object] | None = None,
        backlog_max: int = BACKLOG_MAX,
    ) -> None:
        self._clock = clock
        self._backlog_max = backlog_max
        self._publish = publish or (lambda auction_id, text: None)
        self._auctions: dict[int, MemoryAuction] = {}
        self._live: set[int] = set()
        self._lock = RLock()
        self.run_id = f"{id(self):040x}"

    def condition(self) -> StoreCondition:
        """Nothing is ever on a disk."""
        return StoreCondition(run_id=self.run_id, fsync="off")

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
            return False

    def extend(self, auction_id: int, closes_at_ms: int) -> Closing:
        with self._lock:
            return self._auction(auction_id).extend(closes_at_ms, self._clock())

    def introduce(self, auction_id: int, person: int, permission: Permission, epoch: int, revision: int) -> None:
        with self._lock:
            self._auction(auction_id).introduce(person, Introduction(permission, epoch, revision))

    def place_bid(
        self, auction_id: int, person: int, epoch: int, amount: int, request_id: str, now_ms: int | None = None
    ) -> Decision:
        with self._lock:
            return self._auction(auction_id).place_bid(
                person, epoch, amount, request_id, self._backlog_max, self._now(now_ms)
            )

    def pause(self, auction_id: int, reason: str, instead_of: str = "") -> bool:
        if not reason:
            raise ValueError("bidding is paused only for a reason")
        with self._lock:
            return self._auction(auction_id).set_pause(reason, instead_of)

    def resume(self, auction_id: int, reason: str, checked_on: str = "") -> bool:
        with self._lock:
            return self._auction(auction_id).set_pause("", reason, checked_on)

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
            auction.restore(restoration)

    def read(self, auction_id: int, now_ms: int | None = None) -> Snapshot:
        with self._lock:
            return memory_views.snapshot(self._auction(auction_id), self._now(now_ms))

    def place(self, auction_id: int, person: int) -> Place:
        with self._lock:
            return memory_views.place(self._auction(auction_id), person)

    def places(self, auction_id: int, people: Sequence[int]) -> dict[int, Place]:
        with self._lock:
            return {person: memory_views.place(self._auction(auction_id), person) for person in people}

    def rows(self, auction_id: int, first: int, count: int) -> OrderRows:
        check_window(first, count)
        with self._lock:
            return memory_views.rows(self._auction(auction_id), first, count)

    def would_rank(self, auction_id: int, person: int, amount: int) -> int:
        with self._lock:
            return rules.would_rank(self._auction(auction_id).ranked_bids.values(), person, amount)

    def versions(self, auction_ids: Iterable[int]) -> dict[int, int]:
        with self._lock:
            return {each: self._auctions[each].version for each in auction_ids if each in self._auctions}

    def statuses(self, auction_ids: Iterable[int]) -> dict[int, Status]:
        with self._lock:
            present = {each: self._auctions[each] for each in auction_ids if each in self._auctions}
            return {each: memory_views.status(auction, self._clock()) for each, auction in present.items()}

    def auctions(self) -> list[int]:
        with self._lock:
            return sorted(self._live)

    def close(self, auction_id: int, now_ms: int | None = None) -> Closing:
        with self._lock:
            return self._auction(auction_id).close(self._now(now_ms))

    def peek(self, auction_id: int, count: int) -> list[Entry | PoisonEntry]:
        with self._lock:
            auction = self._auctions.get(auction_id)
            return auction.bids[: max(0, count)] if auction else []

    def tail(self, auction_id: int, skip: int, count: int) -> list[Entry | PoisonEntry]:
        with self._lock:
            auction = self._auctions.get(auction_id)
            end = max(0, len(auction.bids) - skip) if auction else 0
            return auction.bids[max(0, end - count) : end] if auction else []

    def backlog(self, auction_ids: Iterable[int]) -> dict[int, int]:
        with self._lock:
            return {each: len(self._auctions[each].bids) if each in self._auctions else 0 for each in auction_ids}

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

    def _auction(self, auction_id: int) -> MemoryAuction:
        try:
            return self._auctions[auction_id]
        except KeyError:
            raise UnknownAuction(f"auction {auction_id} is not in the live store") from None

    def _now(self, now_ms: int | None) -> int:
        return self._clock() if now_ms is None else now_ms
