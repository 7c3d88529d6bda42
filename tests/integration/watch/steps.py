"""Steps of the tests of the watch."""

from pathlib import Path

import redis

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
