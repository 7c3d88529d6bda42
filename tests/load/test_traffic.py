"""What a turn counts at database and live store: everybody's work but the lab's own."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pymysql
import pytest

from cashticket import redis_keys
from cashticket.engine.connection import connect
from cashticket.engine.redis_engine import RedisEngine
from lab.load import raw
from lab.load.figures import figures_of, per_unit
from lab.load.report import publish, write
from lab.load.report.traffic import HEAD
from lab.load.systems import SYSTEMS
from lab.load.traffic import Traffic, sent_bytes, store_work, traffic_of
from lab.servers.mariadb_server import MariaDbServer, mariadb_binary
from lab.servers.redis_server import RedisServer, redis_binary
from lab.systems.database_counters import work_between
from lab.waiting import wait_until
from tests.load.test_report import SAMPLE, Tables

WRITES = 40


@pytest.fixture(scope="module")
def store() -> Iterator[RedisServer]:
    if redis_binary() is None:
        pytest.skip("Redis is not installed: apt install redis-server")
    server = RedisServer(redis_binary(), appendonly=True)
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture(scope="module")
def database() -> Iterator[MariaDbServer]:
    if mariadb_binary() is None:
        pytest.skip("MariaDB is not installed: apt install mariadb-server")
    server = MariaDbServer(durable=True)
    try:
        server.start().create_database("counted")
        yield server
    finally:
        server.remove()


@pytest.fixture
def traffic(database: MariaDbServer, store: RedisServer) -> Iterator[Traffic]:
    assert database.process and store.process
    counters = traffic_of(database.url("counted"), database.process.pid, store.url, store.process.pid)
    try:
        yield counters
    finally:
        counters.close()


def test_nothing_that_the_lab_sends_counts(traffic: Traffic, store: RedisServer) -> None:
    """Readings of both servers, and looks at waiting bids as the lab takes them through the product's engine."""
    connected = connect(store.url)
    engine = RedisEngine(connected)
    with store.client() as client:
        client.rpush(redis_keys.bids(7), *range(120))
    assert engine.backlog([7]) == {7: 120}
    # A connection that has just ended may still be read.
    wait_until(
        lambda: traffic.database._rows("SHOW STATUS LIKE 'Threads_connected'") == [("Threads_connected", "1")],
        "the end",
    )
    traffic.begin()
    for _ in range(3):
        traffic.store.look(engine.backlog([7, 8, 9]))
        traffic.database.read()
        traffic.store.read()
    counted = traffic.end()
    connected.connection_pool.disconnect()
    server, kept = counted["database"], counted["live store"]
    assert {server[name] for name in ("statements", "carried_out", "received_bytes", "sent_bytes")} == {0}
    assert {kept[name] for name in ("commands", "scripts", "received_bytes", "sent_bytes", "log_bytes")} == {0}
    assert kept["log_writes"] == 0


def test_each_commit_of_others_counts_with_its_statements_its_flush_and_its_bytes(
    traffic: Traffic, database: MariaDbServer
) -> None:
    with pymysql.connect(unix_socket=database.socket, user="root", database="counted") as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE OR REPLACE TABLE bids (amount BIGINT PRIMARY KEY) ENGINE=InnoDB")
        traffic.begin()
        for number in range(WRITES):
            cursor.execute(f"INSERT INTO bids VALUES ({number})")
            connection.commit()
        counted = traffic.end()["database"]
    assert counted["statements"] == counted["carried_out"] == 2 * WRITES
    # InnoDB keeps its statistics by a transaction of its own now and then.
    assert WRITES <= counted["commits"] <= WRITES + 3
    assert counted["flushes"] >= WRITES
    # A log record and an answer are longer than nothing and shorter than a page.
    for name in ("log_bytes", "received_bytes", "sent_bytes"):
        assert 10 * WRITES < counted[name] < 4_096 * WRITES
    assert len("INSERT INTO bids VALUES (0)") * WRITES < counted["received_bytes"]
    assert counted["disk_bytes"] >= 0


def test_a_statement_that_commits_itself_is_a_commit_and_reading_is_none(
    traffic: Traffic, database: MariaDbServer
) -> None:
    with pymysql.connect(unix_socket=database.socket, user="root", database="counted", autocommit=True) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE OR REPLACE TABLE bids (amount BIGINT PRIMARY KEY) ENGINE=InnoDB")
        traffic.begin()
        for number in range(WRITES):
            cursor.execute(f"INSERT INTO bids VALUES ({number})")
            cursor.execute("SELECT COUNT(*) FROM bids")
        counted = traffic.end()["database"]
    assert (counted["statements"], counted["carried_out"]) == (2 * WRITES, 2 * WRITES)
    assert WRITES <= counted["commits"] <= WRITES + 3


