"""A slow disk below a store: what is answered as durable has waited for it, and what is not has not been delayed."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pymysql
import pytest

from lab.servers.mariadb_server import MariaDbServer, mariadb_binary
from lab.servers.preloaded import MISSING, compiler
from lab.servers.redis_server import RedisServer, redis_binary
from lab.servers.slow_disk import SlowDisk

SYNC_MS, WRITES = 150.0, 3
# O_SYNC holds the bit of O_DSYNC.
SYNCED_WRITES = os.O_DSYNC


@pytest.fixture
def disk(tmp_path: Path) -> SlowDisk:
    if compiler() is None:
        pytest.skip(MISSING)
    return SlowDisk(tmp_path / "slow-disk.so", SYNC_MS)


@pytest.fixture
def store(disk: SlowDisk) -> Iterator[RedisServer]:
    if redis_binary() is None:
        pytest.skip("Redis is not installed: apt install redis-server")
    server = RedisServer(redis_binary(), appendonly=True, environment=disk.environment)
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture
def database(disk: SlowDisk) -> Iterator[MariaDbServer]:
    if mariadb_binary() is None:
        pytest.skip("MariaDB is not installed: apt install mariadb-server")
    server = MariaDbServer(durable=True, environment=disk.environment)
    try:
        yield server.start()
    finally:
        server.remove()


def ms_of(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return (time.monotonic() - began) * 1000


def files_with_synced_writes(pid: int) -> list[str]:
    """Open files whose writes are synced without a call that the slow disk delays."""
    found_files = []
    for each in Path(f"/proc/{pid}/fd").iterdir():
        # A server closes files while they are looked at.
        with suppress(FileNotFoundError):
            flags = int((each.parent.parent / "fdinfo" / each.name).read_text().split("flags:")[1].split()[0], 8)
            if flags & SYNCED_WRITES:
                found_files.append(str(each.readlink()))
    return found_files


def test_a_live_store_answers_a_write_only_after_the_sync(store: RedisServer, disk: SlowDisk) -> None:
    with store.client() as client:
        for number in range(WRITES):
            assert ms_of(lambda number=number: client.set("bid", number)) >= SYNC_MS
        assert client.get("bid") == str(WRITES - 1)
    assert store.process and disk.is_loaded(store.process.pid)
    assert files_with_synced_writes(store.process.pid) == []


def test_a_database_answers_a_commit_only_after_the_sync(database: MariaDbServer, disk: SlowDisk) -> None:
    database.create_database("lab")
    with pymysql.connect(unix_socket=database.socket, user="root", database="lab", autocommit=True) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE bids (amount BIGINT PRIMARY KEY) ENGINE=InnoDB")
        for number in range(WRITES):
            assert ms_of(lambda number=number: cursor.execute(f"INSERT INTO bids VALUES ({number})")) >= SYNC_MS
        cursor.execute("SELECT COUNT(*) FROM bids")
        assert cursor.fetchone() == (WRITES,)
    assert database.process and disk.is_loaded(database.process.pid)
    assert files_with_synced_writes(database.process.pid) == []


def test_a_sync_that_fails_still_fails(disk: SlowDisk) -> None:
    code = "import os; r, w = os.pipe(); os.fsync(w)"
    environment = os.environ | disk.environment
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "Invalid argument" in done.stderr
