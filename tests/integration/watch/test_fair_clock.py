"""The watch gives lost time back, keeps it in the ledger, and notices a step of the live store's clock."""

import logging
from dataclasses import replace
from typing import Any

import pytest

from cashticket import redis_keys
from cashticket.engine.interface import Paused
from cashticket.engine.one_store import OneStore
from cashticket.engine.pauses import BACKLOG_FULL, CLOCK, OPERATOR, OVERDUE
from cashticket.ledger import outages
from cashticket.ledger.recording import record_waiting
from cashticket.locale import to_ms
from cashticket.work import orders_taken
from cashticket.work.check.compare import check
from cashticket.work.pausing import pause, resume
from cashticket.work.watch.guard import Guard
from cashticket.work.watch.store_clock import StoreClock
from tests.integration.watch.steps import paused

MINUTE = 60_000


def away_since(stage, redis_client, queue_redis, milliseconds: int) -> int:
    """As if another process of the store answered, and orders were last taken so long ago. Returns the end before."""
    now = stage.engine.clock()
    redis_client.hset(redis_keys.state(stage.id), mapping={"checked_on": "the-one-before master", "last_ms": 1})
    orders_taken.note(queue_redis, {stage.id: now - milliseconds})
    return int(redis_client.hget(redis_keys.state(stage.id), "ends_at_ms"))


def rows(stage) -> list[Any]:
    stage.row()
    return [outages.value_of(row) for row in outages.outages_of(stage.id)]


# After an outage


def test_the_end_moves_from_when_orders_were_last_taken_and_is_kept(stage, queue_redis, redis_client, caplog) -> None:
    before = away_since(stage, redis_client, queue_redis, 70_000)
    Guard(stage.engine, queue_redis, (), 0).round()
    board = stage.engine.read(stage.id)
    assert board.paused == "" and rows(stage) == [board.outage]
    assert board.ends_at_ms == before + board.outage.moved_ms and 70_000 <= board.outage.moved_ms < 90_000
    assert to_ms(stage.row().ends_at) == board.ends_at_ms
    assert f"auction {stage.id}: its end moved by" in caplog.text
    assert check(stage.engine, stage.id).faults == []


def test_a_watch_that_starts_again_knows_when_orders_were_taken(stage, guard, queue_redis, redis_client) -> None:
    noted = orders_taken.taken_ms(queue_redis, stage.id)
    assert noted is not None and 0 <= stage.engine.clock() - noted < MINUTE
    guard.round()
    assert orders_taken.taken_ms(queue_redis, stage.id) >= noted


def test_a_paused_auction_takes_no_orders(stage, guard, queue_redis) -> None:
    stage.engine.pause(stage.id, OPERATOR)
    queue_redis.delete(redis_keys.ORDERS_TAKEN)
    guard.round()
    assert orders_taken.taken_ms(queue_redis, stage.id) is None


def test_an_end_that_passed_while_the_store_was_away_is_not_due(stage, queue_redis, redis_client) -> None:
    now = stage.engine.clock()
    redis_client.hset(redis_keys.state(stage.id), "ends_at_ms", now - 30_000)
    away_since(stage, redis_client, queue_redis, 70_000)
    assert not stage.engine.close(stage.id).closed
    Guard(stage.engine, queue_redis, (), 0).round()
    assert not stage.engine.close(stage.id).closed
    stage.bid("alice", 110_000)


def test_an_operator_is_asked_beyond_two_hours(stage, queue_redis, redis_client, caplog) -> None:
    before = away_since(stage, redis_client, queue_redis, 4 * 60 * MINUTE)
    redis_client.hset(redis_keys.terms(stage.id), "opens_at_ms", 1_000)
    guard = Guard(stage.engine, queue_redis, (), 0)
    guard._checks.fault = lambda auction_id: ""  # type: ignore[method-assign]
    guard._checks.checked_on = lambda auction_id: ""  # type: ignore[method-assign]
    with caplog.at_level(logging.ERROR):
        guard.round()
    assert paused(stage) == OVERDUE and "more time was lost than its end may move" in caplog.text
    assert stage.engine.read(stage.id).ends_at_ms == before and rows(stage) == []


def test_what_somebody_resumed_and_did_not_record_is_recorded_once(stage, guard) -> None:
    stage.engine.pause(stage.id, OPERATOR, now_ms=stage.engine.clock() - 5_000)
    stage.engine.resume(stage.id, OPERATOR)
    assert rows(stage) == []
    guard.round()
    guard.round()
    assert rows(stage) == [stage.engine.read(stage.id).outage]
    assert to_ms(stage.row().ends_at) == stage.engine.read(stage.id).ends_at_ms


def test_a_store_that_counts_from_fewer_outages_hides_none(stage, guard, redis_client) -> None:
    for _ in range(2):
        stage.engine.pause(stage.id, OPERATOR, now_ms=stage.engine.clock() - 5_000)
        stage.engine.resume(stage.id, OPERATOR)
        guard.round()
        redis_client.hdel(redis_keys.state(stage.id), "outage")
    assert [each.number for each in rows(stage)] == [1, 2]


