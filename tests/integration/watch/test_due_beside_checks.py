"""What is due does not wait for checks, nor for a guard that cannot work."""

import threading
from collections.abc import Callable

import pytest
import redis

from cashticket.engine.errors import StoreUnavailable
from cashticket.work.check.compare import OutOfTime
from cashticket.work.watch import wanted_checks
from cashticket.work.watch.due import Queued
from cashticket.work.watch.guard import Guard
from cashticket.work.watch.loop import run_watch
from tests.staging.auctions import Stage

TURNS_MAX = 10_000


def first_queued(stage: Stage, guard: Guard) -> Queued:
    """What the watch queues in the first round that queues anything."""
    queued: list[Queued] = []
    stop = threading.Event()

    def announce(each: Queued) -> None:
        queued.append(each)
        stop.set()

    run_watch(stage.engine, guard, stop, announce)
    return queued[0]


def test_no_settlement_waits_for_the_check_of_a_large_auction(
    stage: Stage, queue_redis: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = [stage.open_auction(ends_in_ms=-500) for _ in range(8)]

    def check_of_a_large_one(*_: object, is_out_of_time: Callable[[], bool]) -> None:
        for _turn in range(TURNS_MAX):
            if is_out_of_time():
                raise OutOfTime
            threading.Event().wait(0.01)
        raise AssertionError("the check was never told that its time is over")

    monkeypatch.setattr(wanted_checks, "check_new", check_of_a_large_one)
    monkeypatch.setattr(wanted_checks, "OWN_CHECKS_SECONDS", 0.5)
    assert first_queued(stage, Guard(stage.engine, queue_redis, (), 0)).settle == due


def test_no_settlement_waits_for_a_guard_that_cannot_work(
    stage: Stage, queue_redis: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = stage.open_auction(ends_in_ms=-500)
    guard = Guard(stage.engine, queue_redis, (), 0)

    def refused() -> None:
        raise StoreUnavailable("the live store refuses all calls now")

    monkeypatch.setattr(guard, "round", refused)
    assert first_queued(stage, guard).settle == [due]
