"""Whole checks are jobs: once after the end, hourly while an auction runs, and wanted checks go first."""

from datetime import timedelta
from threading import Event
from typing import Any

import pytest
import redis
from flask import Flask

from cashticket import jobs, redis_keys
from cashticket.auction.values import State
from cashticket.engine.one_store import OneStore
from cashticket.extensions import db
from cashticket.ledger.check_marks import WHOLE_SECONDS_MAX, begin_whole, check_of
from cashticket.models import AuctionCheck
from cashticket.models.columns import utcnow
from cashticket.wiring import queue
from cashticket.work import queueing
from cashticket.work.check import due_checks
from cashticket.work.check.due_checks import FAULTY_AGAIN_SECONDS, WHOLE_AGAIN_SECONDS, whole_due
from cashticket.work.watch.guard import Guard
from tests.staging.auctions import Stage


def kept(auction_id: int) -> AuctionCheck:
    db.session.remove()
    check = check_of(auction_id)
    assert check is not None
    return check


def settle(stage: Stage) -> None:
    jobs.settle(stage.id)
    assert stage.row().state is State.SETTLED


@pytest.fixture
def ended(app: Flask) -> Stage:
    stage = Stage(app, ends_in_ms=-1_000)
    stage.bid("bob", 100_000)
    stage.bid("alice", 105_000)
    return stage


def test_a_settled_auction_is_checked_whole_once(ended: Stage) -> None:
    settle(ended)
    assert queue("checks").count == 1, "not in the time of the settlement"
    jobs.check_due()
    assert kept(ended.id).final_at is not None and kept(ended.id).whole_fault is None


def test_the_watch_finds_a_settled_auction_that_nobody_checked(ended: Stage, app: Flask) -> None:
    settle(ended)
    queue("checks").empty()
    run = app.test_cli_runner().invoke(args=["auction", "close-due"])
    assert "checks of whole auctions" in run.stdout
    jobs.check_due()
    again = app.test_cli_runner().invoke(args=["auction", "close-due"])
    assert "checks of whole auctions" not in again.stdout


def test_what_contradicts_the_law_after_settlement_is_told(ended: Stage, caplog: pytest.LogCaptureFixture) -> None:
    settle(ended)
    db.session.execute(db.text("UPDATE awards SET price = 1"))
    db.session.commit()
    jobs.check_due()
    assert f"auction {ended.id} is unsound: I9" in caplog.text
    assert "instead of 1 for 105000 won" in (kept(ended.id).whole_fault or "")


def test_a_whole_check_that_is_stopped_is_found_again(ended: Stage) -> None:
    settle(ended)
    stop = Event()

    class Stopping(OneStore):
        def __getattr__(self, name: str) -> object:
            if name == "tail":
                stop.set()
            return getattr(ended.engine, name)

    assert due_checks.work_off(Stopping(), stop, 30.0)  # type: ignore[arg-type]
    assert (kept(ended.id).whole_begun_at, kept(ended.id).final_at) == (None, None)
    stop.clear()
    assert not due_checks.work_off(ended.engine, stop, 30.0)
    assert kept(ended.id).final_at is not None


def test_wanted_checks_go_before_the_next_window_of_a_whole_one(
    ended: Stage, redis_client: redis.Redis, queue_redis: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due_checks, "TURN_SECONDS", 0.0)
    settle(ended)
    other = ended.open_auction()
    guard = Guard(ended.engine, queue_redis, (), 0, queue_checks=queueing.check_due)
    guard.round()
    asked: list[int] = []

    class Asked(OneStore):
        """The engine; in the middle of the whole check the store restarts and the guard asks."""

        def __getattr__(self, name: str) -> Any:
            if name == "tail" and not asked:
                redis_client.hset(redis_keys.state(other), "checked_on", "somebody-else master")
                guard.round()
                asked.append(kept(other).wanted)
            return getattr(ended.engine, name)

    due_checks._check_whole(Asked(), ended.id, Event())  # type: ignore[arg-type]
    assert [kept(other).answered] == asked
    guard.round()
    assert ended.engine.read(other).paused == ""


def test_a_running_auction_is_checked_whole_every_hour_and_a_faulty_one_every_minute(
    stage: Stage, queue_redis: redis.Redis
) -> None:
    Guard(stage.engine, queue_redis, (), 0).round()
    assert whole_due(utcnow()) == [stage.id]
    jobs.check_due()
    assert whole_due(utcnow()) == whole_due(utcnow() + timedelta(seconds=WHOLE_AGAIN_SECONDS - 60)) == []
    assert whole_due(utcnow() + timedelta(seconds=WHOLE_AGAIN_SECONDS)) == [stage.id]
    db.session.execute(db.update(AuctionCheck).values(whole_fault="I6 something"))
    db.session.commit()
    assert whole_due(utcnow() + timedelta(seconds=FAULTY_AGAIN_SECONDS)) == [stage.id]


def test_a_whole_check_that_died_is_begun_again_by_one_worker(stage: Stage, queue_redis: redis.Redis) -> None:
    Guard(stage.engine, queue_redis, (), 0).round()
    assert begin_whole(stage.id) and not begin_whole(stage.id), "two workers never read one auction at once"
    assert whole_due(utcnow()) == []
    long_ago = utcnow() - timedelta(seconds=WHOLE_SECONDS_MAX + 1)
    db.session.execute(db.update(AuctionCheck).values(whole_begun_at=long_ago))
    db.session.commit()
    assert whole_due(utcnow()) == [stage.id]
    assert begin_whole(stage.id)


def test_a_check_that_fails_in_one_auction_leaves_the_others_alone(
    stage: Stage, queue_redis: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    other = stage.open_auction()
    guard = Guard(stage.engine, queue_redis, (), 0, queue_checks=lambda: True)
    guard.round()

    class Broken(OneStore):
        def __getattr__(self, name: str) -> Any:
            return broken if name == "tail" else getattr(stage.engine, name)

    def broken(auction_id: int, *window: int) -> Any:
        if auction_id == stage.id:
            raise ValueError("a fault in the product")
        return stage.engine.tail(auction_id, *window)

    due_checks.answer_wanted(Broken(), Event())  # type: ignore[arg-type]
    assert f"the check of auction {stage.id} failed: ValueError" in caplog.text
    assert (kept(stage.id).answered, kept(other).answered) == (0, 1)
