"""The live stores that a hub hears: who watches an auction is updated by the thread of the store that has it."""

from collections.abc import Callable, Collection
from typing import Any

from cashticket.engine.memory_engine import MemoryEngine
from cashticket.engine.routed_engine import RoutedEngine
from cashticket.engine.store_homes import HomesUnknown
from cashticket.live.heard_stores import HeardStore, HeardStores
from tests.staging.engine import AUCTION


def test_an_auction_that_was_found_nowhere_is_looked_for_again_by_whoever_joins() -> None:
    answers: list[dict[int, str]] = []

    def find(auction_ids: Collection[int]) -> dict[int, str]:
        if not answers:
            raise HomesUnknown
        return answers[0]

    is_own: list[Callable[[int], bool]] = []

    def make_scheduler(store: object, make_client: object, is_in: Callable[[int], bool]) -> Any:
        is_own.append(is_in)

    engine = RoutedEngine({"first": MemoryEngine(), "second": MemoryEngine()}, find)
    heard = HeardStores(engine, dict.fromkeys(("first", "second"), HeardStore(lambda: None)), make_scheduler)  # type: ignore[arg-type,return-value]
    heard.know(AUCTION)
    assert [is_in(AUCTION) for is_in in is_own] == [True, False], "of what nobody knows, the first store is taken"
    answers.append({AUCTION: "second"})
    heard.know(AUCTION)
    assert [is_in(AUCTION) for is_in in is_own] == [False, True]
