"""Workers and watch go on recording and settling by themselves after their stores were killed and came back."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from cashticket import create_app
from cashticket.auction.values import State
from cashticket.extensions import db
from lab.servers.mariadb_server import MariaDbServer
from lab.servers.processes import WATCH, Process, running
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.fixtures.databases import make_environment, make_settings, migrate
from tests.staging.auctions import Stage

pytestmark = [pytest.mark.slow, pytest.mark.sweep]


@pytest.fixture
def redis_of_its_own() -> Iterator[RedisServer]:
    """A live store that keeps what it answered over a SIGKILL."""
    server = RedisServer(appendonly=True)
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture
def mariadb_of_its_own(mariadb_server: MariaDbServer) -> Iterator[MariaDbServer]:
    """A database server to kill. Requests the session's one only to be skipped like every test on MariaDB."""
    server = MariaDbServer()
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture
def killable(redis_of_its_own: RedisServer, mariadb_of_its_own: MariaDbServer, tmp_path: Path) -> Iterator[Flask]:
    """The application on a Redis and a MariaDB that may be killed."""
    url = mariadb_of_its_own.create_database("killable")
    migrate(url, tmp_path)
    application = create_app(make_settings(url, redis_of_its_own.url, tmp_path))
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def mail_folder(tmp_path: Path) -> Path:
    return tmp_path / "mail"


@pytest.fixture
def start(killable: Flask, mail_folder: Path, tmp_path: Path) -> Iterator[Callable[..., Process]]:
    settings = killable.extensions["settings"]
    environment = make_environment(settings.database_url, settings.redis_url) | {"MAIL_URL": f"file:{mail_folder}"}
    with running(environment, tmp_path) as starter:
        yield starter


def test_a_database_that_dies_holds_up_recording_and_no_bid(
    killable: Flask, mariadb_of_its_own: MariaDbServer, start: Callable[..., Process]
) -> None:
    stage = Stage(killable)
    worker, watch = start("worker.py", "bids"), start(*WATCH)
    stage.bid("alice", 100_000)
    wait_until(lambda: stage.engine.read(stage.id).recorded == 1, "the first bid to be recorded")
    mariadb_of_its_own.kill()
    for name, amount in (("bob", 105_000), ("carol", 110_000)):
        stage.bid(name, amount)
    wait_until(lambda: "the drain waits" in worker.log.read_text(), "the drain to notice")
    wait_until(lambda: "what is due waits" in watch.log.read_text(), "the watch to notice")
    mariadb_of_its_own.start()
    wait_until(lambda: stage.engine.read(stage.id).recorded == 3, "the rest to be recorded", 60)
    assert [row.sequence for row in stage.recorded()] == [1, 2, 3]
    assert worker.log.read_text().count("the drain waits") == 1, worker.log.read_text()
    wait_until(lambda: "what is due goes on" in watch.log.read_text(), "the watch to recover")
    assert watch.stop() == 0 and watch.log.read_text().count("what is due waits") == 1
    assert worker.stop() == 0


def test_an_auction_that_ends_while_the_database_is_away_says_so_and_settles_when_it_is_back(
    killable: Flask, mariadb_of_its_own: MariaDbServer, start: Callable[..., Process]
) -> None:
    stage = Stage(killable, ends_in_ms=12_000)
    for arguments in (WATCH, ("worker.py", "bids"), ("worker.py", "settlement")):
        start(*arguments)
    stage.bid("alice", 100_000)
    wait_until(lambda: stage.engine.read(stage.id).recorded == 1, "the first bid to be recorded")
    mariadb_of_its_own.kill()
    stage.bid("bob", 105_000)
    place = stage.engine.place(stage.id, stage.people["bob"])
    assert place.rank == 1 and not place.recorded, "accepted, and shown as not recorded yet"
    wait_until(lambda: stage.engine.clock() > stage.engine.read(stage.id).ends_at_ms, "the end")
    watch = start("-m", "flask", "--app", "wsgi", "auction", "close-due")
    assert watch.popen.wait(60) != 0
    log = watch.log.read_text()
    assert f"auction {stage.id} waits: database_away" in log and "The database is not available" in log
    mariadb_of_its_own.start()
    wait_until(lambda: stage.engine.read(stage.id).state is State.SETTLED, "the auction to settle", 90)
    assert stage.winners() == {"VIP-1": "bob", "VIP-2": "alice"}


def test_a_live_store_that_dies_and_comes_back_is_drained_on(
    killable: Flask, redis_of_its_own: RedisServer, start: Callable[..., Process]
) -> None:
    """The live store also carries the queue here, so a worker may give up; it is restarted, as by every supervisor."""
    stage = Stage(killable)
    worker, watch = start("worker.py", "bids"), start(*WATCH)
    stage.bid("alice", 100_000)
    wait_until(lambda: stage.engine.read(stage.id).recorded == 1, "the first bid to be recorded")
    redis_of_its_own.kill()
    wait_until(lambda: "the watch waits" in watch.log.read_text(), "the watch to notice")
    redis_of_its_own.start()
    wait_until(lambda: not stage.engine.read(stage.id).paused, "the watch to find it sound")
    stage.bid("bob", 105_000)

    def recorded() -> bool:
        if worker.popen.poll() is not None:
            start("worker.py", "bids")
        return stage.engine.read(stage.id).recorded == 2

    wait_until(recorded, "recording to go on", 60)
    assert [row.sequence for row in stage.recorded()] == [1, 2]
    assert watch.stop() == 0 and watch.log.read_text().count("the watch waits") == 1, watch.log.read_text()


def test_an_auction_ends_settles_and_tells_its_people_without_anybody_doing_anything(
    killable: Flask, mail_folder: Path, start: Callable[..., Process]
) -> None:
    stage = Stage(killable, ends_in_ms=4_000)
    for name, amount in (("carol", 100_000), ("bob", 105_000), ("alice", 110_000)):
        stage.bid(name, amount)
    processes = [start(*WATCH), *(start("worker.py", queue) for queue in ("bids", "settlement", "mail"))]
    wait_until(lambda: stage.engine.read(stage.id).state is State.SETTLED, "the auction to settle", 60)
    assert stage.winners() == {"VIP-1": "alice", "VIP-2": "bob"}
    wait_until(lambda: len([*mail_folder.glob("*.eml")]) == 3, "everybody to be told")
    for process in processes:
        assert process.stop() == 0, process.log.read_text()
