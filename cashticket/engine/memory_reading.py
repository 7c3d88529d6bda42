"""What is read of auctions in memory: boards, places, windows of the order, lists. Nothing here changes anything."""

import time
from collections.abc import Callable, Iterable, Sequence
from threading import RLock

from cashticket.auction import rules
from cashticket.auction.values import Entry, PoisonEntry
from cashticket.engine import memory_views
from cashticket.engine.interface import OrderRows, Place, Snapshot, Status, UnknownAuction, check_window
from cashticket.engine.memory_auction import MemoryAuction
from cashticket.engine.one_store import OneStore


def system_clock() -> int:
    """This machine's time in whole milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


class MemoryReader(OneStore):
    """The reading verbs of `Engine` on dictionaries. `clock` gives ms."""

    def __init__(self, clock: Callable[[], int] = system_clock) -> None:
        self._clock = clock
        self._auctions: dict[int, MemoryAuction] = {}
        self._live: set[int] = set()
        self._lock = RLock()

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

    def strangers(self) -> list[str]:
        return []

    def peek(self, auction_id: int, count: int) -> list[Entry | PoisonEntry]:
        with self._lock:
            auction = self._auctions.get(auction_id)
            return auction.bids[: max(0, count)] if auction else []

    def backlog(self, auction_ids: Iterable[int]) -> dict[int, int]:
        with self._lock:
            return {each: len(self._auctions[each].bids) if each in self._auctions else 0 for each in auction_ids}

    def _auction(self, auction_id: int) -> MemoryAuction:
        try:
            return self._auctions[auction_id]
        except KeyError:
            raise UnknownAuction(f"auction {auction_id} is not in the live store") from None

    def _now(self, now_ms: int | None) -> int:
        return self._clock() if now_ms is None else now_ms
