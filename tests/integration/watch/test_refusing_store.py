"""A live store that takes no bids at all: bidding pauses where that can be written, and the reason has its name."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import redis
from flask import Flask

from cashticket import create_app
from cashticket.blueprints.operator.health import Missing, _live_store
from cashticket.engine.connection import connect
from cashticket.engine.interface import Paused, StoreUnavailable
from cashticket.engine.pauses import MEMORY
from cashticket.engine.redis_engine import RedisEngine
from cashticket.ledger.recording import record_waiting
from cashticket.work.watch.due import Queued
from cashticket.work.watch.guard import Guard
from cashticket.work.watch.loop import run_watch
from cashticket.work.watch.memory import FREE_MIN, MARGIN
from cashticket.work.watch.unsettled import unsettled_auctions
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.fixtures.databases import make_settings
from tests.integration.watch.steps import paused
from tests.staging.auctions import Stage

BALLAST = "ballast"
MIB = 2**20

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def settings(database_url: str, durable: RedisServer, redis_server: RedisServer, tmp_path: Path) -> object:
    # The queue store is another one, as in production.
    return replace(make_settings(database_url, durable.url, tmp_path), queue_redis_url=f"{redis_server.url}?db=1")


@pytest.fixture
def app(settings: object, redis_client: redis.Redis) -> Iterator[Flask]:
    application = create_app(settings)  # type: ignore[arg-type]
    with application.app_context():
        yield application


@pytest.fixture
def admin(durable: RedisServer) -> Iterator[redis.Redis]:
    with durable.client() as client:
        yield client


def leave_free(admin: redis.Redis, share: float) -> None:
    """Limit the store's memory so that this share of it is free; negative: more is used than it may have."""
    info = admin.info("memory")
    admin.config_set("maxmemory", int((info["used_memory"] - info["mem_not_counted_for_evict"]) / (1 - share)))


def test_bidding_pauses_before_the_memory_is_full_and_goes_on_by_itself_with_a_margin(
    stage: Stage, guard: Guard, admin: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    admin.setrange(BALLAST, 64 * MIB, "x")
    leave_free(admin, FREE_MIN / 2)
    guard.round()
    assert paused(stage) == MEMORY
    assert "bidding pauses, the memory of the live store is nearly full" in caplog.text
    with pytest.raises(Paused):
        stage.bid("alice", 110_000)
    with pytest.raises(Missing, match=r"memory of the live store is nearly full: \d+ MiB of \d+ MiB"):
        _live_store()
    leave_free(admin, FREE_MIN * (1 + MARGIN) / 2)
    guard.round()
    assert paused(stage) == MEMORY
    leave_free(admin, FREE_MIN * MARGIN * 2)
    guard.round()
    guard.round()
    assert paused(stage) == "" and "over: bidding pauses, the memory" in caplog.text
    stage.bid("alice", 110_000)


def test_a_store_whose_memory_is_full_at_once_is_paused_all_the_same_and_drained(
    stage: Stage, guard: Guard, admin: redis.Redis
) -> None:
    stage.bid("alice", 110_000)
    leave_free(admin, -0.5)
    with pytest.raises(StoreUnavailable):
        stage.bid("bob", 115_000)
    guard.round()
    assert paused(stage) == MEMORY
    while record_waiting(stage.engine, stage.id):
        pass
    assert len(stage.recorded()) == 3


def test_a_due_auction_says_that_the_memory_is_full(stage: Stage, guard: Guard, admin: redis.Redis) -> None:
    due = stage.open_auction(ends_in_ms=-500)
    leave_free(admin, -0.5)
    assert [(each.id, each.reason) for each in unsettled_auctions(stage.engine)] == [(due, MEMORY)]
    guard.round()
    assert [(each.id, each.detail) for each in unsettled_auctions(stage.engine)] == [
        (due, "bidding is paused (memory), so nothing is closed")
    ]


# Every other way in which a whole store refuses


def too_few_replicas(admin: redis.Redis) -> None:
    admin.config_set("min-replicas-to-write", 1)


def a_replica(admin: redis.Redis) -> None:
    admin.replicaof("127.0.0.1", 1)  # type: ignore[no-untyped-call]


def no_snapshot(admin: redis.Redis) -> None:
    folder = Path(admin.config_get("dir")["dir"])
    # A folder of that name cannot be replaced by the file.
    (folder / "dump.rdb" / "x").mkdir(parents=True)
    admin.config_set("save", "3600 1")
    admin.bgsave()
    wait_until(lambda: admin.info("persistence")["rdb_last_bgsave_status"] == "err", "a snapshot that failed")


REFUSALS = [
    (too_few_replicas, "no_replicas", "the live store wants 1 more replicas"),
    (a_replica, "not_primary", "the live store is a slave and takes no bids"),
    (no_snapshot, "not_writing", "the live store cannot write its log or its snapshot"),
]


@pytest.mark.parametrize(("refuse", "reason", "sentence"), REFUSALS, ids=[row[1] for row in REFUSALS])
def test_a_store_that_refuses_every_write_is_named_and_does_not_stop_the_watch(
    stage: Stage,
    queue_redis: redis.Redis,
    admin: redis.Redis,
    caplog: pytest.LogCaptureFixture,
    refuse: object,
    reason: str,
    sentence: str,
) -> None:
    due, stop = stage.open_auction(ends_in_ms=-500), threading.Event()
    refuse(admin)  # type: ignore[operator]
    fresh = RedisEngine(connect(admin.connection_pool.connection_kwargs["path"].join(["unix://", ""])))
    with pytest.raises(StoreUnavailable):
        fresh.place_bid(stage.id, stage.people["alice"], 1, 110_000, "a-new-request")
    queued: list[Queued] = []

    def announce(each: Queued) -> None:
        queued.append(each)
        stop.set()

    run_watch(fresh, Guard(fresh, queue_redis, (), 0), stop, announce)
    assert f"bidding pauses: {sentence}" in caplog.text
    assert due in queued[0].settle
    assert [(each.id, each.reason) for each in unsettled_auctions(fresh)] == [(due, reason)]
