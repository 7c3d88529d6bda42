"""The guard: what could not be kept, or is not known to be right, is not accepted; what was paused for it goes on by
itself when the cause is over."""

import logging
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import redis
from flask import Flask

from cashticket import redis_keys
from cashticket.auction.values import Accepted
from cashticket.engine.connection import connect
from cashticket.engine.interface import OutcomeUnknown, Paused, StoreUnavailable
from cashticket.engine.pauses import DISK_FULL, NOT_WRITING, OPERATOR, OVERDUE, RESTARTED, RESTORING, UNSOUND
from cashticket.engine.redis_engine import RedisEngine
from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.models import RecordedBid
from cashticket.work.watch.disks import full_disks
from cashticket.work.watch.guard import CHECK_SECONDS, Guard
from lab.servers.redis_server import RedisServer, redis_binary, valkey_binary
from tests.staging.auctions import Stage

WHOLE_DISK = 2**60


class Clock:
    """Monotonic seconds that only a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


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


def paused(stage: Stage) -> str:
    return stage.engine.read(stage.id).paused


def guard_of_disk(stage: Stage, queue_redis: redis.Redis, clock: Clock, path: Path, free_min: int) -> Guard:
    return Guard(stage.engine, queue_redis, (path,), free_min, clock)


# Soundness


def test_a_sound_auction_is_left_alone(stage, guard) -> None:
    version = stage.engine.read(stage.id).version
    guard.round()
    assert stage.engine.read(stage.id).version == version
    stage.bid("alice", 110_000)


def test_a_fault_pauses_that_auction_alone_and_is_told_loudly(stage, guard, clock, redis_client, caplog) -> None:
    other = stage.open_auction()
    guard.round()
    redis_client.zrem(redis_keys.standings(stage.id), stage.people["bob"])
    clock.now += CHECK_SECONDS
    with caplog.at_level(logging.ERROR):
        guard.round()
    assert paused(stage) == UNSOUND
    with pytest.raises(Paused):
        stage.bid("alice", 110_000)
    stage.bid("alice", 110_000, other)
    assert f"auction {stage.id} is unsound" in caplog.text and "I6 the live store ranks 1 people" in caplog.text


def test_it_goes_on_by_itself_when_the_fault_is_mended(stage, guard, clock, redis_client) -> None:
    score = redis_client.zscore(redis_keys.standings(stage.id), stage.people["bob"])
    redis_client.zrem(redis_keys.standings(stage.id), stage.people["bob"])
    clock.now += CHECK_SECONDS
    guard.round()
    redis_client.zadd(redis_keys.standings(stage.id), {str(stage.people["bob"]): score})
    clock.now += CHECK_SECONDS
    guard.round()
    assert paused(stage) == ""


def test_a_guard_that_starts_checks_at_once(stage, queue_redis, redis_client, guard) -> None:
    redis_client.hset(redis_keys.chances(stage.id), stage.people["bob"], "0")
    Guard(stage.engine, queue_redis, (), 0).round()
    assert paused(stage) == UNSOUND


def test_a_bid_that_waits_for_an_operator_does_not_stop_the_others(stage, guard, clock, redis_client) -> None:
    stage.bid("alice", 110_000)
    redis_client.delete(redis_keys.bids(stage.id))
    redis_client.rpush(redis_keys.bids(stage.id), "half an ent")
    stage.bid("mallory", 115_000)
    while record_waiting(stage.engine, stage.id):
        pass
    clock.now += CHECK_SECONDS
    guard.round()
    assert paused(stage) == ""


@pytest.mark.parametrize("reason", [OPERATOR, RESTORING, OVERDUE])
def test_a_pause_of_somebody_else_is_never_ended(stage, guard, clock, reason) -> None:
    stage.engine.pause(stage.id, reason)
    clock.now += CHECK_SECONDS
    guard.round()
    assert paused(stage) == reason


# Another store


def as_if_restarted(stage: Stage, queue_redis: redis.Redis, redis_client: redis.Redis) -> None:
    """The present process answers, and everything else was last seen on another one."""
    redis_client.hset(redis_keys.state(stage.id), "checked_on", "somebody-else master")
    queue_redis.set(redis_keys.LIVE_STORE_SEEN, "somebody-else master")


def test_another_process_of_the_store_takes_no_bids_until_everything_is_checked(
    stage, guard, queue_redis, redis_client, caplog
) -> None:
    as_if_restarted(stage, queue_redis, redis_client)
    seen: list[str] = []

    class Checking:
        """The engine, which notes how the auction stands whenever a check reads its order."""

        def __getattr__(self, name: str) -> object:
            if name == "order":
                seen.append(paused(stage))
            return getattr(stage.engine, name)

    Guard(Checking(), queue_redis, (), 0).round()  # type: ignore[arg-type]
    assert seen == [RESTARTED], "no bid is taken before the check has ended"
    assert paused(stage) == ""
    assert "another process or role of the live store answers" in caplog.text


def test_an_unsound_auction_stays_paused_after_a_restart(stage, guard, queue_redis, redis_client) -> None:
    redis_client.hset(redis_keys.state(stage.id), "sequence", "1")
    as_if_restarted(stage, queue_redis, redis_client)
    guard.round()
    assert paused(stage) == UNSOUND


def test_a_store_that_was_looked_at_last_is_recognised_by_the_next_watch(stage, guard, queue_redis, caplog) -> None:
    caplog.clear()
    Guard(stage.engine, queue_redis, (), 0).round()
    assert "another process" not in caplog.text


def test_a_store_that_restarts_during_a_check_is_checked_again(stage, guard, queue_redis, redis_client) -> None:
    as_if_restarted(stage, queue_redis, redis_client)

    class Restarting:
        """The engine; at the end of a check another process answers, with what the checked one had."""

        def __getattr__(self, name: str) -> object:
            if name == "condition":
                return lambda: replace(stage.engine.condition(), run_id="the-one-before")
            return getattr(stage.engine, name)

    Guard(Restarting(), queue_redis, (), 0).round()  # type: ignore[arg-type]
    with pytest.raises(Paused, match=RESTARTED):
        stage.bid("alice", 110_000)
    guard.round()
    stage.bid("alice", 110_000)


def test_an_auction_that_is_lost_is_told_once(stage, guard, redis_client, caplog) -> None:
    redis_client.delete(redis_keys.terms(stage.id))
    guard.round()
    guard.round()
    assert caplog.text.count(f"flask auction rebuild {stage.id}") == 1


def test_a_crash_between_a_restart_and_the_check_leaves_it_paused_for_the_next_guard(
    stage, guard, queue_redis, redis_client
) -> None:
    redis_client.hset(redis_keys.state(stage.id), "checked_on", "somebody-else master")
    db.session.execute(db.update(RecordedBid).where(RecordedBid.sequence == 1).values(amount=995_000))
    db.session.commit()
    guard.round()
    assert paused(stage) == UNSOUND, "it was checked though its check was not due"


@pytest.fixture(params=[redis_binary, valkey_binary], ids=["redis", "valkey"])
def durable(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    """A server of this test's own, of each kind, that keeps what it answers."""
    if (binary := request.param()) is None:
        pytest.skip("this kind of live store is not installed")
    server = RedisServer(binary, appendonly=True)
    yield server.start()
    server.remove()


