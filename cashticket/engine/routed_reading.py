"""What is read of auctions in several live stores: each question goes to the store that has the auction.

A question about many auctions is split by store, and the answers are put together. A store that does not answer is
left out, with its auctions, as long as another one answers; one that is frozen or cut off is not even asked
(`silent_stores`). Callers that must tell "away" from "lost" ask each of `stores` by itself.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TypeVar

from cashticket.auction.store_names import FIRST_STORE
from cashticket.auction.values import Entry, PoisonEntry
from cashticket.engine.condition import Pulse, StoreCondition
from cashticket.engine.errors import OutcomeUnknown, StoreUnavailable
from cashticket.engine.interface import Engine, OrderRows, Place, Snapshot, Status
from cashticket.engine.silent_stores import SilentStores
from cashticket.engine.store_homes import FindHomes, StoreHomes

T = TypeVar("T")


class RoutedReader:
    """The reading verbs of `Engine` on several stores. Verbs that name no auction are those of the first store, unless
    they say otherwise. Safe to share between threads and greenlets."""

    def __init__(self, stores: Mapping[str, Engine], find: FindHomes) -> None:
        """`stores` by name, the first store first; `find` is asked once for the store of each auction."""
        assert next(iter(stores)) == FIRST_STORE, "auctions that name no store are in the first one"
        self._stores, self._homes = dict(stores), StoreHomes(stores, find)
        self._first = self._stores[FIRST_STORE]
        self._silent = SilentStores(self._stores)

    def stores(self) -> Mapping[str, Engine]:
        return self._stores

    def of(self, auction_id: int) -> Engine:
        return self._named(self._homes.name_of(auction_id))

    def silent(self) -> frozenset[str]:
        return self._silent.names()

    def condition(self) -> StoreCondition:
        return self._first.condition()

    def present_condition(self) -> StoreCondition:
        return self._first.present_condition()

    def pulse(self) -> Pulse:
        return self._first.pulse()

    def people_known_at(self) -> int | None:
        return self._first.people_known_at()

    def clock(self) -> int:
        """The time of the first store that answers."""
        return self._from_one(lambda store: store.clock())

    def read(self, auction_id: int, now_ms: int | None = None) -> Snapshot:
        return self._ask(auction_id, lambda store: store.read(auction_id, now_ms))

    def place(self, auction_id: int, person: int) -> Place:
        return self._ask(auction_id, lambda store: store.place(auction_id, person))

    def places(self, auction_id: int, people: Sequence[int]) -> dict[int, Place]:
        return self._ask(auction_id, lambda store: store.places(auction_id, people))

    def rows(self, auction_id: int, first: int, count: int) -> OrderRows:
        return self._ask(auction_id, lambda store: store.rows(auction_id, first, count))

    def would_rank(self, auction_id: int, person: int, amount: int) -> int:
        return self._ask(auction_id, lambda store: store.would_rank(auction_id, person, amount))

    def peek(self, auction_id: int, count: int) -> list[Entry | PoisonEntry]:
        return self._ask(auction_id, lambda store: store.peek(auction_id, count))

    def tail(self, auction_id: int, skip: int, count: int) -> list[Entry | PoisonEntry]:
        return self._ask(auction_id, lambda store: store.tail(auction_id, skip, count))

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
        answers = self._answers(by_store, lambda name, store: ask(store, by_store[name]))
        return {auction_id: answer for each in answers for auction_id, answer in each.items()}

    def _from_each(self, ask: Callable[[Engine], T]) -> list[T]:
        return self._answers(self._stores, lambda name, store: ask(store))

    def _ask(self, auction_id: int, ask: Callable[[Engine], T]) -> T:
        """What `ask` gets from the auction's store. Raises StoreUnavailable at once while that is frozen or cut off, so
        that those who wait for it take no thread from the others."""
        name = self._homes.name_of(auction_id)
        self._named(name)
        self._require_answers(name)
        return self._silent.attempt(name, ask)

    def _from_one(self, ask: Callable[[Engine], T]) -> T:
        failure: Exception | None = None
        for name in self._stores:
            try:
                self._require_answers(name)
                return self._silent.attempt(name, ask)
            except (StoreUnavailable, OutcomeUnknown) as error:
                failure = failure or error
        assert failure is not None, "there is a store"
        raise failure

    def _answers(self, names: Iterable[str], ask: Callable[[str, Engine], T]) -> list[T]:
        """The answer of each of these stores that answers. Raises the first failure when none does."""
        answers: list[T] = []
        failure: Exception | None = None
        for name in names:
            try:
                self._named(name)
                self._require_answers(name)
                answers.append(self._silent.attempt(name, partial(ask, name)))
            except (StoreUnavailable, OutcomeUnknown) as error:
                failure = failure or error
        if failure and not answers:
            raise failure
        return answers

    def _require_answers(self, name: str) -> None:
        if self._silent.is_silent(name):
            raise StoreUnavailable(f"the live store {name} did not answer, and is asked again each second")
