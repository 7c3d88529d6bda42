"""An engine on several stores: which of them is asked, how often the ledger is, and what a store that is away stops."""

from collections.abc import Collection
from dataclasses import replace

import pytest

from cashticket.auction.values import Permission
from cashticket.engine import silent_stores
from cashticket.engine.interface import Engine, StoreUnavailable, UnknownAuction
from cashticket.engine.introductions import introduce_everywhere
from cashticket.engine.memory_engine import MemoryEngine
from cashticket.engine.routed_engine import RoutedEngine
from cashticket.engine.store_homes import HomesUnknown
from lab.waiting import wait_until
from tests.staging.engine import ALICE, AUCTION, OPENS, TERMS, publish

OTHER = 8


class Switched(MemoryEngine):
    """A store that can be away."""

    is_away = False
    asked_by_us = 0

    def auctions(self) -> list[int]:
        self.asked_by_us += 1
        self._check()
        return super().auctions()

    def statuses(self, auction_ids):  # type: ignore[no-untyped-def]
        self._check()
        return super().statuses(auction_ids)

    def versions(self, auction_ids):  # type: ignore[no-untyped-def]
        self._check()
        return super().versions(auction_ids)

    def clock(self) -> int:
        self._check()
        return super().clock()

    def _check(self) -> None:
        if self.is_away:
            raise StoreUnavailable("away")


class Ledger:
    """Says that AUCTION is in the first store and OTHER in the second, and counts how often it is asked."""

    is_away = False

    def __init__(self) -> None:
        self.asked: list[int] = []

    def find(self, auction_ids: Collection[int]) -> dict[int, str]:
        self.asked += auction_ids
        if self.is_away:
            raise HomesUnknown
        homes = {AUCTION: "first", OTHER: "second", 99: "third"}
        return {each: homes[each] for each in auction_ids if each in homes}


class Stage:
    def __init__(self) -> None:
        self.first, self.second, self.ledger = Switched(), Switched(), Ledger()
        stores: dict[str, Engine] = {"first": self.first, "second": self.second}
        self.engine = RoutedEngine(stores, self.ledger.find)
        publish(self.engine)
        publish(self.engine, auction_id=OTHER)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_each_auction_is_in_its_own_store_and_the_ledger_is_asked_once(stage: Stage) -> None:
    assert (stage.first.auctions(), stage.second.auctions()) == ([AUCTION], [OTHER])
    for number in range(3):
        stage.engine.place_bid(OTHER, ALICE, 1, 10_000 + number * 1_000, f"request-{number}", OPENS)
    assert stage.second.read(OTHER).sequence == 3
    assert sorted(stage.ledger.asked) == [AUCTION, OTHER]


def test_a_store_that_is_away_stops_its_own_auctions_alone(stage: Stage) -> None:
    stage.second.is_away = True
    assert stage.engine.auctions() == [AUCTION]
    assert set(stage.engine.statuses([AUCTION, OTHER])) == {AUCTION}
    assert stage.engine.place_bid(AUCTION, ALICE, 1, 10_000, "request", OPENS).sequence == 1  # type: ignore[union-attr]
    with pytest.raises(StoreUnavailable):
        stage.engine.statuses([OTHER])
    stage.first.is_away = True
    with pytest.raises(StoreUnavailable):
        stage.engine.auctions()


def test_beside_others_a_frozen_store_is_not_waited_for_each_time(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(silent_stores, "SLOW_SECONDS", -1.0)
    monkeypatch.setattr(silent_stores, "ASKED_AGAIN_SECONDS", 0.01)
    stage.second.is_away = True
    assert stage.engine.auctions() == [AUCTION]
    asked = stage.second.asked_by_us
    assert (stage.engine.auctions(), stage.engine.silent()) == ([AUCTION], {"second"})
    assert stage.second.asked_by_us == asked, "it is left alone"
    stage.second.is_away = False
    wait_until(lambda: stage.engine.auctions() == [AUCTION, OTHER], "a thread that has its answer")


def test_the_time_is_that_of_a_store_that_answers(stage: Stage) -> None:
    stage.first.is_away = True
    assert stage.engine.clock() > 0


def test_while_the_ledger_is_away_the_stores_say_where_an_auction_is(stage: Stage) -> None:
    stores: dict[str, Engine] = {"first": stage.first, "second": stage.second}
    anew = RoutedEngine(stores, stage.ledger.find)
    stage.ledger.is_away = True
    assert anew.read(OTHER).terms == replace(TERMS, auction_id=OTHER)
    with pytest.raises(UnknownAuction):
        anew.read(1000)
    stage.second.is_away = True
    with pytest.raises(StoreUnavailable):
        anew.read(OTHER)


def test_an_auction_whose_store_has_no_address_is_asked_of_no_other(stage: Stage) -> None:
    with pytest.raises(StoreUnavailable, match="LIVE_STORES"):
        stage.engine.read(99)
    assert set(stage.engine.statuses([AUCTION, 99])) == {AUCTION}


def test_a_block_reaches_the_stores_that_answer_and_counts_as_untold(stage: Stage) -> None:
    stage.first.is_away = True
    with pytest.raises(StoreUnavailable):
        introduce_everywhere(stage.engine, ALICE, Permission.BLOCKED, 1, 2)
    answer = stage.engine.place_bid(OTHER, ALICE, 1, 10_000, "request", OPENS)
    assert getattr(answer, "reason", None) == "blocked"
