"""The live store's disk really fills up while people bid: bids are refused before they are accepted.

No accepted bid is lost, and everything goes on by itself once there is space again.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from cashticket import wiring
from cashticket.auction.values import Accepted, Permission
from cashticket.engine.connection import connect
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable
from cashticket.engine.pauses import DISK_FULL, NOT_WRITING
from cashticket.engine.redis_engine import RedisEngine
from cashticket.work.watch.disks import TENTH
from cashticket.work.watch.guard import Guard
from lab import history
from lab.checkers import violations
from lab.endings import ending_of
from lab.evidence import Evidence
from lab.history import Recorder
from lab.servers.processes import WATCH, Process, running
from lab.servers.redis_server import RedisServer
from lab.servers.shipped_store import ShippedStore
from lab.waiting import wait_until
from tests.fixtures.databases import make_environment
from tests.staging.auctions import Stage
from tests.staging.rows import add_people
from tests.storm.client import bid
from tests.storm.small_disk import MEGABYTES, SmallDisk, kept_alive, small_disk

PEOPLE, THREADS = 2_000, 4
PACE_SECONDS = 0.1
"""At this pace everybody's chances last for more than two minutes: bids come until the test is over."""
BACK_SECONDS = 90.0
pytestmark = [pytest.mark.slow, pytest.mark.sweep, pytest.mark.timeout(500)]
on_both_databases = pytest.mark.parametrize(
    "database_url", [pytest.param("sqlite", marks=pytest.mark.trial), "mariadb"], indirect=True
)
"""It is the disk of the live store that is full: beside SQLite it is a trial."""


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "small-disk") as disk:
        yield disk


@pytest.fixture
def store(disk: SmallDisk, tmp_path: Path) -> Iterator[ShippedStore]:
    """The shipped live store on the small disk, kept alive."""
    store = ShippedStore("redis-live.conf", disk.path, start=False)
    with kept_alive(store, tmp_path):
        yield store
    store.remove()


@pytest.fixture
def scene(
    app: Flask, store: ShippedStore, disk: SmallDisk, database_url: str, redis_server: RedisServer, tmp_path: Path
) -> Iterator["Scene"]:
    app.extensions["engine"] = RedisEngine(connect(store.url))
    environment = make_environment(database_url, redis_server.url)
    environment |= {"REDIS_URL": store.url, "DISK_PATHS": str(disk.path)}
    path = tmp_path / "history.jsonl"
    with Recorder(path, "bidders") as recorder, running(environment, tmp_path) as start:
        yield Scene(app, store, start, recorder, path)


class Scene:
    """Watch and worker at work, and threads that bid until stopped."""

    def __init__(
        self, app: Flask, store: ShippedStore, start: Callable[..., Process], recorder: Recorder, path: Path
    ) -> None:
        self.stage = Stage(app)
        self.engine, self.auction = self.stage.engine, self.stage.id
        self._app, self._store, self._path = app, store, path
        self.people = add_people(PEOPLE)
        self.recorder, self.over, self.accepted = recorder, threading.Event(), 0
        self.watch, self._start = start(*WATCH), start
        self.worker = start("worker.py", "bids")
        self._threads = [threading.Thread(target=self._bid, args=(number,)) for number in range(THREADS)]

    def __enter__(self) -> "Scene":
        # Bids fill the disk, too: whoever shall notice it is at work before.
        wait_until(lambda: wiring.queue_redis().exists("live-store:seen"), "the first round of the watch")
        for thread in self._threads:
            thread.start()
        wait_until(lambda: self.accepted > 50, "bids")
        return self

    def __exit__(self, *error: object) -> None:
        self.over.set()
        for thread in self._threads:
            thread.join()

    def _bid(self, number: int) -> None:
        engine = RedisEngine(connect(self._store.url))
        waiting = [(person, nth) for nth in range(3) for person in self.people[number::THREADS]]
        while waiting and not self.over.wait(PACE_SECONDS):
            person, nth = waiting[0]
            amount = 100_000 + 5_000 * (nth + 1)
            if nth == 0 and not _introduced(engine, self.auction, person):
                continue
            answer = bid(self.recorder, engine, self.auction, person, amount, f"{person}-{nth}")
            # Refused or unknown: the same request is sent again.
            if isinstance(answer, Accepted):
                waiting.pop(0)
                self.accepted += 1

    def paused(self) -> str:
        try:
            return self.engine.read(self.auction).paused
        except (StoreUnavailable, OutcomeUnknown):
            return "away"

    def goes_on(self) -> None:
        """Wait until more bids are accepted, while only a supervisor acts."""
        before = self.accepted
        wait_until(lambda: self.accepted > before + 20, "bids again", BACK_SECONDS)

    def readiness(self) -> dict[str, Any]:
        answer = self._app.test_client().get("/readyz")
        return dict(answer.get_json())

    def judge(self) -> None:
        """Record all entries, then run the checkers and `auction check`."""

        def at_rest() -> bool:
            if self.worker.popen.poll() is not None:
                self.worker = self._start("worker.py", "bids")
            with suppress(StoreUnavailable, OutcomeUnknown):
                return self.engine.backlog([self.auction]) == {self.auction: 0}
            return False

        wait_until(at_rest, "the last bid to be recorded", BACK_SECONDS)
        assert violations(Evidence(history.read(self._path), [ending_of(self.engine, self.auction)])) == []


