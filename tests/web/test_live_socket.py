"""What the socket of an auction page sends, and how it ends, on a real server."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from cashticket import config, create_app
from cashticket.auction.values import Permission, State
from cashticket.live import hubs
from cashticket.models import Auction, Person
from tests.fixtures.people import Browser, sign_in
from tests.web.live_server import LiveServer, close_code, frames_until, serving
from tests.web.live_sockets import bid, cookie_of, end_the_session, piece_of


def test_a_stranger_gets_the_present_board_and_every_change(
    server: LiveServer, app: Flask, live_auction: Auction, people: dict[str, Person]
) -> None:
    ws = server.open(f"/auctions/{live_auction.id}/live")
    first = ws.recv()
    assert piece_of(first) == "board" and 'data-version="1"' in first
    bid(app, live_auction, people["alice"], 120_000)
    assert "120,000원" in frames_until(ws, lambda frame: 'data-version="2"' in frame)[-1]


def test_a_signed_in_person_also_gets_the_standing(server: LiveServer, live_auction: Auction, client: Browser) -> None:
    ws = server.open(f"/auctions/{live_auction.id}/live", cookie=cookie_of(sign_in(client, "alice")))
    assert [piece_of(frame) for frame in frames_until(ws, lambda frame: piece_of(frame) == "standing")] == [
        "board",
        "standing",
    ]


def test_frames_are_in_the_requested_language(server: LiveServer, app: Flask, live_auction: Auction) -> None:
    assert "₩" in server.open(f"/auctions/{live_auction.id}/live?lang=en").recv()


def test_being_pushed_out_sends_one_alert_with_its_sequence(
    server: LiveServer, app: Flask, live_auction: Auction, people: dict[str, Person], client: Browser
) -> None:
    bid(app, live_auction, people["alice"], 120_000)
    ws = server.open(f"/auctions/{live_auction.id}/live", cookie=cookie_of(sign_in(client, "alice")))
    before = frames_until(ws, lambda frame: piece_of(frame) == "standing")
    sequence = bid(app, live_auction, people["bob"], 130_000).sequence
    after = frames_until(ws, lambda frame: piece_of(frame) == "standing" and 'data-position="out"' in frame)
    carrying = [frame for frame in before + after if "data-alert" in frame]
    assert len(carrying) == 1 and f'data-alert="rank-out" data-sequence="{sequence}"' in carrying[0]
    assert all("data-version=" in frame for frame in before + after)


def test_frames_never_name_anybody(
    server: LiveServer, app: Flask, live_auction: Auction, people: dict[str, Person]
) -> None:
    bid(app, live_auction, people["alice"], 120_000)
    board = server.open(f"/auctions/{live_auction.id}/live").recv()
    for private in ("Alice", "alice", "example.com", f'="{people["alice"].id}"'):
        assert private not in re.sub(r'data-(auction|version)="\d+"', "", board)


def test_after_settlement_each_page_fetches_its_own_standing(
    server: LiveServer, app: Flask, live_auction: Auction, client: Browser
) -> None:
    ws = server.open(f"/auctions/{live_auction.id}/live", cookie=cookie_of(sign_in(client, "alice")))
    frames_until(ws, lambda frame: piece_of(frame) == "standing")
    app.extensions["engine"].finish(live_auction.id, State.SETTLED)
    seen = frames_until(ws, lambda frame: f'hx-get="/auctions/{live_auction.id}/standing?lang=ko"' in frame)
    assert any(piece_of(frame) == "board" and 'data-state="settled"' in frame for frame in seen)


def test_many_open_sockets_leave_the_database_to_the_pages(
    server: LiveServer, live_auction: Auction, client: Browser, browser: Callable[[], Browser]
) -> None:
    cookies = [cookie_of(sign_in(client, "alice")), cookie_of(sign_in(browser(), "bob"))]
    for number in range(24):
        server.open(f"/auctions/{live_auction.id}/live", cookie=cookies[number % 2]).recv()
    assert sign_in(browser(), "carol")


def test_a_session_ended_elsewhere_closes_its_socket_and_no_other(
    server: LiveServer, app: Flask, live_auction: Auction, client: Browser, browser: Callable[[], Browser]
) -> None:
    ended, living = (cookie_of(sign_in(visitor, "alice")) for visitor in (client, browser()))
    path = f"/auctions/{live_auction.id}/live"
    ended_ws, living_ws = server.open(path, cookie=ended), server.open(path, cookie=living)
    for ws in (ended_ws, living_ws):
        frames_until(ws, lambda frame: piece_of(frame) == "standing")
    person = end_the_session(ended, app)
    app.extensions["engine"].introduce(live_auction.id, person.id, Permission.OK, person.session_epoch, person.revision)
    assert close_code(ended_ws) == 1008
    bid(app, live_auction, person, 120_000)
    frames_until(living_ws, lambda frame: piece_of(frame) == "standing" and 'data-position="winning"' in frame)


def test_a_process_that_ends_asks_browsers_to_reconnect(server: LiveServer, live_auction: Auction) -> None:
    ws = server.open(f"/auctions/{live_auction.id}/live")
    ws.recv()
    hubs.close_all()
    assert close_code(ws) == 1012


def test_what_a_browser_sends_is_ignored_and_too_much_of_it_ends_the_socket(
    server: LiveServer, app: Flask, live_auction: Auction, people: dict[str, Person]
) -> None:
    ws = server.open(f"/auctions/{live_auction.id}/live")
    ws.recv()
    ws.send('{"amount": 999999}')
    bid(app, live_auction, people["alice"], 120_000)
    frames_until(ws, lambda frame: 'data-version="2"' in frame)
    for _ in range(100):
        ws.send("hello")
    assert close_code(ws) == 1008


def test_an_oversized_message_ends_the_socket(server: LiveServer, live_auction: Auction) -> None:
    ws = server.open(f"/auctions/{live_auction.id}/live")
    ws.recv()
    ws.send("x" * 5000)
    assert close_code(ws) == 1009


def test_a_browser_that_answers_no_ping_is_dropped_and_may_reconnect(
    settings: config.Settings, live_auction: Auction, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(settings)
    assert app.config["SOCK_SERVER_OPTIONS"]["ping_interval"] * 2 < 30, "dropped within half a minute"
    app.config["SOCK_SERVER_OPTIONS"] = {**app.config["SOCK_SERVER_OPTIONS"], "ping_interval": 0.2}
    with serving(app) as server:
        ws = server.open(f"/auctions/{live_auction.id}/live")
        monkeypatch.setattr(ws, "pong", lambda payload: None)
        # Not 1008: that would tell the page that its session has ended.
        assert close_code(ws) == 1013