def test_each_write_of_others_is_a_write_of_the_log_with_its_bytes(traffic: Traffic, store: RedisServer) -> None:
    with store.client() as client:
        client.set("bid", "before")
        before = client.info("persistence")["aof_current_size"]
        traffic.begin()
        for number in range(WRITES):
            client.set("bid", f"{number:04}")
        client.eval("redis.call('GET', KEYS[1]) return redis.call('INCR', KEYS[1])", 1, "count")
        counted = traffic.end()["live store"]
        grown = client.info("persistence")["aof_current_size"] - before
    assert counted["scripts"] == 1
    assert counted["commands"] == WRITES + 3, "the script itself and the two commands inside it"
    assert counted["received_bytes"] - sent_bytes("SET", "bid", "0000") * WRITES in range(1, 200)
    assert counted["sent_bytes"] == len("+OK\r\n") * WRITES + len(":1\r\n")
    assert counted["log_bytes"] == grown
    assert counted["log_writes"] == WRITES + 1


def test_a_server_that_was_started_again_meanwhile_has_no_numbers() -> None:
    reading = {"uptime": 50, "read_at": 1_000, "questions": 900}
    again = {"uptime": 55, "read_at": 1_020, "questions": 1_000}
    assert work_between(reading, again) == {} == store_work(reading, again, {})
    assert store_work({}, again, {}) == {} == store_work(reading, {}, {})


def test_a_store_that_is_away_at_the_end_is_left_out_and_the_database_is_not(
    database: MariaDbServer, tmp_path: Path
) -> None:
    server = RedisServer(redis_binary(), appendonly=True).start()
    assert database.process and server.process
    counters = traffic_of(database.url("counted"), database.process.pid, server.url, server.process.pid)
    try:
        counters.begin()
        server.kill()
        assert list(counters.end()) == ["database"]
    finally:
        counters.close()
        server.remove()


def test_counters_are_divided_by_accepted_bids() -> None:
    counters = {"database": {"statements": 90, "commits": 3}}
    assert per_unit(counters, 6) == {"database": {"statements": 15.0, "commits": 0.5}}
    assert per_unit(counters, 0) == per_unit({}, 6) == {}


def test_a_report_shows_them_at_the_highest_held_rate_and_an_older_run_shows_none(tmp_path: Path, docs: Path) -> None:
    run = raw.read_json(SAMPLE / "run.json")
    systems = [figures_of(each) for each in raw.read_systems(SAMPLE, SYSTEMS)]
    without = write(tmp_path, run, systems).read_text()
    assert "syncs and bytes per" not in without
    copy = tmp_path / "run"
    shutil.copytree(SAMPLE, copy)
    for path in copy.glob("*/turn-*/turn.json"):
        facts = raw.read_json(path)
        bids, rate = facts["ledger_bids"], facts["rate"]
        database = {"statements": 8 * bids, "carried_out": 9 * bids, "commits": bids, "flushes": bids * rate // 100}
        database |= {"log_bytes": 900 * bids, "disk_bytes": 4_096 * bids}
        store = {"scripts": bids, "commands": 30 * bids, "log_bytes": 700 * bids, "log_writes": bids // 2}
        names = {"received_bytes": 500 * bids, "sent_bytes": 1_250 * bids}
        counters = {"database": database | names, "live store": store | names}
        raw.write_json(path, facts | {"counters": counters})
    systems = [figures_of(each) for each in raw.read_systems(copy, SYSTEMS)]
    page = Tables(write(tmp_path, run, systems).read_text())
    (table,) = [each for each in page.tables if tuple(each[0]) == HEAD]
    assert [row[0] for row in table[1::2]] == [each.facts["title"] for each in systems]
    for row, each in zip(table[1::2], systems, strict=True):
        assert row[1:5] == ["database", "8.00", "9.00", "1.00"]
        assert each.knee.held and float(row[5]) == pytest.approx(each.knee.held / 100, abs=0.02)
        assert row[6:] == ["900 B", "4,096 B", "500 B", "1,250 B"]
    for row in table[2::2]:
        assert row[1:5] == ["live store", "1.00", "30.00", "–"]
        assert row[6:] == ["700 B", "–", "500 B", "1,250 B"]
    document = publish(copy, run, systems, docs).read_text()
    assert f"| {' | '.join(table[1])} |" in document
