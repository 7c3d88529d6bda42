"""What watching costs the live store, and what a slow rendering or a silent store does to watchers."""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from cashticket.auction.values import Permission
from cashticket.engine.connection import connect
from cashticket.engine.interface import Engine
from cashticket.engine.redis_engine import RedisEngine
from cashticket.live.hub import Hub
from cashticket.live.subscription import PING_SECONDS, SILENCE_SECONDS
from cashticket.live.update import Render
from lab.servers.redis_server import RedisServer
from lab.servers.reply_dropper import ReplyDropper
from lab.waiting import wait_until
from tests.staging.hub_traffic import CONNECTING, commands, hub_on
from tests.staging.watchers import (
    ALICE,
    AUCTION,
    BOB,
    CAROL,
    MALLORY,
    bid,
    is_beat,
    open_auction,
    plain,
    plain_rendering,
    saying,
    until,
    watch,
)


@pytest.fixture
def engine(redis_engine: RedisEngine) -> RedisEngine:
    return redis_engine


@pytest.fixture
def proxy(redis_server: RedisServer) -> Iterator[ReplyDropper]:
    """Stands between a hub and the store, and records all that the hub sends."""
    dropper = ReplyDropper(redis_server.socket)
    yield dropper
    dropper.stop()


# What watching costs


def commands_of_five_bids(engine: Engine, proxy: ReplyDropper, sockets: int, people: int) -> tuple[Counter[str], int]:
    """What the hub sends to the store while five bids are shown to `sockets` sockets of `people` people, and how many
    seconds that took at most."""
    with hub_on(proxy.url) as hub:
        watchers = [watch(hub, 100 + number % people if people else None) for number in range(sockets)]
        for watcher in watchers:
            until(watcher, saying("standing" if people else "board"))
        until(watchers[0], is_beat)
        proxy.forget()
        started = time.monotonic()
        sequence = engine.read(AUCTION).sequence
        for turn in range(1, 6):
            sequence += 1
            bidder, amount = (ALICE, BOB)[turn % 2], engine.read(AUCTION).cutoff + 5_000
            engine.introduce(AUCTION, 1000 * sequence + bidder, Permission.OK, 1, 1)
            bid(engine, 1000 * sequence + bidder, amount)
            for watcher in watchers:
                until(watcher, saying("board", f"#{sequence}"))
        seconds = int(time.monotonic() - started) + 2
    return commands(proxy), seconds


@pytest.mark.parametrize(
    "people",
    [
        pytest.param(0, marks=pytest.mark.sweep, id="anonymous"),
        pytest.param(1, marks=pytest.mark.sweep, id="one person"),
        pytest.param(60, id="many people"),
    ],
)
def test_a_tick_costs_one_read_however_many_watch(engine: Engine, proxy: ReplyDropper, people: int) -> None:
    open_auction(engine, seats=1)
    for person in range(100, 160):
        engine.introduce(AUCTION, person, Permission.OK, 1, 1)
    for sockets in (5, 200):
        sent, seconds = commands_of_five_bids(engine, proxy, sockets, min(people, sockets))
        assert (sent["read"], sent["places"]) == (5, 0), f"five ticks for {sockets} sockets: {sent}"
        # Each second one round trip for all versions, one for all sessions, and a ping of the subscription.
        each_second = {name: sent[name] for name in ("HGET", "HMGET", "PING")}
        assert max(each_second.values()) <= seconds, f"{seconds} seconds of {sockets} sockets: {sent}"
        assert set(sent) <= {"read", *each_second, *CONNECTING}, sent


def test_a_burst_of_bids_within_a_tick_costs_one_read(engine: Engine, proxy: ReplyDropper) -> None:
    open_auction(engine, seats=3)
    for person in range(100, 140):
        engine.introduce(AUCTION, person, Permission.OK, 1, 1)
    with hub_on(proxy.url) as hub:
        stranger = watch(hub)
        until(stranger, saying("board", "#0"))
        proxy.forget()
        started = time.monotonic()
        for person in range(100, 140):
            bid(engine, person, 100_000)
        until(stranger, saying("board", "#40"))
        ticks = (time.monotonic() - started) / 0.15 + 1
    assert 1 <= commands(proxy)["read"] <= ticks


def crowd(engine: Engine, people: range, amount: int) -> None:
    """Bids of the same amount by all these people, in their order."""
    for person in people:
        engine.introduce(AUCTION, person, Permission.OK, 1, 1)
        bid(engine, person, amount)


