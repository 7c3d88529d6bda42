"""A sound auction, its guard, and a clock that only a test moves."""

from collections.abc import Iterator

import pytest
from flask import Flask

from cashticket.ledger.recording import record_waiting
from cashticket.work.watch.guard import Guard
from lab.servers.redis_server import RedisServer, redis_binary, valkey_binary
from tests.integration.watch.steps import Clock, paused
from tests.staging.auctions import Stage


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stage(app: Flask) -> Stage:
    stage = Stage(app)
    stage.bid("carol", 100_000)
    stage.bid("bob", 105_000)
    record_waiting(stage.engine, stage.id)
    return stage


@pytest.fixture
def guard(stage, queue_redis, clock) -> Guard:
    """A guard that has looked around once and found everything sound."""
    guard = Guard(stage.engine, queue_redis, (), 0, clock)
    guard.round()
    assert paused(stage) == ""
    return guard


@pytest.fixture(params=[redis_binary, valkey_binary], ids=["redis", "valkey"])
def durable(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    """A server of this test's own, of each kind, that keeps what it answers."""
    if (binary := request.param()) is None:
        pytest.skip("this kind of live store is not installed")
    server = RedisServer(binary, appendonly=True)
    yield server.start()
    server.remove()
