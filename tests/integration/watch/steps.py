"""Steps of the tests of the watch."""

from pathlib import Path

import redis

from cashticket import redis_keys
from cashticket.work.watch.guard import Guard
from tests.staging.auctions import Stage


class Clock:
    """Monotonic seconds that only a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def paused(stage: Stage) -> str:
    return stage.engine.read(stage.id).paused


def guard_of_disk(stage: Stage, queue_redis: redis.Redis, clock: Clock, path: Path, free_min: int) -> Guard:
    return Guard(stage.engine, queue_redis, (path,), free_min, clock)


def as_if_restarted(stage: Stage, queue_redis: redis.Redis, redis_client: redis.Redis) -> None:
    """The present process answers, and everything else was last seen on another one."""
    redis_client.hset(redis_keys.state(stage.id), "checked_on", "somebody-else master")
    queue_redis.set(redis_keys.live_store_seen("first"), "somebody-else master")
