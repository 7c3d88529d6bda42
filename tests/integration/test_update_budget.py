"""Updates with more people than time: boards never wait for standings, and nobody waits for ever."""

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


class ChannelOfFour:
    """A channel with one socket for each of four people, which a test updates itself."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.channel = AuctionChannel(AUCTION)
        self.sockets = {person: Watcher(AUCTION, "ko", person, epoch=1) for person in EVERYBODY}
        self.channel.watchers.update(self.sockets.values())
        self.rendered: list[str] = []

    def update(self) -> float | None:
        def render(kind: str, locale: str, context: Mapping[str, Any]) -> str:
            self.rendered.append(kind)
            return plain(kind, locale, context)

        return update.Update(self.channel, self.engine, render, lambda *_: None).serve(list(self.channel.watchers))

    def take_all(self) -> dict[int, list[str]]:
        """Person → kinds of the frames that came since the last call."""
        kinds: dict[int, list[str]] = {}
        for person, socket in self.sockets.items():
            while isinstance(frame := socket.mailbox.take(0), str):
                kinds.setdefault(person, []).append(frame.partition(" ")[0])
        return kinds


@pytest.fixture
def four(redis_engine: RedisEngine) -> ChannelOfFour:
    open_auction(redis_engine, seats=4)
    for person, amount in zip(EVERYBODY, (100_000, 105_000, 110_000, 115_000), strict=True):
        bid(redis_engine, person, amount)
    return ChannelOfFour(redis_engine)


@pytest.fixture
def no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave each update time for one standing."""
    monkeypatch.setattr(update, "STANDINGS_SECONDS_MAX", 0.0)


def test_everybody_gets_the_board_at_once_and_one_person_a_standing_per_update(
    four: ChannelOfFour, no_time: None
) -> None:
    assert four.update() is not None
    first = four.take_all()
    assert set(first) == set(EVERYBODY) and all("board" in frames for frames in first.values())
    assert sum(frames.count("standing") for frames in first.values()) == 1
    later = [four.take_all() for _ in EVERYBODY if four.update() is not None]
    shown = [person for kinds in (first, *later) for person, frames in kinds.items() if "standing" in frames]
    assert sorted(shown) == sorted(EVERYBODY)


def test_people_whose_own_bid_changed_come_before_those_for_whom_only_prices_did(four: ChannelOfFour) -> None:
    four.update()
    four.take_all()
    for person, amount in ((CAROL, 130_000), (ALICE, 150_000)):
        bid(four.engine, person, amount)
        four.channel.person_states[person].newest_bid = four.engine.read(AUCTION).sequence
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(update, "STANDINGS_SECONDS_MAX", 0.0)
            four.update()
        assert [other for other, frames in four.take_all().items() if "standing" in frames] == [person]
        four.update()
        four.take_all()


def test_people_without_a_bid_share_one_frame(redis_engine: RedisEngine) -> None:
    open_auction(redis_engine)
    four = ChannelOfFour(redis_engine)
    four.update()
    assert four.rendered.count("standing") == 1
    assert all(frames == ["board", "standing"] for frames in four.take_all().values())
