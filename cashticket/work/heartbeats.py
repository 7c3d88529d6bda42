"""Heartbeats: signs of life of the watch and of the workers, in the queue store, for operators.

A process sends them from its main loop, so one that hangs falls silent like one that has ended. Processes stand there
by a random name, so nobody learns from it where they run.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import redis

from cashticket import redis_keys
from cashticket.wiring import QUEUES

KINDS = ("watch", *QUEUES)
"""Who sends them: the watch, and the workers by their queue."""

_COMMANDS = {name: f"python worker.py {name}" for name in QUEUES} | {"watch": "flask auction close-due --watch"}

EVERY_SECONDS = 2.0
"""A process sends one at most this often. A worker has a turn at least every five seconds, also during a job."""

ALIVE_SECONDS = 15.0
"""Who has sent none for longer is silent."""

KEPT_MS = 86_400_000
PROCESSES_MAX = 64
"""So many processes of a kind are read, the last that sent one first."""


class Heartbeat:
    """The heartbeat of this process as one of KINDS. `client` should give up soon."""

    def __init__(self, client: redis.Redis, kind: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        assert kind in KINDS, kind
        self._client, self._kind, self._monotonic = client, kind, monotonic
        self._process = secrets.token_hex(8)
        self._next_at = float("-inf")

    def send(self) -> bool:
        """Send a sign of life, unless one was sent a moment ago. Returns whether it was tried. Never fails: while
        the queue store is away nobody can be told."""
        if self._monotonic() < self._next_at:
            return False
        self._next_at = self._monotonic() + EVERY_SECONDS
        with suppress(redis.RedisError):
            self._write(redis_keys.heartbeats(self._kind))
        return True

    def _write(self, key: str) -> None:
        # The store's own clock, so that clocks of machines need not agree.
        now_ms = int(_seconds(self._client.time()) * 1000)
        pipeline = self._client.pipeline()
        pipeline.zadd(key, {self._process: now_ms})
        pipeline.zremrangebyscore(key, "-inf", now_ms - KEPT_MS)
        pipeline.pexpire(key, KEPT_MS)
        pipeline.execute()


@dataclass(frozen=True, slots=True)
class Signs:
    """How many processes of a kind sent a heartbeat within the last ALIVE_SECONDS, and how long ago the last one did;
    None if none did for a day."""

    alive: int
    age_seconds: float | None


def signs(client: redis.Redis) -> dict[str, Signs]:
    """The signs of life of each of KINDS, in one round trip. Raises redis.RedisError."""
    pipeline = client.pipeline(transaction=False)
    pipeline.time()
    for kind in KINDS:
        pipeline.zrange(redis_keys.heartbeats(kind), 0, PROCESSES_MAX - 1, desc=True, withscores=True)
    time_of_store, *answers = pipeline.execute()
    now = _seconds(time_of_store)
    return {kind: _signs(now, rows) for kind, rows in zip(KINDS, answers, strict=True)}


def silent(of_kinds: Mapping[str, Signs]) -> list[str]:
    """A sentence for each kind of which every process is silent: what to look at."""
    return [f"{kind} is silent: is `{_COMMANDS[kind]}` running?" for kind in KINDS if not of_kinds[kind].alive]


def _seconds(answer: Any) -> float:
    seconds, micros = answer
    return float(seconds) + float(micros) / 1_000_000


def _signs(now: float, rows: list[tuple[Any, float]]) -> Signs:
    ages = [max(0.0, now - at_ms / 1000) for _, at_ms in rows]
    return Signs(sum(age <= ALIVE_SECONDS for age in ages), ages[0] if ages else None)
