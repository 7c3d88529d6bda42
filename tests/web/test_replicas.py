"""With STORE_REPLICAS and no replica nobody is told `accepted`, and operators are told why."""

import json
from dataclasses import replace

import pytest
from flask import Flask

from cashticket import config, create_app
from cashticket.engine.connection import connect
from cashticket.engine.pauses import REPLICA_AWAY
from cashticket.engine.redis_engine import RedisEngine
from cashticket.wiring import current_engine
from tests.fixtures.people import Browser
from tests.staging.auctions import open_auction
from tests.web.bidding import send


@pytest.fixture
def auction_id(app: Flask, alice: Browser, settings: config.Settings) -> int:
    """A running auction that alice is introduced to, on a store that has lost its replica since."""
    auction_id = open_auction()
    alice.get(f"/auctions/{auction_id}")
    app.extensions["engine"] = RedisEngine(connect(settings.redis_url), replicas=1)
    return auction_id


def test_a_bid_that_no_replica_confirms_is_answered_504_unknown_however_often_it_comes(
    alice: Browser, auction_id: int
) -> None:
    for _ in range(2):
        answer = send(alice, auction_id, 100_000, "r1")
        assert (answer.status_code, json.loads(answer.data)["outcome"]) == (504, "unknown")


def test_a_refused_bid_is_answered_all_the_same(alice: Browser, auction_id: int) -> None:
    assert json.loads(send(alice, auction_id, 1).data)["outcome"] == "refused"


def test_a_pause_for_a_replica_says_that_no_bid_could_be_kept(alice: Browser, auction_id: int) -> None:
    current_engine().pause(auction_id, REPLICA_AWAY)
    problem = json.loads(send(alice, auction_id, 100_000).data)
    assert problem["status"] == 503 and "안전하게" in problem["detail"]


def test_readiness_and_metrics_tell_how_many_replicas_keep_up(settings: config.Settings) -> None:
    app = create_app(replace(settings, store_replicas=1))
    app.test_client_class = Browser
    client = app.test_client()
    answer = client.get("/readyz")
    document = json.loads(answer.data)
    assert (answer.status_code, document["missing"]) == (503, ["live_store"])
    assert "0 of 1 replicas of the live store keep up" in document["parts"]["live_store"]["detail"]
    page = client.get("/metrics").get_data(as_text=True)
    assert 'cashticket_live_store_replicas{store="first"} 0.0' in page
    assert 'cashticket_live_store_replicas_required{store="first"} 1.0' in page
    assert 'cashticket_live_store_replica_lag_seconds{store="first"} NaN' in page
