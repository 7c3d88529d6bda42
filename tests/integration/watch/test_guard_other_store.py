"""After a change of process or role of the live store, no auction takes bids before the guard has checked it."""

import threading
from contextlib import suppress
from dataclasses import replace

import pytest
import redis

from cashticket import redis_keys
from cashticket.auction.values import Accepted
from cashticket.engine.connection import connect
from cashticket.engine.interface import OutcomeUnknown, Paused, StoreUnavailable
from cashticket.engine.one_store import OneStore
from cashticket.engine.pauses import RESTARTED, UNSOUND
from cashticket.engine.redis_engine import RedisEngine
from cashticket.work.watch.guard import Guard
from tests.integration.watch.steps import as_if_restarted, paused
from tests.staging.auctions import Stage


def test_another_process_of_the_store_takes_no_bids_until_everything_is_checked(
    stage, guard, queue_redis, redis_client, caplog
) -> None:
    as_if_restarted(stage, queue_redis, redis_client)
    seen: list[str] = []

    class Checking(OneStore):
        """The engine, which notes how the auction stands whenever a check reads its list."""

        def __getattr__(self, name: str) -> object:
            if name == "tail":
                seen.append(paused(stage))
            return getattr(stage.engine, name)

    Guard(Checking(), queue_redis, (), 0).round()  # type: ignore[arg-type]
    assert set(seen) == {RESTARTED}, "no bid is taken before the check has ended"
    assert paused(stage) == ""
    assert "another process or role of the live store answers" in caplog.text


def test_an_unsound_auction_stays_paused_after_a_restart(stage, guard, queue_redis, redis_client) -> None:
    redis_client.hset(redis_keys.state(stage.id), "sequence", "1")
    as_if_restarted(stage, queue_redis, redis_client)
    guard.round()
    assert paused(stage) == UNSOUND


def test_a_fault_that_a_restart_mended_is_looked_for_at_once(stage, guard, queue_redis, redis_client) -> None:
    sequence = redis_client.hget(redis_keys.state(stage.id), "sequence")
    redis_client.hset(redis_keys.state(stage.id), "sequence", "1")
    as_if_restarted(stage, queue_redis, redis_client)
    guard.round()
    assert paused(stage) == UNSOUND
    redis_client.hset(redis_keys.state(stage.id), "sequence", sequence)
    as_if_restarted(stage, queue_redis, redis_client)
    guard.round()
    assert paused(stage) == ""


def test_a_store_that_was_looked_at_last_is_recognised_by_the_next_watch(stage, guard, queue_redis, caplog) -> None:
    caplog.clear()
    Guard(stage.engine, queue_redis, (), 0).round()
    assert "another process" not in caplog.text


def test_a_store_that_restarts_during_a_check_is_checked_again(stage, guard, queue_redis, redis_client) -> None:
    as_if_restarted(stage, queue_redis, redis_client)

    class Restarting(OneStore):
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
    redis_client.zrem(redis_keys.standings(stage.id), stage.people["bob"])
    guard.round()
    assert paused(stage) == UNSOUND, "it was checked though its check was not due"


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
