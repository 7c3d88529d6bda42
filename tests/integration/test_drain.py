"""The drain records the bids of every auction as they come, survives outages of its stores, and ends in time."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import redis
from flask import Flask

from cashticket import jobs, redis_keys
from cashticket.engine.connection import connect
from cashticket.engine.interface import StoreUnavailable
from cashticket.wiring import queue_redis
from cashticket.work import queueing
from cashticket.work.draining import Drain, NewsAlarm
from cashticket.work.leases import Lease
from lab.waiting import wait_until
from tests.staging.auctions import Stage

LONG = 60.0


@pytest.fixture
def alarm(app: Flask) -> Iterator[NewsAlarm]:
    alarm = NewsAlarm(connect(app.extensions["settings"].redis_url))
    yield alarm
    alarm.close()


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


@pytest.fixture
def drain(stage: Stage, alarm: NewsAlarm, stop: threading.Event) -> Drain:
    return Drain(stage.engine, queueing.drain_lease(), alarm, stop)


@contextmanager
def draining(app: Flask, drain: Drain, stop: threading.Event) -> Iterator[list[bool]]:
    """Run the drain in a thread; once it has ended, the list holds what `run` returned."""
    answers: list[bool] = []

    def run() -> None:
        with app.app_context():
            answers.append(drain.run(LONG))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield answers
    finally:
        stop.set()
        thread.join(30)


class Pause:
    """An alarm that calls the next of `turns` instead of waiting."""

    def __init__(self, *turns: Callable[[], None]) -> None:
        self.turns = list(turns)

    def wait(self, seconds: float) -> None:
        if self.turns:
            self.turns.pop(0)()


def test_bids_are_recorded_as_they_come(app, stage, drain, stop) -> None:
    with draining(app, drain, stop) as answers:
        for name, amount in (("alice", 100_000), ("bob", 105_000), ("carol", 110_000)):
            accepted = stage.bid(name, amount)
            wait_until(lambda accepted=accepted: len(stage.recorded()) == accepted.sequence, f"{name}'s bid")
            wait_until(lambda: stage.engine.place(stage.id, stage.people[name]).recorded, "the live store to know")  # noqa: B023
    assert answers == [True]


def test_one_drain_serves_every_auction_also_those_opened_meanwhile(app, stage, drain, stop) -> None:
    with draining(app, drain, stop):
        stage.bid("alice", 100_000)
        other = stage.open_auction()
        stage.bid("alice", 100_000, other)
        wait_until(lambda: stage.recorded() and stage.recorded(other), "both auctions")


def test_without_news_a_drain_looks_by_itself(app, stage, stop) -> None:
    looks: list[int] = []

    class Deaf:
        def wait(self, seconds: float) -> None:
            looks.append(1)
            stop.wait(seconds)

    with draining(app, Drain(stage.engine, queueing.drain_lease(), Deaf(), stop), stop):
        wait_until(lambda: looks, "the first pause")
        stage.bid("alice", 100_000)
        wait_until(stage.recorded, "the bid")


def test_a_drain_ends_when_its_time_is_up_and_gives_its_lease_back(stage, drain) -> None:
    stage.bid("alice", 100_000)
    assert drain.run(seconds=0.2)
    assert len(stage.recorded()) == 1 and not queueing.drain_lease().is_taken()


def test_a_second_drain_leaves_at_once_while_the_first_holds_the_lease(stage, drain) -> None:
    assert queueing.drain_lease().hold()
    stage.bid("alice", 100_000)
    assert not drain.run(LONG)
    assert stage.recorded() == []


def test_a_drain_whose_lease_was_taken_over_leaves_it_to_the_other(stage, stop, monkeypatch) -> None:
    monkeypatch.setattr("cashticket.work.draining.RENEW_SECONDS", 0.0)
    other = queueing.drain_lease()

    def take_over() -> None:
        queue_redis().delete(redis_keys.DRAIN_LEASE)
        assert other.hold()

    assert not Drain(stage.engine, queueing.drain_lease(), Pause(take_over), stop).run(LONG)
    assert other.release()


def test_an_auction_with_a_gap_stops_alone_and_is_told_once(stage, drain, caplog, redis_client) -> None:
    other = stage.open_auction()
    for amount in (100_000, 105_000):
        stage.bid("alice", amount)
        stage.bid("alice", amount, other)
    redis_client.lpop(redis_keys.bids(stage.id))
    with caplog.at_level(logging.WARNING):
        drain.round()
        drain.round()
    assert stage.recorded() == [] and len(stage.recorded(other)) == 2
    assert len([message for message in caplog.messages if "bids 1 to 1" in message]) == 1


def test_an_auction_in_unforeseen_trouble_does_not_stop_the_others(stage, stop, caplog) -> None:
    other = stage.open_auction()

    class Odd:
        """The engine, but `peek` of one auction raises an unexpected error."""

        def __getattr__(self, verb: str) -> object:
            return getattr(stage.engine, verb)

        def peek(self, auction_id: int, count: int) -> object:
            if auction_id == other:
                raise AttributeError("no such answer")
            return stage.engine.peek(auction_id, count)

    stage.bid("alice", 100_000)
    stage.bid("alice", 100_000, other)
    drain = Drain(Odd(), queueing.drain_lease(), Pause(), stop)
    drain.round()
    drain.round()
    assert len(stage.recorded()) == 1 and stage.engine.backlog([other]) == {other: 1}
    assert len([message for message in caplog.messages if "AttributeError at tests/" in message]) == 1
    assert "no such answer" not in caplog.text, "the message of an error is not logged"


def test_a_store_that_goes_away_is_told_once_and_recording_goes_on(stage, stop, caplog) -> None:
    stage.bid("alice", 100_000)
    failures = iter([True, True, True])

    class Flaky:
        """The engine, but its store is away for the first three calls of `auctions`."""

        def __getattr__(self, verb: str) -> object:
            return getattr(stage.engine, verb)

        def auctions(self) -> list[int]:
            if next(failures, False):
                raise StoreUnavailable("the live store cannot be reached")
            return stage.engine.auctions()

    with caplog.at_level(logging.WARNING):
        Drain(Flaky(), queueing.drain_lease(), Pause(stop.set), stop).run(LONG)
    assert len(stage.recorded()) == 1
    assert [message for message in caplog.messages if "waits" in message] == [
        "the drain waits: StoreUnavailable: the live store cannot be reached"
    ]
    assert "the drain goes on" in caplog.messages


def test_without_the_queue_redis_bids_are_recorded_all_the_same(stage, stop, tmp_path, caplog) -> None:
    stage.bid("alice", 100_000)
    nowhere = Lease(redis.Redis.from_url(f"unix://{tmp_path}/none.sock"), redis_keys.DRAIN_LEASE, 3_000)
    Drain(stage.engine, nowhere, Pause(stop.set), stop).run(LONG)
    assert len(stage.recorded()) == 1
    assert len([message for message in caplog.messages if "no lease can be held" in message]) == 1


# Leases


@pytest.fixture
def lease(app: Flask) -> Lease:
    return Lease(queue_redis(), redis_keys.DRAIN_LEASE, 60_000)


def test_a_lease_is_held_by_one_alone_and_renewed_by_its_holder(app, lease) -> None:
    other = Lease(queue_redis(), redis_keys.DRAIN_LEASE, 60_000)
    assert lease.hold() and lease.hold() and not other.hold()
    assert lease.release() and other.hold()


def test_nobody_releases_the_lease_of_somebody_else(app, lease) -> None:
    assert lease.hold()
    assert not Lease(queue_redis(), redis_keys.DRAIN_LEASE, 60_000).release()
    assert lease.is_taken()


def test_a_lease_ends_by_itself(app) -> None:
    assert Lease(queue_redis(), redis_keys.DRAIN_LEASE, 1).hold()
    wait_until(Lease(queue_redis(), redis_keys.DRAIN_LEASE, 60_000).hold, "the lease to end")


# What is queued


def test_a_drain_is_queued_unless_one_runs_or_waits(app) -> None:
    assert queueing.ensure_drain() and not queueing.ensure_drain()
    queueing.queue("bids").empty()
    assert queueing.drain_lease().hold() and not queueing.ensure_drain()


def test_a_drain_has_a_timeout_above_its_own_time_and_no_fixed_id(app) -> None:
    queueing.drain()
    [first] = queueing.queue("bids").jobs
    queueing.queue("bids").empty()
    queueing.drain()
    [second] = queueing.queue("bids").jobs
    assert first.id != second.id and first.timeout == 120


def test_a_settlement_is_queued_once_at_a_time(app, stage) -> None:
    assert queueing.settle(stage.id) and not queueing.settle(stage.id)
    queue_redis().delete(redis_keys.settling(stage.id))
    assert not queueing.settle(stage.id), "one is waiting"
    assert queueing.settle(stage.id + 1)


def test_jobs_are_json(app, stage) -> None:
    queueing.settle(stage.id)
    [job] = queueing.queue("settlement").jobs
    assert job.func_name == "cashticket.jobs.settle" and job.args == [stage.id]


def test_a_job_that_was_queued_before_an_upgrade_still_runs() -> None:
    assert jobs.hand_over is jobs.lapse_and_offer
