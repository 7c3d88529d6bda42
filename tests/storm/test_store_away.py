"""The live store is away across the end of an auction, killed or frozen: everybody gets the time back, once.

Web process, watch and worker are the shipped ones. While the watch alone is away, nothing moves.
"""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from cashticket import config, create_app, redis_keys
from cashticket.auction.outages import Outage
from cashticket.auction.values import State
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable
from cashticket.engine.pauses import AWAY, RESTARTED
from cashticket.extensions import db
from cashticket.ledger import outages
from cashticket.wiring import queue_redis
from cashticket.work import orders_taken
from lab.servers.installation import ServerProcess, WebProcess
from lab.servers.processes import WATCH
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.fixtures.databases import make_environment, migrate
from tests.fixtures.people import make_person
from tests.staging.auctions import Stage
from tests.story.visitor import Visitor

pytestmark = [pytest.mark.slow, pytest.mark.sweep]

AWAY_MS = 5_000
LEFT_MS = (2_500, 20_000, 80_000)
"""How much is left when the store goes away; more on a machine that is too slow for a bid before."""
TOLERANCE_MS = 5_000
"""Beats come once a second, and a machine under load makes them late. Nobody gets back less than the store was away."""


@pytest.fixture
def stores() -> Iterator[tuple[RedisServer, RedisServer]]:
    """A live store that keeps what it answered over a SIGKILL, and a queue store."""
    servers = (RedisServer(appendonly=True), RedisServer())
    try:
        yield servers[0].start(), servers[1].start()
    finally:
        for server in servers:
            server.remove()


@pytest.fixture
def environment(stores: tuple[RedisServer, RedisServer], tmp_path: Path) -> dict[str, str]:
    """The settings of all processes, the present one included."""
    url = f"sqlite:///{tmp_path / 'away.db'}"
    migrate(url, tmp_path)
    own = {"PATH": os.environ["PATH"], "QUEUE_REDIS_URL": stores[1].url, "MAIL_URL": f"file:{tmp_path / 'mail'}"}
    return make_environment(url, stores[0].url) | own


@pytest.fixture
def site(environment: dict[str, str], tmp_path: Path) -> Iterator[Flask]:
    application = create_app(config.load(environment, tmp_path / "instance"))
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()


