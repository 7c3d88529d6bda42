"""The drain records the bids of every auction as they come, survives outages of its stores, and ends in time."""

import itertools
import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import redis
from flask import Flask

from cashticket import redis_keys
from cashticket.engine.connection import connect
from cashticket.engine.interface import StoreUnavailable
from cashticket.engine.one_store import OneStore
from cashticket.wiring import queue_redis
from cashticket.work import drain_leases
from cashticket.work.draining import Drain
from cashticket.work.leases import Lease
from cashticket.work.news_alarm import NewsAlarm
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
    return Drain(stage.engine, queue_redis(), alarm, stop)


@contextmanager
def draining(app: Flask, drain: Drain, stop: threading.Event) -> Iterator[list[Counter[int]]]:
    """Run the drain in a thread; once it has ended, the list holds what `run` returned."""
    answers: list[Counter[int]] = []

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
    assert answers == [{stage.id: 3}]


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

    with draining(app, Drain(stage.engine, queue_redis(), Deaf(), stop), stop):
        wait_until(lambda: looks, "the first pause")
        stage.bid("alice", 100_000)
        wait_until(stage.recorded, "the bid")


def test_a_drain_ends_when_its_time_is_up_and_gives_its_lease_back(stage, drain) -> None:
    stage.bid("alice", 100_000)
    drain.run(seconds=0.2)
    assert len(stage.recorded()) == 1
    assert not drain_leases.staying(queue_redis()).is_taken()
    assert drain_leases.untaken(queue_redis(), [stage.id]) == [stage.id]


def test_a_drain_leaves_an_auction_that_another_records_and_takes_the_others(stage, drain) -> None:
    free = stage.open_auction()
    lease = drain_leases.of_auction(queue_redis(), stage.id)
    assert lease.hold()
    stage.bid("alice", 100_000)
    stage.bid("alice", 100_000, free)
    assert drain.round() == 1
    assert (stage.recorded(), len(stage.recorded(free))) == ([], 1)
    assert lease.release() and drain.round() == 1


def test_a_drain_beside_the_one_that_stays_ends_when_nothing_is_left_for_it(stage, stop, monkeypatch) -> None:
    monkeypatch.setattr("cashticket.work.draining.IDLE_SECONDS", 0.0)
    staying = drain_leases.staying(queue_redis())
    assert staying.hold()
    stage.bid("alice", 100_000)
    Drain(stage.engine, queue_redis(), Pause(), stop).run(LONG)
    assert len(stage.recorded()) == 1 and staying.release()


def test_a_drain_stays_when_the_one_that_stayed_is_gone(stage, stop, monkeypatch) -> None:
    monkeypatch.setattr("cashticket.work.draining.RENEW_SECONDS", 0.0)
    other = drain_leases.staying(queue_redis())
    assert other.hold()

    def end_the_other() -> None:
        assert other.release()

    def look() -> None:
        assert not other.hold()
        stop.set()

    Drain(stage.engine, queue_redis(), Pause(end_the_other, lambda: None, look), stop).run(LONG)


def test_no_auction_waits_until_a_hot_one_is_recorded(stage, stop, monkeypatch) -> None:
    monkeypatch.setattr("cashticket.work.draining.BATCH", 1)
    monkeypatch.setattr("cashticket.work.draining.VISIT_BATCHES", 2)
    looks: list[int] = []

    class Watched(OneStore):
        """The engine; `looks` keeps which lists were looked at."""

        def __getattr__(self, verb: str) -> object:
            return getattr(stage.engine, verb)

        def peek(self, auction_id: int, count: int) -> object:
            looks.append(auction_id)
            return stage.engine.peek(auction_id, count)

    calm = stage.open_auction()
    for amount, name in itertools.product((100_000, 105_000), ("alice", "bob", "carol")):
        stage.bid(name, amount)
    stage.bid("alice", 100_000, calm)
    assert Drain(Watched(), queue_redis(), Pause(), stop).round() == 7
    assert looks[:3] == [stage.id, stage.id, calm]


