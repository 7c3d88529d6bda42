"""What is read of auctions in several live stores: each question goes to the store that has the auction.

A question about many auctions is split by store, and the answers are put together. A store that does not answer is
left out, with its auctions, as long as another one answers; callers that must tell "away" from "lost" ask each of
`stores` by itself.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from cashticket.auction.store_names import FIRST_STORE
from cashticket.auction.values import Entry, PoisonEntry
from cashticket.engine.condition import Pulse, StoreCondition
from cashticket.engine.errors import OutcomeUnknown, StoreUnavailable
from cashticket.engine.interface import Engine, OrderRows, Place, Snapshot, Status
from cashticket.engine.store_homes import FindHomes, StoreHomes

T = TypeVar("T")

SLOW_SECONDS = 0.25
"""A store that took longer than this to fail is frozen or cut off."""

LEFT_ALONE_SECONDS = 5.0
"""Beside other stores, such a store is asked again only after this long, so that nobody waits for it each time."""


class RoutedReader:
    """The reading verbs of `Engine` on several stores. Verbs that name no auction are those of the first store, unless
    they say otherwise. Safe to share between threads and greenlets."""

    def __init__(self, stores: Mapping[str, Engine], find: FindHomes) -> None:
        """`stores` by name, the first store first; `find` is asked once for the store of each auction."""
        assert next(iter(stores)) == FIRST_STORE, "auctions that name no store are in the first one"
        self._stores, self._homes = dict(stores), StoreHomes(stores, find)
        self._first = self._stores[FIRST_STORE]
        # Store → monotonic time before which it is left alone beside others.
        self._left_alone: dict[str, float] = {}

    def stores(self) -> Mapping[str, Engine]:
        return self._stores

    def of(self, auction_id: int) -> Engine:
        return self._named(self._homes.name_of(auction_id))

    def condition(self) -> StoreCondition:
        return self._first.condition()

    def pulse(self) -> Pulse:
        return self._first.pulse()

    def people_known_at(self) -> int | None:
        return self._first.people_known_at()

    def clock(self) -> int:
        """The time of the first store that answers."""
        return self._from_one(lambda store: store.clock())

    def read(self, auction_id: int, now_ms: int | None = None) -> Snapshot:
        return self.of(auction_id).read(auction_id, now_ms)

    def place(self, auction_id: int, person: int) -> Place:
        return self.of(auction_id).place(auction_id, person)

    def places(self, auction_id: int, people: Sequence[int]) -> dict[int, Place]:
        return self.of(auction_id).places(auction_id, people)

    def rows(self, auction_id: int, first: int, count: int) -> OrderRows:
        return self.of(auction_id).rows(auction_id, first, count)

    def would_rank(self, auction_id: int, person: int, amount: int) -> int:
        return self.of(auction_id).would_rank(auction_id, person, amount)

    def peek(self, auction_id: int, count: int) -> list[Entry | PoisonEntry]:
        return self.of(auction_id).peek(auction_id, count)

    def tail(self, auction_id: int, skip: int, count: int) -> list[Entry | PoisonEntry]:
        return self.of(auction_id).tail(auction_id, skip, count)

    def versions(self, auction_ids: Iterable[int]) -> dict[int, int]:
        return self._put_together(auction_ids, lambda store, ids: store.versions(ids))

    def statuses(self, auction_ids: Iterable[int]) -> dict[int, Status]:
        return self._put_together(auction_ids, lambda store, ids: store.statuses(ids))

    def backlog(self, auction_ids: Iterable[int]) -> dict[int, int]:
        return self._put_together(auction_ids, lambda store, ids: store.backlog(ids))

    def auctions(self) -> list[int]:
        return sorted({each for ids in self._from_each(lambda store: store.auctions()) for each in ids})

    def strangers(self) -> list[str]:
        return sorted({each for ids in self._from_each(lambda store: store.strangers()) for each in ids})

    # Many stores

    def _named(self, name: str) -> Engine:
        try:
            return self._stores[name]
        except KeyError:
            raise StoreUnavailable(f"no address is known of the live store {name}: name it in LIVE_STORES") from None

    def _put_together(
        self, auction_ids: Iterable[int], ask: Callable[[Engine, list[int]], Mapping[int, T]]
    ) -> dict[int, T]:
        by_store = self._homes.split(auction_ids)
        answers = self._answers(by_store, lambda name: ask(self._named(name), by_store[name]))
        return {auction_id: answer for each in answers for auction_id, answer in each.items()}

    def _from_each(self, ask: Callable[[Engine], T]) -> list[T]:
        return self._answers(self._stores, lambda name: ask(self._stores[name]))

    def _from_one(self, ask: Callable[[Engine], T]) -> T:
        failure: Exception | None = None
        # Those that did not answer just now come last.
        for name in sorted(self._stores, key=self._is_left_alone):
            try:
                return self._attempt(name, lambda name: ask(self._stores[name]))
            except (StoreUnavailable, OutcomeUnknown) as error:
                failure = failure or error
        assert failure is not None, "there is a store"
        raise failure

    def _answers(self, names: Iterable[str], ask: Callable[[str], T]) -> list[T]:
        """The answer of each of these stores that answers. Raises the first failure when none does."""
        candidates = list(names)
        present = [name for name in candidates if not self._is_left_alone(name)]
        answers: list[T] = []
        failure: Exception | None = None
        for name in present or candidates:
            try:
                answers.append(self._attempt(name, ask))
            except (StoreUnavailable, OutcomeUnknown) as error:
                failure = failure or error
        if failure and not answers:
            raise failure
        return answers

    def _is_left_alone(self, name: str) -> bool:
        return time.monotonic() < self._left_alone.get(name, 0.0)

    def _attempt(self, name: str, ask: Callable[[str], T]) -> T:
        began_at = time.monotonic()
        try:
            answer = ask(name)
        except (StoreUnavailable, OutcomeUnknown):
            if time.monotonic() - began_at > SLOW_SECONDS:
                self._left_alone[name] = time.monotonic() + LEFT_ALONE_SECONDS
            raise
        self._left_alone.pop(name, None)
        return answer
