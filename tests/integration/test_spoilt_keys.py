"""An auction of which somebody overwrote a key with another kind of value is lost: named, contained, and rebuilt."""

import pytest
from flask import Flask

from cashticket import redis_keys
from cashticket.auction.values import Permission
from cashticket.engine.interface import UnknownAuction
from cashticket.engine.introductions import introduce_everywhere
from cashticket.ledger.recording import record_waiting
from cashticket.work.check.compare import check
from cashticket.work.lost_auctions import lost_auctions
from cashticket.work.rank_outs import _standings
from cashticket.work.rebuilding import rebuild
from cashticket.work.watch.guard import Guard
from tests.staging.auctions import Stage
from tests.staging.engine import order_of

KEYS = ("terms", "state", "people", "standings", "chances", "answers", "bids")


@pytest.fixture
def stage(app: Flask) -> Stage:
    """Two recorded bids in an auction of two people."""
    stage = Stage(app)
    for name, amount in (("carol", 100_000), ("bob", 105_000)):
        stage.bid(name, amount)
    while record_waiting(stage.engine, stage.id):
        pass
    return stage


@pytest.fixture(params=KEYS)
def spoilt(request: pytest.FixtureRequest, stage: Stage, redis_client) -> str:
    """The part that mallory overwrote."""
    redis_client.set(getattr(redis_keys, request.param)(stage.id), "mallory was here")
    return str(request.param)


def test_it_is_lost_for_whoever_bids(stage: Stage, spoilt: str) -> None:
    with pytest.raises(UnknownAuction):
        stage.bid("alice", 200_000)


def test_the_watch_names_it_and_guards_the_others(stage: Stage, spoilt: str, queue_redis, caplog) -> None:
    assert "auction rebuild" in lost_auctions(stage.engine)[stage.id]
    guard = Guard(stage.engine, queue_redis, (), 0)
    guard.round()
    guard.round()
    assert f"auction {stage.id} is lost" in caplog.text


def test_a_person_is_introduced_to_the_others(stage: Stage, spoilt: str) -> None:
    introduce_everywhere(stage.engine, stage.people["alice"], Permission.BLOCKED, 2, 2)


def test_an_operator_rebuilds_it(stage: Stage, spoilt: str) -> None:
    done = rebuild(stage.engine, stage.id, replace=True, backlog_max=10, account_for=lambda facts: None)
    assert (done.recorded, done.paused) == (2, "") and check(stage.engine, stage.id).findings == []
    assert [bid.person for bid in order_of(stage.engine, stage.id)] == [stage.people["bob"], stage.people["carol"]]
    stage.engine.introduce(stage.id, stage.people["alice"], Permission.OK, 1, 1)
    assert stage.bid("alice", 200_000).sequence > 2


def test_a_displaced_person_of_it_holds_nobody_up(stage: Stage, spoilt: str) -> None:
    class Notice:
        auction_id, person_id = stage.id, stage.people["bob"]

    assert stage.id in _standings(stage.engine, [Notice], ())  # type: ignore[list-item]


def test_its_keys_leave_when_it_is_over(stage: Stage, spoilt: str, redis_client) -> None:
    if spoilt != "state":
        redis_client.hset(redis_keys.state(stage.id), "state", "settled")
    assert stage.engine.forget(stage.id)
    assert not redis_client.keys(f"*:{stage.id}}}*")
