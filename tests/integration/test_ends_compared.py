"""Live store and ledger show the same end of an auction, whoever dies or overtakes between the two."""

from typing import Any

import pytest
import redis
from flask import Flask

from cashticket import jobs, redis_keys
from cashticket.auction.values import State
from cashticket.engine.one_store import OneStore
from cashticket.models.columns import utcnow
from cashticket.settlement import voiding
from cashticket.work.closing import close_and_settle
from cashticket.work.voiding import void
from cashticket.work.watch.due import queue_due
from tests.staging.auctions import Stage

WHY = "the hall burned down"


@pytest.fixture
def stage(app: Flask) -> Stage:
    """Alice and bob are winning; the auction ended a second ago."""
    stage = Stage(app, ends_in_ms=-1_000)
    stage.bid("bob", 105_000)
    stage.bid("alice", 110_000)
    return stage


def shown(stage: Stage) -> State:
    return stage.engine.read(stage.id).state


class Overtaken(OneStore):
    """The engine of a process that settles; olga voids the auction just before it tells the live store."""

    def __init__(self, stage: Stage) -> None:
        self._stage, self._voided = stage, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stage.engine, name)

    def finish(self, auction_id: int, state: State) -> None:
        if not self._voided:
            self._voided = True
            void(self._stage.engine, auction_id, WHY, "olga", utcnow())
        self._stage.engine.finish(auction_id, state)


def test_an_auction_voided_while_its_settlement_is_shown_is_voided_everywhere(stage: Stage) -> None:
    close_and_settle(Overtaken(stage), stage.id)  # type: ignore[arg-type]
    assert (stage.row().state, shown(stage)) == (State.VOIDED, State.VOIDED)


def test_who_tells_the_bidders_also_tells_a_live_store_that_still_shows_the_settlement(stage: Stage) -> None:
    close_and_settle(stage.engine, stage.id)
    voiding.void(stage.id, WHY, "olga", utcnow())
    assert shown(stage) is State.SETTLED, "olga's process died after the commit"
    jobs.tell(stage.id)
    assert shown(stage) is State.VOIDED


@pytest.mark.parametrize("forgot", [State.SETTLED, State.OPEN])
def test_the_watch_finds_an_end_that_an_older_copy_of_the_live_store_forgot(
    stage: Stage, redis_client: redis.Redis, queue_redis: redis.Redis, forgot: State
) -> None:
    close_and_settle(stage.engine, stage.id)
    void(stage.engine, stage.id, WHY, "olga", utcnow())
    jobs.tell(stage.id)
    redis_client.hset(redis_keys.state(stage.id), "state", forgot.value)
    queue_redis.delete(redis_keys.settling(stage.id))
    assert queue_due(stage.engine).settle == [stage.id]
    jobs.settle(stage.id)
    assert shown(stage) is State.VOIDED
    queue_redis.delete(redis_keys.settling(stage.id), redis_keys.COMPARING_ENDS)
    assert queue_due(stage.engine).settle == []


def test_the_ends_are_compared_once_a_minute_by_one_watch(stage: Stage, queue_redis: redis.Redis) -> None:
    queue_due(stage.engine)
    assert 50_000 < queue_redis.pttl(redis_keys.COMPARING_ENDS) <= 60_000
