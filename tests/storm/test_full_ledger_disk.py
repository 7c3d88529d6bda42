"""The disk of the database's binary log fills up while people bid: none is lost, the service says why, and goes on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from flask import Flask

from cashticket import create_app
from cashticket.engine.interface import Paused
from cashticket.engine.pauses import DISK_FULL
from cashticket.extensions import db
from lab.servers.mariadb_server import MariaDbServer
from lab.servers.processes import WATCH, running
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.fixtures.databases import make_environment, make_settings, migrate
from tests.staging.auctions import Stage
from tests.storm.small_disk import SmallDisk, small_disk

SHIPPED = Path(__file__).resolve().parents[2] / "deploy" / "compose" / "mariadb.cnf"
BACK_SECONDS = 90.0
"""A MariaDB whose log finds no room looks again once a minute."""

pytestmark = [pytest.mark.slow, pytest.mark.sweep, pytest.mark.timeout(500)]


class LogOnSmallDisk(MariaDbServer):
    """The shipped database, its binary log on a disk of its own."""

    def __init__(self, disk: Path) -> None:
        self._disk = disk
        super().__init__()

    def _command(self) -> list[str]:
        return [self.binary, f"--defaults-file={SHIPPED}", *self.paths, f"--log-bin={self._disk / 'binlog'}"]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "small-disk") as disk:
        yield disk


@pytest.fixture
def application(
    mariadb_server: MariaDbServer, redis_server: RedisServer, redis_client: redis.Redis, disk: SmallDisk, tmp_path: Path
) -> Iterator[Flask]:
    """On an emptied live store. Asks for the session's database only to be skipped like every test on MariaDB."""
    server = LogOnSmallDisk(disk.path)
    try:
        url = server.start().create_database("small")
        migrate(url, tmp_path)
        application = create_app(make_settings(url, redis_server.url, tmp_path))
        with application.app_context():
            yield application
            db.session.remove()
            db.engine.dispose()
    finally:
        server.remove()


def test_a_full_disk_of_the_binary_log_holds_up_recording_and_loses_nothing(
    application: Flask, disk: SmallDisk, tmp_path: Path
) -> None:
    stage = Stage(application)
    settings = application.extensions["settings"]
    environment = make_environment(settings.database_url, settings.redis_url) | {"DISK_PATHS": str(disk.path)}
    with running(environment, tmp_path) as start:
        watch = start(*WATCH)
        start("worker.py", "bids")
        stage.bid("alice", 100_000)
        wait_until(lambda: stage.engine.read(stage.id).recorded == 1, "the first bid to be recorded")
        disk.fill()
        accepted = 1
        for amount, name in enumerate(("bob", "carol"), 21):
            try:
                stage.bid(name, amount * 5_000)
            except Paused as pause:
                assert pause.reason == DISK_FULL
            else:
                accepted += 1
        wait_until(lambda: stage.engine.read(stage.id).paused == DISK_FULL, "the watch to see it", BACK_SECONDS)
        assert "a disk is nearly full" in watch.log.read_text()
        disk.clear()
        wait_until(lambda: stage.engine.read(stage.id).paused == "", "bidding to go on by itself", BACK_SECONDS)
        wait_until(lambda: stage.engine.read(stage.id).recorded == accepted, "every bid in the ledger", BACK_SECONDS)
        stage.bid("alice", 150_000)
        wait_until(lambda: stage.engine.read(stage.id).recorded == accepted + 1, "recording to go on", BACK_SECONDS)
    assert [row.sequence for row in stage.recorded()] == list(range(1, accepted + 2))
