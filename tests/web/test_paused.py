"""While bidding is paused, every door says so, no chance is spent, and accepted bids keep their answers."""

import json

import pytest
import redis
from flask import Flask

from cashticket import redis_keys
from cashticket.blueprints.operator.health import Missing, _live_store
from cashticket.engine.one_store import OneStore
from cashticket.engine.pauses import DISK_FULL, OPERATOR, OVERDUE, RESTARTED, WITNESS
from cashticket.wiring import current_engine
from cashticket.work.watch.guard import Guard
from tests.fixtures.people import Browser
from tests.staging.auctions import open_auction
from tests.web.bidding import PIECE, counting, send


@pytest.fixture
def auction_id(app: Flask, alice: Browser) -> int:
    """A running auction that alice is introduced to."""
    auction_id = open_auction()
    alice.get(f"/auctions/{auction_id}")
    return auction_id


def test_a_bid_is_turned_away_with_503_and_a_time_to_try_again(app: Flask, alice: Browser, auction_id: int) -> None:
    current_engine().pause(auction_id, DISK_FULL)
    answer = send(alice, auction_id, 100_000)
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert int(answer.headers["Retry-After"]) > 0
    problem = json.loads(answer.data)
    assert problem["status"] == 503 and problem["title"] == "입찰이 잠시 멈췄어요" and "기회" in problem["detail"]
    current_engine().resume(auction_id, DISK_FULL)
    assert send(alice, auction_id, 100_000).status_code == 201


def test_the_same_request_is_still_answered(app: Flask, alice: Browser, auction_id: int) -> None:
    send(alice, auction_id, 100_000, "r1")
    current_engine().pause(auction_id, OPERATOR)
    again = send(alice, auction_id, 100_000, "r1")
    assert (again.status_code, json.loads(again.data)["replayed"]) == (200, True)


def test_a_bid_during_a_pause_costs_no_more_than_an_accepted_one(app: Flask, alice: Browser, auction_id: int) -> None:
    send(alice, auction_id, 100_000, "r1")
    current_engine().pause(auction_id, OPERATOR)
    form = {"amount": 105_000, "request_id": "r2", "csrf_token": alice.token("/no-such-page")}
    with counting() as counted:
        answer = alice.post(f"/auctions/{auction_id}/bids", data=form, headers={"Accept": "application/json"})
    assert answer.status_code == 503
    assert counted == {"sql": 0, "redis": 1}


def test_page_and_pieces_say_that_bidding_is_paused(app: Flask, alice: Browser, auction_id: int) -> None:
    current_engine().pause(auction_id, OPERATOR)
    for path in ("", "/standing"):
        page = alice.get(f"/auctions/{auction_id}{path}", headers=PIECE if path else {})
        assert page.status_code == 200 and b"data-paused" in page.data, path
    current_engine().resume(auction_id, OPERATOR)
    assert b"data-paused" not in alice.get(f"/auctions/{auction_id}").data


@pytest.mark.parametrize("reason", [OPERATOR, OVERDUE])
def test_what_staff_paused_is_not_called_a_check(app: Flask, alice: Browser, auction_id: int, reason: str) -> None:
    current_engine().pause(auction_id, reason)
    texts = [alice.get(f"/auctions/{auction_id}{path}").get_data(as_text=True) for path in ("", "/standing")]
    for text in (*texts, json.loads(send(alice, auction_id, 100_000).data)["detail"]):
        assert "운영자가 입찰을 잠시 멈췄어요" in text or "운영자가 입찰을 잠시 멈춰" in text
        assert "보관하기 위해" not in text and "확인하고 있어" not in text


def test_a_store_that_was_restarted_is_explained_at_every_door(
    app: Flask, alice: Browser, auction_id: int, redis_client: redis.Redis
) -> None:
    send(alice, auction_id, 100_000, "r1")
    redis_client.hset(redis_keys.state(auction_id), "checked_on", "another-process master")
    answer = send(alice, auction_id, 105_000, "r2")
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0
    assert "확인" in json.loads(answer.data)["detail"]
    assert send(alice, auction_id, 100_000, "r1").status_code == 200, "what was accepted is still answered"
    assert b"data-paused" in alice.get(f"/auctions/{auction_id}").data
    assert json.loads(alice.get("/readyz").data)["parts"]["live_store"]["paused"] == {str(auction_id): RESTARTED}
    Guard(current_engine(), app.extensions["queue_redis"], (), 0).round()
    assert send(alice, auction_id, 105_000, "r2").status_code == 201


def test_a_paused_auction_past_its_end_is_shown_as_paused(app: Flask, alice: Browser) -> None:
    auction_id = open_auction(starts_in_ms=-4 * 3_600_000)
    current_engine().pause(auction_id, OPERATOR)
    page = alice.get(f"/auctions/{auction_id}").get_data(as_text=True)
    assert 'data-position="paused"' in page and "마지막 입찰을 기록" not in page


def test_a_htmx_bid_is_answered_with_a_piece(app: Flask, alice: Browser, auction_id: int) -> None:
    current_engine().pause(auction_id, DISK_FULL)
    answer = send(alice, auction_id, 100_000, headers=PIECE)
    assert answer.status_code == 503 and "입찰이 잠시 멈췄어요" in answer.get_data(as_text=True)
    assert "<html" not in answer.get_data(as_text=True)


def test_readiness_tells_what_is_paused_and_how_soft_the_store_is(app: Flask, alice: Browser, auction_id: int) -> None:
    current_engine().pause(auction_id, OPERATOR)
    store = json.loads(alice.get("/readyz").data)["parts"]["live_store"]
    assert (store["ok"], store["paused"]) == (True, {str(auction_id): OPERATOR})
    assert store["durable"] is False and "appendonly yes" in store["warnings"][0]


def test_a_store_that_cannot_write_is_not_ready(app: Flask) -> None:
    from dataclasses import replace

    engine = app.extensions["engine"]

    class Failing(OneStore):
        def __getattr__(self, name: str) -> object:
            if name == "condition":
                return lambda: replace(engine.condition(), writing=False)
            return getattr(engine, name)

    app.extensions["engine"] = Failing()
    with pytest.raises(Missing, match="cannot write its log"):
        _live_store()


@pytest.mark.parametrize(("language", "words"), [("ko", "담당자"), ("en", "our staff")])
def test_a_pause_that_an_operator_must_decide_says_so_everywhere(
    app: Flask, alice: Browser, auction_id: int, language: str, words: str
) -> None:
    current_engine().pause(auction_id, WITNESS)
    page = alice.get(f"/auctions/{auction_id}/standing?lang={language}", headers=PIECE)
    assert words in page.get_data(as_text=True)
    answer = send(alice, auction_id, 100_000)
    assert answer.status_code == 503 and "접수된 입찰" in json.loads(answer.data)["detail"]
    *_, warning = _live_store()["warnings"]
    shown = app.test_cli_runner().invoke(args=["auction", "show", str(auction_id)])
    for text in (warning, shown.stderr):
        assert f"auction resume {auction_id} --why" in text and f"auction rebuild {auction_id} --yes" in text
    assert "witness" in shown.stdout
