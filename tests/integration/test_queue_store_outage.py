"""The queue store is away or frozen for a while: workers wait it out in the same processes and work on afterwards."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from cashticket import create_app
from cashticket.wiring import QUEUES, hasty_queue_redis, queue
from cashticket.work import heartbeats, queueing
from lab.servers.processes import is_alive, running
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.fixtures.databases import make_environment, make_settings
from tests.staging.auctions import Stage

OUTAGE_SECONDS = 15
"""Longer than redis-py tries again within one call, and than the monitor of a running job waits."""

pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True), pytest.mark.slow, pytest.mark.sweep]


@pytest.fixture
def queue_store() -> Iterator[RedisServer]:
    server = RedisServer(appendonly=True)
    yield server.start()
    server.remove()


@pytest.fixture
def environment(database_url: str, redis_server: RedisServer, queue_store: RedisServer) -> dict[str, str]:
    return make_environment(database_url, redis_server.url) | {"QUEUE_REDIS_URL": queue_store.url}


@pytest.fixture
def app(environment: dict[str, str], redis_client: object, tmp_path: Path) -> Iterator[Flask]:
    from dataclasses import replace

    settings = make_settings(environment["DATABASE_URL"], environment["REDIS_URL"], tmp_path)
    application = create_app(replace(settings, queue_redis_url=environment["QUEUE_REDIS_URL"]))
    with application.app_context():
        yield application


@pytest.mark.parametrize("how", ["killed", "frozen"])
def test_workers_wait_out_the_queue_store_and_work_on(
    app: Flask, environment: dict[str, str], queue_store: RedisServer, tmp_path: Path, how: str
) -> None:
    stage = Stage(app)
    with running(environment, tmp_path) as start:
        workers = {name: start("worker.py", name) for name in QUEUES}
        queueing.drain()
        [drain] = wait_until(lambda: workers["bids"].children(), "a drain")
        stage.bid("carol", 100_000)
        wait_until(lambda: len(stage.recorded()) == 1, "the first bid in the ledger")
        suspend(queue_store, how)
        stage.bid("bob", 105_000)
        wait_until(lambda: len(stage.recorded()) == 2, "a bid recorded meanwhile")
        threading.Event().wait(OUTAGE_SECONDS)
        assert is_alive(drain)
        resume(queue_store, how)
        wait_until(
            lambda: signs_of_workers() == dict.fromkeys(QUEUES, 1), "a sign of life of each, in a job or not", 60
        )
        for queue_jobs in (queueing.drain, queueing.check_due, queueing.deliver, lambda: queueing.settle(stage.id)):
            queue_jobs()
        # Told to end, as a drain does by itself after a minute, it makes room for the next one.
        os.kill(drain, signal.SIGTERM)
        wait_until(lambda: not any(queue(name).count for name in QUEUES), "an empty queue", 60)
        stage.bid("alice", 110_000)
        wait_until(lambda: len(stage.recorded()) == 3, "the last bid in the ledger")
        assert all(worker.popen.poll() is None for worker in workers.values())
        assert {name: worker.stop() for name, worker in workers.items()} == dict.fromkeys(QUEUES, 0)


def test_a_worker_ends_within_its_time_while_the_queue_store_is_frozen(
    app: Flask, environment: dict[str, str], queue_store: RedisServer, tmp_path: Path
) -> None:
    with running(environment, tmp_path) as start:
        busy, idle = start("worker.py", "bids"), start("worker.py", "settlement")
        queueing.drain()
        wait_until(busy.children, "a drain")
        wait_until(lambda: len(queue_store.client().pubsub_channels()) == 2, "both workers at work")
        suspend(queue_store, "frozen")
        try:
            assert [busy.stop(), idle.stop()] == [0, 0]
        finally:
            resume(queue_store, "frozen")


def signs_of_workers() -> dict[str, int]:
    signs = heartbeats.signs(hasty_queue_redis())
    return {name: signs[name].alive for name in QUEUES}


def suspend(server: RedisServer, how: str) -> None:
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP) if how == "frozen" else server.kill()


def resume(server: RedisServer, how: str) -> None:
    if how == "frozen":
        assert server.process is not None
        server.process.send_signal(signal.SIGCONT)
    else:
        server.start()
