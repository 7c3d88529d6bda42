"""Doors of an auction whose keys have left the live store: each answers from the ledger, or leads to the results."""

import pytest
import redis
from flask import Flask

from cashticket.auction.values import State
from cashticket.engine.interface import UnknownPerson
from cashticket.extensions import db
from cashticket.ledger.recording import record_end, record_waiting
from cashticket.models import Auction, Person
from cashticket.models.columns import utcnow
from cashticket.wiring import current_engine, queue_redis
from cashticket.work.closing import close_and_settle
from cashticket.work.ending_keys import forget
from tests.fixtures.people import Browser, sign_in
from tests.staging.auctions import keys_of_auctions
from tests.web.bidding import send
from tests.web.live_server import LiveServer, close_code
from tests.web.live_sockets import bid, cookie_of, refusal

PIECE = {"HX-Request": "true"}


def settle(auction_id: int) -> None:
    """Let the end come, and settle."""
    engine = current_engine()
    ends_at_ms = engine.read(auction_id).ends_at_ms
    engine.close(auction_id, ends_at_ms)
    while record_waiting(engine, auction_id):
        pass
    record_end(auction_id, ends_at_ms, engine.read(auction_id).sequence)
    close_and_settle(engine, auction_id)
    assert engine.read(auction_id).state is State.SETTLED
    db.session.remove()


def forget_keys(auction_id: int) -> None:
    assert forget(current_engine(), queue_redis(), auction_id, utcnow())
    db.session.remove()


@pytest.fixture
def forgotten(app: Flask, live_auction: Auction, people: dict[str, Person], redis_client: redis.Redis) -> int:
    """Alice won it with 120,000 won a while ago, bob is in line."""
    auction_id: int = live_auction.id
    bid(app, live_auction, people["bob"], 110_000)
    bid(app, live_auction, people["alice"], 120_000)
    settle(auction_id)
    forget_keys(auction_id)
    assert keys_of_auctions(redis_client) == []
    return auction_id


@pytest.mark.parametrize("path", ["", "/board", "/standing", "/confirm?amount=130000"])
def test_pages_and_pieces_lead_to_the_results(
    forgotten: int, client: Browser, path: str, redis_client: redis.Redis
) -> None:
    alice, results = sign_in(client, "alice"), f"/auctions/{forgotten}/results"
    page = alice.get(f"/auctions/{forgotten}{path}")
    assert (page.status_code, page.headers["Location"]) == (302, results)
    piece = alice.get(f"/auctions/{forgotten}{path}", headers=PIECE)
    assert (piece.status_code, piece.headers["HX-Redirect"]) == (204, results)
    assert "no-store" in page.headers["Cache-Control"] and "no-store" in piece.headers["Cache-Control"]
    assert keys_of_auctions(redis_client) == [], "no door brings a key back"


def test_results_history_lists_and_my_pages_come_from_the_ledger(
    forgotten: int, client: Browser, redis_client: redis.Redis
) -> None:
    alice = sign_in(client, "alice")
    for path in (f"/auctions/{forgotten}/results", "/", "/me", "/me/tickets"):
        assert alice.get(path).status_code == 200, path
    assert "120,000" in alice.get(f"/auctions/{forgotten}/results").get_data(as_text=True)
    history = alice.get(f"/auctions/{forgotten}/history").json
    assert history is not None and history["bids"] == 2
    assert keys_of_auctions(redis_client) == []


def test_bids_are_replayed_or_refused_as_before(forgotten: int, client: Browser, redis_client: redis.Redis) -> None:
    alice = sign_in(client, "alice")
    again = send(alice, forgotten, 120_000, "bid-120000").json
    assert again is not None and (again["outcome"], again["replayed"], again["amount"]) == ("accepted", True, 120_000)
    other = send(alice, forgotten, 130_000, "bid-120000").json
    assert other is not None and other["reason"] == "request_reused"
    late = send(alice, forgotten, 130_000, "late").json
    assert late is not None and (late["reason"], late["chances_left"]) == ("closed", 2)
    page = send(alice, forgotten, 130_000, "late", headers={})
    assert page.status_code == 303 and page.headers["Location"].startswith(f"/auctions/{forgotten}")
    piece = send(alice, forgotten, 130_000, "late", headers=PIECE)
    assert piece.status_code == 204 and piece.headers["HX-Redirect"] == f"/auctions/{forgotten}"
    assert keys_of_auctions(redis_client) == []


def test_keys_that_leave_between_a_bid_and_its_introduction_are_no_failure(
    forgotten: int, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = sign_in(client, "alice")
    monkeypatch.setattr(current_engine(), "place_bid", lambda *bid, sure: UnknownPerson())
    late = send(alice, forgotten, 130_000, "late")
    assert late.status_code == 422 and late.json is not None and late.json["reason"] == "closed"


def test_readiness_and_metrics_are_well_without_any_key(forgotten: int, client: Browser) -> None:
    ready = client.get("/readyz").json
    assert ready is not None and ready["parts"]["live_store"]["auctions"] == 0 and ready["parts"]["ledger"]["ok"]
    assert client.get("/metrics").status_code == 200


def test_open_sockets_end_with_the_code_that_leads_to_the_results(
    server: LiveServer, app: Flask, live_auction: Auction, people: dict[str, Person], client: Browser
) -> None:
    bid(app, live_auction, people["alice"], 120_000)
    path = f"/auctions/{live_auction.id}/live"
    sockets = [server.open(path), server.open(path, cookie=cookie_of(sign_in(client, "alice")))]
    auction_id = live_auction.id
    settle(auction_id)
    for ws in sockets:
        while 'data-state="settled"' not in ws.recv():
            pass
    forget_keys(auction_id)
    assert [close_code(ws) for ws in sockets] == [4410, 4410]
    assert refusal(lambda: server.open(path)) == 410, "and no new one opens"


def test_an_auction_that_the_store_lost_ends_no_socket(
    server: LiveServer, live_auction: Auction, redis_client: redis.Redis, app: Flask, people: dict[str, Person]
) -> None:
    ws = server.open(f"/auctions/{live_auction.id}/live")
    ws.recv()
    lost = {key: redis_client.dump(key) for key in redis_client.keys("*")}
    redis_client.flushdb()
    assert refusal(lambda: server.open(f"/auctions/{live_auction.id}/live")) == 503
    for key, value in lost.items():
        redis_client.restore(key, 0, value)
    bid(app, live_auction, people["alice"], 120_000)
    while 'data-version="2"' not in ws.recv():
        pass