class Scene:
    """The processes, four people, and auctions."""

    def __init__(self, site: Flask, live_store: RedisServer, environment: dict[str, str], folder: Path) -> None:
        self.live_store, self.stage = live_store, Stage(site)
        for name in ("alice", "bob"):
            make_person(name)
        self.web = WebProcess("web", environment, folder)
        self.watch = ServerProcess("watch", [sys.executable, *WATCH], environment, folder)
        workers = [
            ServerProcess(queue, [sys.executable, "worker.py", queue], environment, folder)
            for queue in ("bids", "settlement", "checks")
        ]
        self.processes = [self.web, self.watch, *workers]

    def start(self) -> None:
        for process in self.processes:
            process.start()
        wait_until(lambda: self.web.says("/healthz") == 200, "the web process")
        wait_until(lambda: {"web", "watch"} <= self.witnesses(), "the first beats")
        self.alice, self.bob = Visitor("alice").sign_in(self.web), Visitor("bob").sign_in(self.web)

    def witnesses(self) -> set[str]:
        """Kinds of the processes that have witnessed."""
        names = queue_redis().smembers(redis_keys.WITNESSES)
        return {bytes(name).decode().partition("-")[0] for name in names}

    def end(self, auction_id: int) -> int:
        return self.stage.engine.read(auction_id).ends_at_ms

    def rows(self, auction_id: int) -> list[Outage]:
        self.stage.row(auction_id)
        return [outages.value_of(row) for row in outages.outages_of(auction_id)]

    def wait_for_watch(self, auction_id: int) -> None:
        """Wait until the watch has looked at the auction again."""
        since = self.stage.engine.clock()
        wait_until(lambda: (orders_taken.taken_ms(queue_redis(), auction_id) or 0) > since, "a look of the watch")

    def with_a_bid(self) -> int:
        """The id of an auction that ends soon, but not before several more bids could be sent; alice has bid in it."""
        for left_ms in LEFT_MS:
            auction_id = self.stage.open_auction(ends_in_ms=left_ms, soft_close_seconds=0)
            began = time.monotonic()
            answer = self.alice.bid(self.web, auction_id, 100_000)
            left = self.end(auction_id) - self.stage.engine.clock()
            if answer.status == 201 and left > 500 + 4 * ms_since(began):
                return auction_id
        raise AssertionError(f"{answer.status}: {answer.text}")

    def be_away(self, how: str, left_ms: int) -> tuple[float, int]:
        """The live store takes no orders until the end has passed by 2.5 seconds, at least AWAY_MS. Returns since when,
        and how many ms it took them from nobody."""
        process = self.live_store.process
        assert process is not None
        began = time.monotonic()
        self.live_store.kill() if how == "killed" else process.send_signal(signal.SIGSTOP)
        pass_time(max(AWAY_MS, left_ms + AWAY_MS // 2))
        length_ms = ms_since(began)
        self.live_store.start() if how == "killed" else process.send_signal(signal.SIGCONT)
        return began, length_ms


def ms_since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)


def pass_time(ms: int) -> None:
    ends_at = time.monotonic() + ms / 1000
    wait_until(lambda: time.monotonic() >= ends_at, "the time to pass", ms / 1000 + 60)


@pytest.fixture
def scene(
    site: Flask, stores: tuple[RedisServer, RedisServer], environment: dict[str, str], tmp_path: Path
) -> Iterator[Scene]:
    scene = Scene(site, stores[0], environment, tmp_path)
    try:
        scene.start()
        yield scene
    finally:
        for process in scene.processes:
            process.kill()


@pytest.mark.parametrize("how", ["killed", pytest.param("frozen", marks=pytest.mark.trial)])
def test_an_end_that_passes_while_the_store_is_away_is_moved_by_that_time(scene: Scene, how: str) -> None:
    auction_id = scene.with_a_bid()
    before = scene.end(auction_id)
    began, length_ms = scene.be_away(how, before - scene.stage.engine.clock())
    wait_until(lambda: is_open_again(scene, auction_id, before), "the moved end")
    moved_ms = scene.end(auction_id) - before
    assert length_ms - 500 <= moved_ms <= ms_since(began) + TOLERANCE_MS, (length_ms, moved_ms)
    page = scene.alice.page(scene.web, f"/auctions/{auction_id}")
    assert 'data-outage="1"' in page
    answer = scene.bob.bid(scene.web, auction_id, 200_000)
    assert answer.status == 201, answer.text
    assert scene.stage.engine.clock() > before, "that bid came after the announced end"
    wait_until(lambda: scene.stage.row(auction_id).state is State.SETTLED, "the settlement", 180)
    (row,) = scene.rows(auction_id)
    assert (row.moved_ms, row.reason) == (moved_ms, {"killed": RESTARTED, "frozen": AWAY}[how])
    assert scene.stage.row(auction_id).recorded_sequence == 2


def is_open_again(scene: Scene, auction_id: int, before: int) -> bool:
    try:
        board = scene.stage.engine.read(auction_id)
    except (StoreUnavailable, OutcomeUnknown):
        return False
    assert board.state is State.OPEN or board.ends_at_ms == before, "nothing closes before the time is given back"
    return board.ends_at_ms > before and not board.paused


def test_nothing_is_given_back_while_the_watch_alone_is_away(scene: Scene) -> None:
    auction_id = scene.stage.open_auction(ends_in_ms=60_000, soft_close_seconds=0)
    before = scene.end(auction_id)
    assert scene.watch.pid is not None
    os.kill(scene.watch.pid, signal.SIGSTOP)
    pass_time(AWAY_MS)
    os.kill(scene.watch.pid, signal.SIGCONT)
    scene.wait_for_watch(auction_id)
    scene.watch.kill()
    pass_time(AWAY_MS)
    scene.watch.start()
    scene.wait_for_watch(auction_id)
    assert scene.end(auction_id) == before and scene.rows(auction_id) == []
    assert scene.stage.engine.beat().silences == ()