def test_an_auction_in_trouble_is_left_alone_by_every_drain_for_a_while(stage, drain, redis_client) -> None:
    for amount in (100_000, 105_000):
        stage.bid("alice", amount)
    redis_client.lpop(redis_keys.bids(stage.id))
    assert drain.round() == 0
    assert drain_leases.untaken(queue_redis(), [stage.id]) == []
    assert queue_redis().pttl(redis_keys.draining(stage.id)) > drain_leases.LEASE_MS


def test_an_auction_in_trouble_is_left_alone_also_while_no_lease_can_be_held(
    stage, stop, tmp_path, redis_client
) -> None:
    looks: list[int] = []

    class Watched(OneStore):
        """The engine, which notes each look into a list."""

        def __getattr__(self, verb: str) -> object:
            if verb == "peek":
                looks.append(1)
            return getattr(stage.engine, verb)

    for amount in (100_000, 105_000):
        stage.bid("alice", amount)
    redis_client.lpop(redis_keys.bids(stage.id))
    drain = Drain(Watched(), redis.Redis.from_url(f"unix://{tmp_path}/none.sock"), Pause(), stop)
    assert drain.round() == 0 and looks
    before = len(looks)
    assert drain.round() == drain.round() == 0
    assert len(looks) == before


def test_an_expired_lease_ends_no_other(app) -> None:
    first, second = (Lease(queue_redis(), "a lease of a test", 60_000) for _ in range(2))
    assert first.hold() and not second.hold()
    queue_redis().delete("a lease of a test")
    assert second.hold()
    assert not first.release() and second.is_taken()


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

    class Odd(OneStore):
        """The engine, but `peek` of one auction raises an unexpected error."""

        def __getattr__(self, verb: str) -> object:
            return getattr(stage.engine, verb)

        def peek(self, auction_id: int, count: int) -> object:
            if auction_id == other:
                raise AttributeError("no such answer")
            return stage.engine.peek(auction_id, count)

    stage.bid("alice", 100_000)
    stage.bid("alice", 100_000, other)
    drain = Drain(Odd(), queue_redis(), Pause(), stop)
    drain.round()
    drain.round()
    assert len(stage.recorded()) == 1 and stage.engine.backlog([other]) == {other: 1}
    assert len([message for message in caplog.messages if "AttributeError at tests/" in message]) == 1
    assert "no such answer" not in caplog.text, "the message of an error is not logged"


def test_a_store_that_goes_away_is_told_once_and_recording_goes_on(stage, stop, caplog) -> None:
    stage.bid("alice", 100_000)
    failures = iter([True, True, True])

    class Flaky(OneStore):
        """The engine, but its store is away for the first three calls of `auctions`."""

        def __getattr__(self, verb: str) -> object:
            return getattr(stage.engine, verb)

        def auctions(self) -> list[int]:
            if next(failures, False):
                raise StoreUnavailable("the live store cannot be reached")
            return stage.engine.auctions()

    with caplog.at_level(logging.WARNING):
        Drain(Flaky(), queue_redis(), Pause(stop.set), stop).run(LONG)
    assert len(stage.recorded()) == 1
    assert [message for message in caplog.messages if "waits" in message] == [
        "the drain waits: StoreUnavailable: the live store cannot be reached"
    ]
    assert "the drain goes on" in caplog.messages


def test_without_the_queue_redis_bids_are_recorded_all_the_same(stage, stop, tmp_path, caplog) -> None:
    stage.bid("alice", 100_000)
    nowhere = redis.Redis.from_url(f"unix://{tmp_path}/none.sock")
    Drain(stage.engine, nowhere, Pause(stop.set), stop).run(LONG)
    assert len(stage.recorded()) == 1
    assert len([message for message in caplog.messages if "no lease can be held" in message]) == 1
