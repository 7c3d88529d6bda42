"""Every auction that is due and not settled has a named reason, which `auction close-due` prints."""

import json

import pytest
import redis
from flask import Flask

from cashticket import jobs, redis_keys
from cashticket.engine.pauses import OPERATOR, OVERDUE
from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.models import RecordedBid
from cashticket.work.watch.unsettled import unsettled_auctions
from tests.staging.auctions import Stage


@pytest.fixture
def stage(app: Flask) -> Stage:
    """Alice and bob bid; the auction ended a second ago."""
    stage = Stage(app, ends_in_ms=-1_000)
    stage.bid("bob", 100_000)
    stage.bid("alice", 105_000)
    return stage


def reason(stage: Stage) -> tuple[str, str]:
    """The name of the one reason, and its sentence."""
    (unsettled,) = [auction for auction in unsettled_auctions(stage.engine) if auction.id == stage.id]
    return unsettled.reason, unsettled.detail


def test_bids_that_are_not_recorded_yet(stage: Stage) -> None:
    assert reason(stage) == ("not_recorded", "0 of 2 bids are recorded")


def test_nothing_is_in_the_way(stage: Stage) -> None:
    record_waiting(stage.engine, stage.id)
    assert reason(stage)[0] == "queued" and "worker.py settlement" in reason(stage)[1]
    jobs.settle(stage.id)
    assert unsettled_auctions(stage.engine) == []


def test_a_bid_that_was_set_aside(stage: Stage, redis_client: redis.Redis) -> None:
    entry = json.loads(redis_client.lindex(redis_keys.bids(stage.id), 0))
    redis_client.lset(redis_keys.bids(stage.id), 0, json.dumps(entry | {"amount": "much"}))
    while record_waiting(stage.engine, stage.id):
        pass
    assert reason(stage) == ("quarantined", "1 bids were set aside and wait for an operator")


def test_two_orders_that_differ(stage: Stage) -> None:
    record_waiting(stage.engine, stage.id)
    db.session.execute(db.update(RecordedBid).where(RecordedBid.sequence == 1).values(amount=995_000))
    db.session.commit()
    assert reason(stage)[0] == "queued"
    jobs.settle(stage.id)
    assert reason(stage)[0] == "order_differs" and "from rank 1" in reason(stage)[1]


def test_an_earlier_auction_of_the_same_concert(stage: Stage) -> None:
    later = stage.open_auction(ends_in_ms=-500)
    reasons = {auction.id: auction.reason for auction in unsettled_auctions(stage.engine)}
    assert reasons == {stage.id: "not_recorded", later: "earlier_auction"}


def test_an_end_that_came_during_a_pause(stage: Stage) -> None:
    stage.engine.pause(stage.id, OPERATOR)
    assert reason(stage) == ("paused", "bidding is paused (operator), so nothing is closed")
    stage.engine.pause(stage.id, OVERDUE, instead_of=OPERATOR)
    assert "extend it" in reason(stage)[1]


def test_an_auction_that_the_live_store_lost(stage: Stage, redis_client: redis.Redis) -> None:
    record_waiting(stage.engine, stage.id)
    redis_client.delete(redis_keys.terms(stage.id))
    assert reason(stage) == ("lost", f"auction {stage.id} is lost: `flask auction rebuild {stage.id}`")


def test_an_end_that_the_live_store_moved_is_not_due(stage: Stage, redis_client: redis.Redis) -> None:
    redis_client.hset(redis_keys.state(stage.id), "ends_at_ms", stage.engine.clock() + 60_000)
    assert unsettled_auctions(stage.engine) == []


def test_the_command_says_it_a_line_each(app: Flask, stage: Stage) -> None:
    runner = app.test_cli_runner()
    printed = json.loads(runner.invoke(args=["auction", "close-due", "--json"]).stdout)
    assert printed["waiting"] == [{"id": stage.id, "reason": "not_recorded", "detail": "0 of 2 bids are recorded"}]
    again = runner.invoke(args=["auction", "close-due"])
    assert again.stdout.splitlines()[-1] == f"auction {stage.id} waits: not_recorded: 0 of 2 bids are recorded"
