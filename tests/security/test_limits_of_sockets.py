"""Sockets of strangers: one IPv6 household is one address, and the signed-in always find a place."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import websocket
from flask import Flask

from cashticket import config, create_app
from cashticket.extensions import db
from cashticket.live.capacity import Capacity, Limits
from cashticket.models import Person
from tests.fixtures.people import Browser, sign_in
from tests.staging.auctions import open_auction
from tests.web.live_server import LiveServer, serving
from tests.web.live_sockets import cookie_of, refusal

HOUSEHOLD = [f"2001:db8:7:1::{number}" for number in range(1, 4)]


@pytest.fixture
def proxied(settings: config.Settings) -> Iterator[Flask]:
    """The application behind one proxy, which says from where a socket comes."""
    app = create_app(replace(settings, proxies=1))
    app.test_client_class = Browser
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def socket_from(server: LiveServer, auction_id: int, client: str, cookie: str | None = None) -> websocket.WebSocket:
    return websocket.create_connection(
        f"ws://{server.address}/auctions/{auction_id}/live",
        timeout=10,
        cookie=cookie,
        origin=f"http://{server.address}",
        header=[f"X-Forwarded-For: {client}", f"X-Forwarded-Host: {server.address}"],
    )


def test_addresses_of_one_household_share_its_places(proxied: Flask) -> None:
    auction_id = open_auction()
    proxied.extensions["socket_capacity"] = Capacity(Limits(process=9, address=2, person=9, anonymous=9))
    with serving(proxied) as server:
        opened = [socket_from(server, auction_id, client) for client in HOUSEHOLD[:2]]
        assert refusal(lambda: socket_from(server, auction_id, HOUSEHOLD[2])) == 503
        opened.append(socket_from(server, auction_id, "2001:db8:7:2::1"))
        for each in opened:
            each.shutdown()


def test_strangers_who_open_all_they_get_leave_places_for_bidders(
    app: Flask, client: Browser, people: dict[str, Person]
) -> None:
    auction_id = open_auction()
    app.extensions["socket_capacity"] = Capacity(Limits(process=4, address=9, person=9, anonymous=3))
    cookie = cookie_of(sign_in(client, "alice"))
    path = f"/auctions/{auction_id}/live"
    with serving(app) as server:
        for _ in range(3):
            assert server.open(path).recv()
        assert refusal(lambda: server.open(path)) == 503
        assert server.open(path, cookie=cookie).recv()


def test_a_stranger_without_a_socket_can_still_ask_for_the_board(
    app: Flask, client: Browser, people: dict[str, Person]
) -> None:
    auction_id = open_auction()
    app.extensions["socket_capacity"] = Capacity(Limits(process=4, address=9, person=9, anonymous=0))
    with serving(app) as server:
        assert refusal(lambda: server.open(f"/auctions/{auction_id}/live")) == 503
    assert b'id="board"' in client.get(f"/auctions/{auction_id}/board?lang=ko").data
