"""A look with more people than time: boards never wait for standings, and nobody waits for ever."""

from collections.abc import Mapping
from typing import Any

import pytest

from cashticket.engine.interface import Engine
from cashticket.engine.redis_engine import RedisEngine
from cashticket.live import update
from cashticket.live.channel import AuctionChannel
from cashticket.live.watcher import Watcher
from tests.staging.watchers import ALICE, AUCTION, BOB, CAROL, MALLORY, bid, open_auction, plain

EVERYBODY = (ALICE, BOB, CAROL, MALLORY)


class Hall:
    """One socket for each of four people, looked at by hand."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.channel = AuctionChannel(AUCTION)
        self.sockets = {person: Watcher(AUCTION, "ko", person, epoch=1) for person in EVERYBODY}
        self.channel.watchers.update(self.sockets.values())
        self.rendered: list[str] = []

    def look(self) -> float | None:
        def render(kind: str, locale: str, context: Mapping[str, Any]) -> str:
            self.rendered.append(kind)
            return plain(kind, locale, context)

        return update.Update(self.channel, self.engine, render, lambda *_: None).serve(list(self.channel.watchers))

    def arrived(self) -> dict[int, list[str]]:
        """What came into each mailbox since the last call, by kind."""
        came: dict[int, list[str]] = {}
        for person, socket in self.sockets.items():
            while isinstance(frame := socket.mailbox.take(0), str):
                came.setdefault(person, []).append(frame.partition(" ")[0])
        return came


@pytest.fixture
def hall(redis_engine: RedisEngine) -> Hall:
    open_auction(redis_engine, seats=4)
    for person, amount in zip(EVERYBODY, (100_000, 105_000, 110_000, 115_000), strict=True):
        bid(redis_engine, person, amount)
    return Hall(redis_engine)


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time for one standing a look."""
    monkeypatch.setattr(update, "STANDINGS_SECONDS_MAX", 0.0)


def test_everybody_gets_the_board_at_once_and_the_standing_look_by_look(hall: Hall, hurry: None) -> None:
    assert hall.look() is not None
    first = hall.arrived()
    assert set(first) == set(EVERYBODY) and all("board" in frames for frames in first.values())
    assert sum(frames.count("standing") for frames in first.values()) == 1
    later = [hall.arrived() for _ in EVERYBODY if hall.look() is not None]
    told = [person for came in (first, *later) for person, frames in came.items() if "standing" in frames]
    assert sorted(told) == sorted(EVERYBODY)


def test_whose_own_bid_changed_comes_before_those_for_whom_only_the_prices_did(hall: Hall) -> None:
    hall.look()
    hall.arrived()
    for person, amount in ((CAROL, 130_000), (ALICE, 150_000)):
        bid(hall.engine, person, amount)
        hall.channel.person_states[person].newest_bid = hall.engine.read(AUCTION).sequence
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(update, "STANDINGS_SECONDS_MAX", 0.0)
            hall.look()
        assert [each for each, frames in hall.arrived().items() if "standing" in frames] == [person]
        hall.look()
        hall.arrived()


def test_people_without_a_bid_share_one_frame(redis_engine: RedisEngine) -> None:
    open_auction(redis_engine)
    hall = Hall(redis_engine)
    hall.look()
    assert hall.rendered.count("standing") == 1
    assert all(frames == ["board", "standing"] for frames in hall.arrived().values())