def test_a_killed_store_comes_back_with_every_bid_and_is_checked(app, queue_redis, durable) -> None:
    app.extensions["engine"] = RedisEngine(connect(durable.url))
    stage = Stage(app)
    guard = Guard(stage.engine, queue_redis, (), 0)
    guard.round()
    before = stage.engine.condition()
    assert before.durable
    stage.bid("alice", 110_000)
    durable.kill()
    with pytest.raises(StoreUnavailable):
        guard.round()
    durable.start()
    with pytest.raises(Paused, match=RESTARTED):
        stage.bid("bob", 105_000)
    assert stage.bid("alice", 110_000).replayed, "what was accepted is still answered"
    assert stage.engine.condition().identity != before.identity
    guard.round()
    assert paused(stage) == ""
    assert stage.bid("bob", 105_000).sequence == 2


def test_whoever_bids_while_the_store_is_killed_is_not_accepted_before_a_check(app, queue_redis, durable) -> None:
    app.extensions["engine"] = RedisEngine(connect(durable.url))
    stage = Stage(app)
    killed, answers = threading.Event(), []

    def hammer(name: str) -> None:
        engine = RedisEngine(connect(durable.url))
        while not killed.is_set():
            with suppress(StoreUnavailable, OutcomeUnknown):
                engine.read(stage.id)
        for attempt in range(50):
            with suppress(StoreUnavailable, OutcomeUnknown):
                answers.append(engine.place_bid(stage.id, stage.people[name], 1, 100_000, f"{name}-{attempt}"))

    hammers = [threading.Thread(target=hammer, args=(name,)) for name in ("alice", "bob", "carol")]
    for each in hammers:
        each.start()
    durable.kill()
    durable.start()
    killed.set()
    for each in hammers:
        each.join()
    assert answers == [] and stage.engine.backlog([stage.id]) == {stage.id: 0}
    Guard(stage.engine, queue_redis, (), 0).round()
    assert stage.bid("alice", 100_000).sequence == 1