@on_both_databases
def test_bids_stop_before_the_disk_is_full_and_go_on_when_it_is_not(scene: Scene, disk: SmallDisk) -> None:
    with scene:
        disk.fill(leave=MEGABYTES * 2**20 // TENTH - 64 * 1024)
        wait_until(lambda: scene.paused() == DISK_FULL, "the watch to see it")
        assert scene.readiness()["parts"]["live_store"]["paused"] == {str(scene.auction): DISK_FULL}
        assert disk.free > 0, "nothing was lost or killed for want of room"
        disk.clear()
        scene.goes_on()
    scene.judge()
    assert "a disk is nearly full" in scene.watch.log.read_text()


@on_both_databases
def test_a_store_that_ends_for_want_of_room_loses_no_answered_bid_and_comes_back(scene: Scene, disk: SmallDisk) -> None:
    with scene:
        first = scene.engine.condition().run_id
        disk.fill()
        wait_until(lambda: scene.paused() == "away", "the store to end: it cannot write what it would answer")
        assert scene.readiness()["missing"], "it says what is missing"
        accepted = scene.accepted
        wait_until(lambda: _starts_again(scene, first), "the supervisor to start it again")
        assert scene.accepted == accepted, "no bid is taken that cannot be kept"
        disk.clear()
        scene.goes_on()
    scene.judge()


def _introduced(engine: RedisEngine, auction_id: int, person: int) -> bool:
    """Introduce somebody. Returns whether it is certain that the store knows the person."""
    try:
        engine.introduce(auction_id, person, Permission.OK, 1, 1)
    except (StoreUnavailable, OutcomeUnknown):
        return False
    return True


def _starts_again(scene: Scene, first: str) -> bool:
    with suppress(StoreUnavailable, OutcomeUnknown):
        return scene.engine.condition().run_id != first
    return False


def test_a_store_that_writes_once_a_second_refuses_while_it_cannot_write(
    app: Flask, disk: SmallDisk, queue_redis: Any
) -> None:
    """Such a store (the embedded one) does not end: it refuses writes until its log can be written again."""
    store = ShippedStore("redis-live.conf", disk.path, ("appendfsync everysec",))
    try:
        app.extensions["engine"] = RedisEngine(connect(store.url))
        stage = Stage(app)
        guard = Guard(stage.engine, queue_redis, (), 0)
        guard.round()
        stage.bid("carol", 100_000)
        disk.fill()
        accepted = _bid_until_refused(stage)
        assert not stage.engine.condition().writing
        answer = app.test_client().get("/readyz")
        assert (
            answer.status_code == 503 and "cannot write its log" in answer.get_json()["parts"]["live_store"]["detail"]
        )
        with suppress(StoreUnavailable):
            guard.round()
        assert stage.engine.read(stage.id).sequence == 1 + accepted
        disk.clear()
        wait_until(lambda: stage.engine.condition().writing, "the log to be written again", BACK_SECONDS)
        guard.round()
        assert stage.engine.read(stage.id).paused == "" != NOT_WRITING
        assert stage.bid("mallory", 130_000).sequence == 2 + accepted
        store.process.kill()
        store.process.wait()
        store.start()
        assert stage.engine.read(stage.id).sequence == 2 + accepted, "it had everything on its disk again"
    finally:
        store.remove()


def _bid_until_refused(stage: Stage) -> int:
    """Number of bids taken before the store noticed: they are in its memory, and written later."""
    accepted = 0
    for name, amount in [(name, amount) for amount in (105_000, 110_000, 115_000) for name in ("alice", "bob")]:
        with suppress(StoreUnavailable):
            stage.bid(name, amount)
            accepted += 1
            continue
        return accepted
    raise AssertionError("a store that cannot write went on accepting")