def test_what_an_operator_paused_is_given_back(stage, guard) -> None:
    before = stage.engine.read(stage.id).ends_at_ms
    pause(stage.engine, stage.id, "a look", "alice")
    stopped = stage.engine.read(stage.id).stopped_ms
    resume(stage.engine, stage.id, "looked", "alice")
    board = stage.engine.read(stage.id)
    assert board.outage.began_ms <= stopped and board.ends_at_ms == before + board.outage.moved_ms
    assert rows(stage) == [board.outage]


# A backlog that stays full


def test_a_full_backlog_is_time_without_bids(stage, queue_redis, caplog) -> None:
    stage.bid("alice", 110_000)
    guard = Guard(stage.engine, queue_redis, (), 0, backlog_max=1)
    guard.round()
    assert paused(stage) == BACKLOG_FULL and "1 bids wait for the ledger" in caplog.text
    record_waiting(stage.engine, stage.id)
    guard.round()
    board = stage.engine.read(stage.id)
    assert board.paused == "" and board.outage.reason == BACKLOG_FULL


# A step of the clock


class Clocks(OneStore):
    """Time as the watch measures it, its own clock, and the clock of the store, all moved by a test."""

    def __init__(self, stage) -> None:
        self.measured = 5_000.0
        self.own_step = self.step = 0
        self._started = stage.engine.clock()
        self._engine = stage.engine

    def own(self) -> float:
        return self._started + self.measured - 5_000 + self.own_step

    @property
    def now(self) -> int:
        return int(self._started + self.measured - 5_000 + self.step)

    def __getattr__(self, name: str) -> Any:
        """The engine, by the store's clock of the test."""
        verb = getattr(self._engine, name)
        if name == "condition":
            return lambda: replace(verb(), now_ms=self.now)
        if name == "clock":
            return lambda: self.now
        if name in ("pause", "resume", "read"):
            return lambda *given, **named: verb(*given, now_ms=self.now, **named)
        if name == "statuses":
            return lambda ids: {key: replace(each, now_ms=self.now) for key, each in verb(ids).items()}
        return verb


@pytest.fixture
def clocks(stage) -> Clocks:
    return Clocks(stage)


def watching(clocks, queue_redis) -> Guard:
    store_clock = StoreClock(lambda: clocks.measured, clocks.own)
    guard = Guard(clocks, queue_redis, (), 0, store_clock=store_clock)
    guard.round()
    return guard


@pytest.mark.parametrize("step", [600_000, -600_000, 2_500])
def test_a_step_pauses_until_the_clock_is_right_and_is_not_counted(
    stage, clocks, queue_redis, caplog, step: int
) -> None:
    guard, before = watching(clocks, queue_redis), stage.engine.read(stage.id).ends_at_ms
    clocks.measured, clocks.step = clocks.measured + 1_000, step
    guard.round()
    assert paused(stage) == CLOCK and "set the clock of its machine right" in caplog.text
    with pytest.raises(Paused, match=CLOCK):
        stage.bid("alice", 110_000)
    clocks.measured, clocks.step = clocks.measured + 9_000, 0
    guard.round()
    assert paused(stage) == ""
    assert stage.engine.read(stage.id).ends_at_ms == before + 10_000


def test_a_step_of_two_seconds_is_none(stage, clocks, queue_redis) -> None:
    guard = watching(clocks, queue_redis)
    clocks.step = 1_900
    guard.round()
    assert paused(stage) == ""


def test_an_operator_may_accept_the_new_time(stage, clocks, queue_redis) -> None:
    guard, before = watching(clocks, queue_redis), stage.engine.read(stage.id).ends_at_ms
    clocks.measured, clocks.step = clocks.measured + 1_000, 600_000
    guard.round()
    guard.round()
    clocks.resume(stage.id, CLOCK)
    guard.round()
    guard.round()
    assert paused(stage) == "" and stage.engine.read(stage.id).ends_at_ms < before + 10_000


def test_a_store_that_steps_onto_the_clock_of_the_watch_goes_on(stage, clocks, queue_redis) -> None:
    clocks.step = -600_000
    guard = watching(clocks, queue_redis)
    clocks.step = 0
    guard.round()
    assert paused(stage) == ""


def test_a_clock_that_both_machines_share_is_not_believed_after_a_step(stage, clocks, queue_redis) -> None:
    guard = watching(clocks, queue_redis)
    clocks.step = clocks.own_step = 600_000
    guard.round()
    guard.round()
    assert paused(stage) == CLOCK


def test_a_watch_that_starts_after_a_step_does_not_resume(stage, clocks, queue_redis) -> None:
    guard = watching(clocks, queue_redis)
    clocks.step = -600_000
    guard.round()
    again = watching(clocks, queue_redis)
    assert paused(stage) == CLOCK
    clocks.step = 0
    again.round()
    assert paused(stage) == ""


def test_a_watch_that_starts_sees_that_the_store_was_later_before(stage, clocks, queue_redis) -> None:
    watching(clocks, queue_redis)
    clocks.step = -600_000
    watching(clocks, queue_redis)
    assert paused(stage) == CLOCK


def test_a_slow_answer_of_the_store_is_no_step(stage, clocks, queue_redis) -> None:
    guard, asked = watching(clocks, queue_redis), clocks.__getattr__("condition")

    def slow() -> Any:
        condition = asked()
        clocks.measured += 30_000
        return condition

    clocks.condition = slow
    guard.round()
    assert paused(stage) == ""
