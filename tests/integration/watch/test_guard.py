"""The guard pauses bidding while bids could not be stored safely or a check found a fault, and ends its pauses."""

import logging
from dataclasses import replace

import pytest

from cashticket import redis_keys
from cashticket.engine.connection import connect
from cashticket.engine.interface import Paused
from cashticket.engine.one_store import OneStore
from cashticket.engine.pauses import DISK_FULL, NOT_WRITING, OPERATOR, OVERDUE, REPLICA_AWAY, RESTORING, UNSOUND
from cashticket.engine.redis_engine import RedisEngine
from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.locale import to_moment
from cashticket.work.watch.disks import full_disks
from cashticket.work.watch.guard import Guard
from cashticket.work.watch.wanted_checks import CHECK_SECONDS
from tests.integration.watch.steps import guard_of_disk, paused

WHOLE_DISK = 2**60

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
    redis_client.zrem(redis_keys.standings(stage.id), stage.people["bob"])
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


# Disk space


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
    class Failing(OneStore):
        def __getattr__(self, name: str) -> object:
            if name == "condition":
                return lambda: replace(stage.engine.condition(), writing=False)
            return getattr(stage.engine, name)

    Guard(Failing(), queue_redis, (), 0).round()  # type: ignore[arg-type]
    assert paused(stage) == NOT_WRITING
    guard.round()
    assert paused(stage) == ""


def test_a_replica_that_is_away_pauses_bidding_until_it_is_back(stage, queue_redis, guard, caplog) -> None:
    class Alone(OneStore):
        def __getattr__(self, name: str) -> object:
            if name == "condition":
                return lambda: replace(stage.engine.condition(), replicas=0, replicas_required=1)
            return getattr(stage.engine, name)

    with caplog.at_level(logging.ERROR):
        Guard(Alone(), queue_redis, (), 0).round()  # type: ignore[arg-type]
    assert paused(stage) == REPLICA_AWAY
    assert "bidding pauses: 0 of 1 replicas of the live store keep up, none is connected" in caplog.text
    guard.round()
    assert paused(stage) == ""


# The end


def test_an_end_during_a_pause_moves_by_its_length(stage, guard, queue_redis, clock, tmp_path, redis_client) -> None:
    full = guard_of_disk(stage, queue_redis, clock, tmp_path, WHOLE_DISK)
    full.round()
    now = stage.engine.clock()
    redis_client.hset(redis_keys.state(stage.id), mapping={"ends_at_ms": now - 10_000, "stopped_ms": now - 70_000})
    redis_client.hset(redis_keys.state(stage.id), "last_ms", now - 80_000)
    stage.row().ends_at = to_moment(now - 10_000)
    db.session.commit()
    full._disks = ()
    full.round()
    board = stage.engine.read(stage.id)
    assert board.paused == "" and board.outage.reason == DISK_FULL
    assert 70_000 <= board.outage.moved_ms < 80_000 and board.ends_at_ms == now - 10_000 + board.outage.moved_ms
    assert not stage.engine.close(stage.id).closed


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
        client.config_set("aof-load-truncated", "yes")
        assert "half a bid" in engine.condition().loss_risks[2]
        client.acl_setuser("default", commands=["-config"])
        assert engine.condition().fsync == "unknown" and "CONFIG GET" in engine.condition().loss_risks[0]