@pytest.mark.sweep
def test_the_exact_rank_of_a_person_whose_row_is_not_on_the_board_is_read_at_most_every_five_seconds(
    engine: Engine, proxy: ReplyDropper
) -> None:
    open_auction(engine)
    bid(engine, ALICE, 130_000)
    crowd(engine, range(100, 110), 120_000)
    bid(engine, CAROL, 110_000)
    with hub_on(proxy.url) as hub:
        sockets = [watch(hub, CAROL) for _ in range(8)]
        for socket in sockets:
            until(socket, saying("out", "rank 12 ", "short 25000"))
        proxy.forget()
        started = time.monotonic()
        bid(engine, MALLORY, 125_000)
        # That she is out, and by how much, is still shown at once; the rank is that of 12 until it is read again.
        bid(engine, ALICE, 140_000)
        until(sockets[0], saying("out", "rank 12 as of", "short 35000"))
        bid(engine, ALICE, 150_000)
        until(sockets[0], saying("out", "rank 12 as of", "short 45000"))
        for socket in sockets:
            until(socket, saying("out", "rank 13 ", "short 45000"))
        sent = commands(proxy)
        assert sent["places"] == sent["rows"] <= 1 + (time.monotonic() - started) // 5, sent
        assert sent["read"] >= 3


def test_places_and_neighbours_of_many_people_are_few_round_trips(engine: Engine, proxy: ReplyDropper) -> None:
    open_auction(engine, seats=60)
    people = range(100, 250)
    crowd(engine, people, 120_000)
    with hub_on(proxy.url) as hub:
        watchers = [watch(hub, person) for person in people]
        for rank, watcher in enumerate(watchers, 1):
            until(watcher, saying("winning" if rank <= 60 else "out", f"rank {rank} "))
        sent = commands(proxy)
    # All 150 at once are two round trips for places; some may have joined while the first update ran. Neighbours come
    # from windows that many share.
    assert sent["places"] <= 2 * sent["read"] and sent["rows"] <= 15 * sent["read"], sent


# Slow rendering


class SlowRendering:
    """Renders plain frames, but each board takes `seconds`. `boards` are the moments at which each began and ended."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.boards: list[tuple[float, float]] = []

    @contextmanager
    def rendering(self) -> Iterator[Render]:
        yield self._render

    def _render(self, kind: str, locale: str, context: Mapping[str, Any]) -> str:
        if kind == "board":
            started_at = time.monotonic()
            threading.Event().wait(self.seconds)
            self.boards.append((started_at, time.monotonic()))
        return plain(kind, locale, context)


def test_ticks_stretch_to_what_the_last_fan_out_took(engine: Engine, redis_server: RedisServer) -> None:
    open_auction(engine, seats=5)
    slow = SlowRendering(0.5)
    with hub_on(redis_server.url, slow.rendering) as hub:
        stranger = watch(hub)
        until(stranger, saying("board", "#0"))
        for sequence, person in enumerate((ALICE, BOB), 1):
            bid_at = time.monotonic()
            bid(engine, person, 100_000 + 5_000 * sequence)
            until(stranger, saying("board", f"#{sequence}"))
            started_at, _ = slow.boards[-1]
            assert started_at - bid_at >= slow.seconds, "the tick was as short as after a quick update"


def test_alerts_do_not_wait_for_a_slow_fan_out(engine: Engine, redis_server: RedisServer) -> None:
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    slow = SlowRendering(1.0)
    with hub_on(redis_server.url, slow.rendering) as hub:
        alice, stranger = watch(hub, ALICE), watch(hub)
        until(alice, saying("standing", "winning"))
        until(stranger, saying("board"))
        boards = len(slow.boards)
        bid(engine, BOB, 130_000)
        assert until(alice, saying("#2")) == [f"alert ko {AUCTION} #2"]
        assert len(slow.boards) == boards, "the alert came after a board"


# A silent store


@pytest.mark.sweep
def test_a_silent_subscription_is_noticed_and_what_was_missed_is_shown(
    engine: Engine, redis_server: RedisServer, proxy: ReplyDropper, caplog: pytest.LogCaptureFixture
) -> None:
    """The connection is half open: it takes what is sent, nothing comes back, and no error reports it."""
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    with connect(redis_server.url) as client:
        hub = Hub(RedisEngine(client), lambda: connect(proxy.url), plain_rendering)
        try:
            alice = watch(hub, ALICE)
            until(alice, saying("standing", "winning"))
            proxy.dropping = True
            silent_since = time.monotonic()
            wait_until(lambda: "news of auctions is interrupted" in caplog.text, "the silence to be noticed")
            noticed_after = time.monotonic() - silent_since
            bid(engine, BOB, 130_000)
            until(alice, saying("standing", "out"))
            proxy.forget()
            proxy.dropping = False
            until(alice, saying(f"alert ko {AUCTION} #2"))
            wait_until(lambda: commands(proxy)["PSUBSCRIBE"], "another subscription")
            proxy.forget()
            bid(engine, BOB, 140_000)
            wait_until(lambda: b"pmessage" in b"".join(list(proxy.replies)), "news by the new subscription")
        finally:
            hub.stop()
    # A message or two may have come just before. How much later it is noticed depends on the machine.
    assert noticed_after >= SILENCE_SECONDS - 2 * PING_SECONDS