def test_a_store_that_became_master_again_takes_bids_over_connections_that_stayed(app, queue_redis, durable) -> None:
    app.extensions["engine"] = RedisEngine(connect(durable.url))
    stage = Stage(app)
    guard = Guard(stage.engine, queue_redis, (), 0)
    with durable.client() as client:
        client.replicaof("127.0.0.1", "1")
        as_replica = RedisEngine(connect(durable.url))
        assert as_replica.read(stage.id).paused == RESTARTED
        with pytest.raises(StoreUnavailable):
            as_replica.place_bid(stage.id, stage.people["bob"], 1, 105_000, "r")
        client.replicaof("NO", "ONE")
    guard.round()
    answer = as_replica.place_bid(stage.id, stage.people["bob"], 1, 105_000, "r")
    assert isinstance(answer, Accepted) and answer.sequence == 1


def test_without_the_queue_redis_the_guard_remembers_by_itself(app, stage) -> None:
    away = redis.Redis.from_url("unix:///nowhere.sock")
    guard = Guard(stage.engine, away, (), 0)
    guard.round()
    version = stage.engine.read(stage.id).version
    guard.round()
    assert stage.engine.read(stage.id).version == version


# AuctionChannel


def test_a_disk_that_is_nearly_full_pauses_bidding_before_anything_is_lost(
    stage, queue_redis, clock, tmp_path, caplog
) -> None:
    guard_of_disk(stage, queue_redis, clock, tmp_path, WHOLE_DISK).round()
    assert paused(stage) == DISK_FULL
    with pytest.raises(Paused):
        stage.bid("alice", 110_000)
    assert "a disk is nearly full" in caplog.text and str(tmp_path) in caplog.text
    guard_of_disk(stage, queue_redis, clock, tmp_path, 1).round()
    assert paused(stage) == ""


def test_free_space_is_measured_where_the_folders_are(tmp_path) -> None:
    assert full_disks([tmp_path], 1) == []
    assert "MiB left" in full_disks([tmp_path], WHOLE_DISK)[0]
    assert full_disks([tmp_path / "elsewhere"], WHOLE_DISK) == [], "another machine's disks are its own matter"


def test_a_store_that_cannot_write_its_log_takes_no_bids(stage, queue_redis, guard) -> None:
    class Failing:
        def __getattr__(self, name: str) -> object:
            if name == "condition":
                return lambda: replace(stage.engine.condition(), writing=False)
            return getattr(stage.engine, name)

    Guard(Failing(), queue_redis, (), 0).round()  # type: ignore[arg-type]
    assert paused(stage) == NOT_WRITING
    guard.round()
    assert paused(stage) == ""


# The end


def test_an_end_during_a_long_pause_waits_for_an_operator(
    stage, guard, queue_redis, clock, tmp_path, redis_client, caplog
) -> None:
    full = guard_of_disk(stage, queue_redis, clock, tmp_path, WHOLE_DISK)
    full.round()
    full.round()
    later = stage.engine.clock() + 3_600_000
    redis_client.hset(redis_keys.state(stage.id), mapping={"last_ms": later, "ends_at_ms": later - 1})
    full._disks = ()
    full.round()
    assert paused(stage) == OVERDUE
    assert "its end came while bidding was paused" in caplog.text


def test_an_end_during_a_short_pause_closes_as_announced(
    stage, guard, queue_redis, clock, tmp_path, redis_client
) -> None:
    full = guard_of_disk(stage, queue_redis, clock, tmp_path, WHOLE_DISK)
    full.round()
    now = stage.engine.clock()
    redis_client.hset(redis_keys.state(stage.id), "ends_at_ms", now)
    full._disks = ()
    full.round()
    assert paused(stage) == ""
    assert stage.engine.close(stage.id).closed


# What the store says of itself


def test_a_soft_store_is_told_once(stage, queue_redis, clock, caplog) -> None:
    guard = Guard(stage.engine, queue_redis, (), 0, clock)
    guard.round()
    guard.round()
    assert caplog.text.count("the live store may lose answered bids") == 1
    assert "appendonly yes" in caplog.text


def test_a_store_says_whether_it_keeps_what_it_answers(durable) -> None:
    engine = RedisEngine(connect(durable.url))
    condition = engine.condition()
    assert (condition.role, condition.writing, condition.fsync, condition.loss_risks) == ("master", True, "always", [])
    with durable.client() as client:
        client.config_set("appendfsync", "everysec")
        assert "may lose a second" in engine.condition().loss_risks[0]
        client.config_set("maxmemory-policy", "allkeys-lru")
        assert "noeviction" in engine.condition().loss_risks[1]
        client.acl_setuser("default", commands=["-config"])
        assert engine.condition().fsync == "unknown" and "CONFIG GET" in engine.condition().loss_risks[0]
