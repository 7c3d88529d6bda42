"""The engine in plain Python: the executable meaning of every verb.

It keeps one process's memory and asks the law directly. Whatever it answers, the engine on the live store must
answer too; a differential test holds them together. Good for tests and for reading, not for production: nothing
survives the process.
"""

import time
from collections.abc import Callable, Iterable
from threading import RLock

from cashticket.auction import rules
from cashticket.auction.values import Entry, Permission, PoisonEntry, RankedBid, State, Terms
from cashticket.engine.condition import StoreCondition
from cashticket.engine.decoding import Decision
from cashticket.engine.interface import BACKLOG_MAX, RESTORING, Closing, Place, Restoration, Snapshot, UnknownAuction
from cashticket.engine.memory_auction import Introduction, MemoryAuction
from cashticket.engine.news import Opened, format_news


def system_clock() -> int:
    """This machine's time in whole milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


class MemoryEngine:
    """The verbs of `Engine` on dictionaries. `clock` gives ms; `publish` receives auction id and news line."""

    def __init__(
        self,
        clock: Callable[[], int] = system_clock,
        publish: Callable[[int, str], object] | None = None,
        backlog_max: int = BACKLOG_MAX,
    ) -> None:
        self._clock = clock
        self._backlog_max = backlog_max
        self._publish = publish or (lambda auction_id, line: None)
        self._auctions: dict[int, MemoryAuction] = {}
        self._live: set[int] = set()
        self._lock = RLock()
        self.run_id = f"{id(self):040x}"

    def condition(self) -> StoreCondition:
        """See Engine.condition. Nothing is ever on a disk."""
        return StoreCondition(run_id=self.run_id, fsync="off")

    def clock(self) -> int:
        """See Engine.clock."""
        return self._clock()

    def open(self, terms: Terms) -> bool:
        """See Engine.open."""
        rules.check_terms(terms)
        auction_id = terms.auction_id
        with self._lock:
            known = self._auctions.get(auction_id)
            if known is None:
                auction = self._auctions[auction_id] = self._new(terms, terms.closes_at_ms)
                self._live.add(auction_id)
                auction.tell(Opened(auction.version))
                return True
            if known.terms != terms:
                raise ValueError(f"auction {auction_id} was published under other terms, which are frozen")
            return False

    def extend(self, auction_id: int, closes_at_ms: int) -> Closing:
        """See Engine.extend."""
        with self._lock:
            return self._known(auction_id).extend(closes_at_ms, self._clock())

    def introduce(self, auction_id: int, person: int, permission: Permission, epoch: int, revision: int) -> None:
        """See Engine.introduce."""
        with self._lock:
            self._known(auction_id).introduce(person, Introduction(permission, epoch, revision))

    def place_bid(
        self, auction_id: int, person: int, epoch: int, amount: int, request_id: str, now_ms: int | None = None
    ) -> Decision:
        """See Engine.place_bid."""
        with self._lock:
            return self._known(auction_id).place_bid(
                person, epoch, amount, request_id, self._backlog_max, self._now(now_ms)
            )

    def pause(self, auction_id: int, reason: str, instead_of: str = "") -> bool:
        """See Engine.pause. ValueError without a reason."""
        if not reason:
            raise ValueError("bidding is paused for a reason")
        with self._lock:
            return self._known(auction_id).set_pause(reason, instead_of)

    def resume(self, auction_id: int, reason: str, checked_on: str = "") -> bool:
        """See Engine.resume."""
        with self._lock:
            return self._known(auction_id).set_pause("", reason, checked_on)

    def restore(self, restoration: Restoration) -> None:
        """See Engine.restore."""
        rules.check_terms(restoration.terms)
        auction_id = restoration.terms.auction_id
        with self._lock:
            known = self._auctions.get(auction_id)
            if known is not None and (known.bids or (known.state is State.OPEN and known.paused != RESTORING)):
                raise ValueError(f"auction {auction_id} is in the live store, or bids of it wait there")
            auction = self._new(restoration.terms, restoration.ends_at_ms)
            auction.people = known.people if known else {}
            self._auctions[auction_id] = auction
            self._live.add(auction_id)
            auction.restore(restoration)

    def read(self, auction_id: int, now_ms: int | None = None) -> Snapshot:
        """See Engine.read."""
        with self._lock:
            return self._known(auction_id).snapshot(self._now(now_ms))

    def place(self, auction_id: int, person: int) -> Place:
        """See Engine.place."""
        with self._lock:
            return self._known(auction_id).place(person)

    def would_rank(self, auction_id: int, person: int, amount: int) -> int:
        """See Engine.would_rank."""
        with self._lock:
            return rules.would_rank(self._known(auction_id).standings.values(), person, amount)

    def versions(self, auction_ids: Iterable[int]) -> dict[int, int]:
        """See Engine.versions."""
        with self._lock:
            return {each: self._auctions[each].version for each in auction_ids if each in self._auctions}

    def auctions(self) -> list[int]:
        """See Engine.auctions."""
        with self._lock:
            return sorted(self._live)

    def close(self, auction_id: int, now_ms: int | None = None) -> Closing:
        """See Engine.close."""
        with self._lock:
            return self._known(auction_id).close(self._now(now_ms))

    def order(self, auction_id: int) -> list[RankedBid]:
        """See Engine.order."""
        with self._lock:
            return self._known(auction_id).order()

    def peek(self, auction_id: int, count: int) -> list[Entry | PoisonEntry]:
        """See Engine.peek."""
        with self._lock:
            auction = self._auctions.get(auction_id)
            return auction.bids[: max(0, count)] if auction else []

    def backlog(self, auction_ids: Iterable[int]) -> dict[int, int]:
        """See Engine.backlog."""
        with self._lock:
            return {each: len(self._auctions[each].bids) if each in self._auctions else 0 for each in auction_ids}

    def trim(self, auction_id: int, through_sequence: int) -> int:
        """See Engine.trim."""
        with self._lock:
            auction = self._auctions.get(auction_id)
            return auction.trim(through_sequence) if auction else 0

    def discard(self, auction_id: int, raw: str) -> bool:
        """See Engine.discard."""
        with self._lock:
            auction = self._auctions.get(auction_id)
            return auction is not None and auction.discard(raw)

    def finish(self, auction_id: int, state: State) -> None:
        """See Engine.finish. ValueError for a state that is no end."""
        if not state.is_end:
            raise ValueError(f"an auction finishes as settled or voided, not {state}")
        with self._lock:
            self._known(auction_id).finish(state)
            self._live.discard(auction_id)

    def _new(self, terms: Terms, ends_at_ms: int) -> MemoryAuction:
        return MemoryAuction(
            terms,
            lambda news: self._publish(terms.auction_id, format_news(news)),
            ends_at_ms,
            answering=lambda: self.condition().identity,
        )

    def _known(self, auction_id: int) -> MemoryAuction:
        try:
            return self._auctions[auction_id]
        except KeyError:
            raise UnknownAuction(f"auction {auction_id} is not in the live store") from None

    def _now(self, now_ms: int | None) -> int:
        return self._clock() if now_ms is None else now_ms
