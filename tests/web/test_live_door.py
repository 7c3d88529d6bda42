"""Which handshakes with the socket of an auction page are refused, on a real server."""

import socket

import pytest
import redis
import websocket
from flask import Flask

from cashticket import config
from cashticket.live.capacity import PERSON_SOCKETS_MAX
from cashticket.models import Auction
from tests.fixtures.people import Browser, sign_in
from tests.web.live_server import LiveServer
from tests.web.live_sockets import cookie_of, end_the_session, refusal, serving_with

GOOD_KEY = "dGhlIHNhbXBsZSBub25jZQ=="


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "",
        "https://{address}",
        "http://{host}",
        "http://{host}:1",
        "http://localhost:{port}",
        "http://{address}.evil.example",
        "http://evil.example/{address}",
        "http://evil.example?{address}",
        "http://{address}@evil.example",
        "http://someone@{address}",
        "http://{address}/",
        "HTTP://{address}",
        "http://{address} http://evil.example",
        "file://",
    ],
)
def test_a_foreign_origin_is_refused(server: LiveServer, live_auction: Auction, origin: str | None) -> None:
    host, port = server.address.split(":")
    sent = origin and origin.format(address=server.address, host=host, port=port)
    assert refusal(lambda: server.open(f"/auctions/{live_auction.id}/live", origin=sent)) == 403


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"Sec-WebSocket-Version": "8"}, 426),
        ({"Sec-WebSocket-Version": None}, 426),
        ({"Upgrade": "h2c"}, 426),
        ({"Connection": "keep-alive"}, 400),
        ({"Sec-WebSocket-Key": None}, 400),
        ({"Sec-WebSocket-Key": "short"}, 400),
        ({"Sec-WebSocket-Key": "\xff" * 24}, 400),
        ({"Content-Length": "5"}, 400),
    ],
)
def test_a_malformed_handshake_is_refused(
    server: LiveServer, live_auction: Auction, changed: dict[str, str | None], status: int
) -> None:
    headers = {"Host": server.address, "Origin": f"http://{server.address}", "Upgrade": "websocket"}
    headers |= {"Connection": "Upgrade", "Sec-WebSocket-Key": GOOD_KEY, "Sec-WebSocket-Version": "13"}
    header_lines = [f"{name}: {value}" for name, value in {**headers, **changed}.items() if value is not None]
    host, port = server.address.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(
            "\r\n".join([f"GET /auctions/{live_auction.id}/live HTTP/1.1", *header_lines, "", ""]).encode("latin-1")
        )
        assert connection.recv(4096).split(b" ")[1] == str(status).encode()


def test_in_production_only_the_configured_address_is_ours(settings: config.Settings, live_auction: Auction) -> None:
    with serving_with(settings, app_env="production", base_url="https://Tickets.example:443") as server:
        path = f"/auctions/{live_auction.id}/live"
        assert refusal(lambda: server.open(path)) == 403
        assert server.open(path, origin="https://tickets.example").recv()


def test_an_unknown_auction_is_not_found(server: LiveServer, live_auction: Auction) -> None:
    assert refusal(lambda: server.open(f"/auctions/{live_auction.id + 1}/live")) == 404


def test_an_auction_the_live_store_lost_is_unavailable(
    server: LiveServer, redis_client: redis.Redis, live_auction: Auction
) -> None:
    redis_client.flushall()
    assert refusal(lambda: server.open(f"/auctions/{live_auction.id}/live")) == 503


def test_an_ended_session_is_refused(server: LiveServer, app: Flask, live_auction: Auction, client: Browser) -> None:
    cookie = cookie_of(sign_in(client, "alice"))
    end_the_session(cookie, app)
    assert refusal(lambda: server.open(f"/auctions/{live_auction.id}/live", cookie=cookie)) == 401


@pytest.mark.parametrize("cookie", ["cashticket=rubbish", "cashticket=eyJfdXNlcl9pZCI6IjEuMS5hIn0.aaaaaa.bbbb"])
def test_a_forged_session_is_refused(server: LiveServer, live_auction: Auction, cookie: str) -> None:
    assert refusal(lambda: server.open(f"/auctions/{live_auction.id}/live", cookie=cookie)) == 401


def test_a_full_process_refuses_a_socket_until_another_is_closed(
    settings: config.Settings, live_auction: Auction
) -> None:
    with serving_with(settings, sockets_max=3) as server:
        path = f"/auctions/{live_auction.id}/live"
        first, second = server.open(path), server.open(path)
        assert refusal(lambda: server.open(path)) == 503
        first.close()
        opened_again(server, path).recv()
        assert second.connected


def test_one_person_gets_only_so_many_sockets(server: LiveServer, live_auction: Auction, client: Browser) -> None:
    path, cookie = f"/auctions/{live_auction.id}/live", cookie_of(sign_in(client, "alice"))
    for _ in range(PERSON_SOCKETS_MAX):
        server.open(path, cookie=cookie)
    assert refusal(lambda: server.open(path, cookie=cookie)) == 503
    assert server.open(path).recv()


def test_a_plain_request_is_asked_to_upgrade(client: Browser, live_auction: Auction) -> None:
    answer = client.get(f"/auctions/{live_auction.id}/live")
    assert (answer.status_code, answer.headers["Upgrade"]) == (426, "websocket")


def opened_again(server: LiveServer, path: str) -> websocket.WebSocket:
    """A socket as soon as there is a seat: the server frees one once it has noticed that a socket was closed."""
    for _ in range(500):
        try:
            return server.open(path)
        except websocket.WebSocketBadStatusException as refused:
            assert refused.status_code == 503
    raise AssertionError("no seat became free")
