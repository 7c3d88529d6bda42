"""A job that fails: log and queue store name the job and the kind of error, never what the database said."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from flask import Flask
from sqlalchemy import text

from cashticket.extensions import db
from cashticket.queue_worker import FAILED_JOBS_MAX
from cashticket.wiring import queue
from cashticket.work import queueing
from lab.servers.processes import running
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.fixtures.databases import make_environment
from tests.staging.auctions import open_auction

SENTENCE = "Duplicate entry alice@example.com for key"
ON_SQLITE = f"CREATE TRIGGER refusing BEFORE UPDATE ON auctions BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END"
ON_MARIADB = (
    "CREATE TRIGGER refusing BEFORE UPDATE ON auctions FOR EACH ROW "
    f"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{SENTENCE}'"
)


@pytest.fixture
def refusing_auction(app: Flask) -> Iterator[int]:
    """An auction that is over, whose row the database refuses to change, in a message that names alice."""
    with db.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER IF EXISTS refusing"))
    auction_id = open_auction(ends_in_ms=-1_000)
    with db.engine.begin() as connection:
        connection.execute(text(ON_SQLITE if db.engine.dialect.name == "sqlite" else ON_MARIADB))
    yield auction_id
    with db.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER refusing"))


def test_a_failed_job_leaves_its_name_and_the_kind_of_error(
    refusing_auction: int, queue_redis: redis.Redis, database_url: str, redis_server: RedisServer, tmp_path: Path
) -> None:
    queueing.settle(refusing_auction)
    failed = queue("settlement").failed_job_registry
    with running(make_environment(database_url, redis_server.url), tmp_path) as start:
        worker = start("worker.py", "settlement")
        [job_id] = wait_until(failed.get_job_ids, "the failure of the job")
        assert worker.stop() == 0
    log = worker.log.read_text()
    assert "the job settle failed" in log and "job=settle" in log and "cashticket/jobs.py" in log
    assert "alice" not in log and "Duplicate" not in log and "UPDATE" not in log
    kept = json.dumps([str(value) for value in everything_in(queue_redis)])
    assert "alice" not in kept and "Duplicate" not in kept
    job = queue("settlement").fetch_job(job_id)
    assert job is not None
    reason = job.latest_result().exc_string
    assert "Error" in reason and len(reason) <= 1000 and "Traceback" not in reason


def everything_in(store: redis.Redis) -> list[object]:
    """All values of a store; what RQ compresses is read through its results."""
    values: list[object] = []
    for key in store.scan_iter():
        kind = store.type(key)
        if kind == b"hash":
            values += store.hgetall(key).values()
        elif kind == b"string":
            values.append(store.get(key))
    return values


def test_failed_jobs_are_bounded_and_leave_by_themselves(
    app: Flask, queue_redis: redis.Redis, database_url: str, redis_server: RedisServer, tmp_path: Path
) -> None:
    """What fails each second, such as the settlement of an auction that the database refuses, fills no store."""
    unknown, failing = 4_000_000, queue("settlement")
    for number in range(FAILED_JOBS_MAX + 5):
        failing.enqueue("cashticket.jobs.settle", unknown + number, failure_ttl=queueing.FAILURE_TTL_SECONDS)
    with running(make_environment(database_url, redis_server.url), tmp_path) as start:
        worker = start("worker.py", "settlement")
        newest = f"{unknown + FAILED_JOBS_MAX + 4}"
        wait_until(lambda: not failing.count and newest in arguments_of_failed(), "the failure of every job", 120)
        assert worker.stop() == 0
    jobs = list(queue_redis.scan_iter("rq:job:*"))
    assert len(jobs) == failing.failed_job_registry.count == FAILED_JOBS_MAX
    kept = [*jobs, *queue_redis.scan_iter("rq:results:*")]
    assert all(0 < queue_redis.ttl(key) <= queueing.FAILURE_TTL_SECONDS for key in kept)


def arguments_of_failed() -> set[str]:
    failing = queue("settlement")
    jobs = [failing.fetch_job(job_id) for job_id in failing.failed_job_registry.get_job_ids()]
    return {str(job.args[0]) for job in jobs if job is not None}
