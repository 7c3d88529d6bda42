"""The socket of an auction page, from the handshake to the close frame, on a real server."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import redis
import websocket
from flask import Flask

from cashticket import config, create_app
from cashticket.accounts import sessions
from cashticket.auction.values import Accepted, Permission, State
from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.live import hubs
from cashticket.live.capacity import PERSON_SOCKETS_MAX
from cashticket.models import Auction, Person
from cashticket.models.columns import utcnow
from cashticket.notify import inbox
from tests.fixtures.people import Browser, sign_in
from tests.staging.auctions import open_auction
from tests.web.live_server import LiveServer, close_code, frames_until, serving


@pytest.fixture
def auction(app: Flask, people: dict[str, Person]) -> Auction:
    """One seat, running, and everybody introduced."""
    auction_id = open_auction(seats=1, people=[person.id for person in people.values()])
    row = db.session.get_one(Auction, auction_id)
    # A test may end the session that the row came from.
    db.session.expunge_all()
    return row


@pytest.fixture
def server(app: Flask) -> Iterator[LiveServer]:
    with serving(app) as running:
        yield running


@contextmanager
def serving_with(settings: config.Settings, **changes: object) -> Iterator[LiveServer]:
    """A server of its own under changed settings."""
    with serving(create_app(replace(settings, **changes))) as running:
        yield running


def bid(app: Flask, auction: Auction, person: Person, amount: int) -> Accepted:
    answer = app.extensions["engine"].place_bid(auction.id, person.id, person.session_epoch, amount, f"bid-{amount}")
    assert isinstance(answer, Accepted), answer
    return answer


def cookie_of(browser: Browser) -> str:
    held = browser.get_cookie("cashticket")
    assert held is not None
    return f"cashticket={held.value}"


def refusal(open_socket: Callable[[], object]) -> int:
    """The status a handshake is refused with."""
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        open_socket()
    return int(refused.value.status_code)


def root(frame: str) -> str | None:
    found = re.match(r'\s*<section id="(\w+)" hx-swap-oob="outerMorph"', frame)
    return found and found.group(1)


def test_a_stranger_gets_the_present_board_and_every_change(
    server: LiveServer, app: Flask, auction: Auction, people: dict[str, Person]
) -> None:
    line = server.open(f"/auctions/{auction.id}/live")
    first = line.recv()
    assert root(first) == "board" and 'data-version="1"' in first
    bid(app, auction, people["alice"], 120_000)
    assert "120,000원" in frames_until(line, lambda frame: 'data-version="2"' in frame)[-1]


def test_a_signed_in_person_also_gets_the_standing(server: LiveServer, auction: Auction, client: Browser) -> None:
    line = server.open(f"/auctions/{auction.id}/live", cookie=cookie_of(sign_in(client, "alice")))
    assert [root(frame) for frame in frames_until(line, lambda frame: root(frame) == "standing")] == [
        "board",
        "standing",
    ]


def test_frames_are_in_the_language_that_was_asked_for(server: LiveServer, app: Flask, auction: Auction) -> None:
    assert "₩" in server.open(f"/auctions/{auction.id}/live?lang=en").recv()


def test_rank_out_is_told_with_its_sequence_and_nothing_else_carries_an_alert(
    server: LiveServer, app: Flask, auction: Auction, people: dict[str, Person], client: Browser
) -> None:
    bid(app, auction, people["alice"], 120_000)
    line = server.open(f"/auctions/{auction.id}/live", cookie=cookie_of(sign_in(client, "alice")))
    before = frames_until(line, lambda frame: root(frame) == "standing")
    sequence = bid(app, auction, people["bob"], 130_000).sequence
    after = frames_until(line, lambda frame: root(frame) == "standing" and 'data-position="out"' in frame)
    carrying = [frame for frame in before + after if "data-alert" in frame]
    assert len(carrying) == 1 and f'data-alert="rank-out" data-sequence="{sequence}"' in carrying[0]
    assert all("data-version=" in frame for frame in before + after)


def alerts(frames: list[str]) -> list[str]:
    """Sequences of the alerts among these frames."""
    return [found[1] for frame in frames if (found := re.search(r'data-alert="rank-out" data-sequence="(\d+)"', frame))]


def until_out(line: websocket.WebSocket) -> list[str]:
    return frames_until(line, lambda frame: root(frame) == "standing" and 'data-position="out"' in frame)


def record(app: Flask, auction: Auction) -> None:
    while record_waiting(app.extensions["engine"], auction.id):
        pass


@pytest.mark.parametrize("recorded", [True, False])
def test_who_was_offline_is_told_on_coming_back_whether_or_not_the_ledger_has_it_yet(
    server: LiveServer, app: Flask, auction: Auction, people: dict[str, Person], client: Browser, recorded: bool
) -> None:
    bid(app, auction, people["alice"], 120_000)
    cookie, path = cookie_of(sign_in(client, "alice")), f"/auctions/{auction.id}/live"
    line = server.open(path, cookie=cookie)
    frames_until(line, lambda frame: root(frame) == "standing")
    line.shutdown()
    sequence = bid(app, auction, people["bob"], 130_000).sequence
    if recorded:
        record(app, auction)
    assert alerts(until_out(server.open(path, cookie=cookie))) == [str(sequence)]


def test_a_new_process_tells_who_comes_back(
    settings: config.Settings, app: Flask, auction: Auction, people: dict[str, Person], client: Browser
) -> None:
    bid(app, auction, people["alice"], 120_000)
    sequence = bid(app, auction, people["bob"], 130_000).sequence
    with serving_with(settings) as server:
        line = server.open(f"/auctions/{auction.id}/live", cookie=cookie_of(sign_in(client, "alice")))
        assert alerts(until_out(line)) == [str(sequence)]


def test_what_was_read_of_is_not_told_again_also_by_the_process_that_has_just_told_it(
    server: LiveServer, app: Flask, auction: Auction, people: dict[str, Person], client: Browser
) -> None:
    alice, path = people["alice"].id, f"/auctions/{auction.id}/live"
    cookie = cookie_of(sign_in(client, "alice"))
    bid(app, auction, people["alice"], 120_000)
    line = server.open(path, cookie=cookie)
    frames_until(line, lambda frame: root(frame) == "standing")
    sequence = bid(app, auction, people["bob"], 130_000).sequence
    assert alerts(until_out(line)) == [str(sequence)]
    record(app, auction)
    assert inbox.acknowledge_rank_out(alice, auction.id, sequence, utcnow()) == 1
    assert alerts(until_out(server.open(path, cookie=cookie))) == []


def test_nobody_is_told_of_the_displacement_of_another(
    server: LiveServer, app: Flask, auction: Auction, people: dict[str, Person], client: Browser
) -> None:
    bid(app, auction, people["alice"], 120_000)
    bid(app, auction, people["bob"], 130_000)
    record(app, auction)
    bid(app, auction, people["carol"], 110_000)
    cookie = cookie_of(sign_in(client, "carol"))
    assert alerts(until_out(server.open(f"/auctions/{auction.id}/live", cookie=cookie))) == []


def test_frames_never_name_anybody(server: LiveServer, app: Flask, auction: Auction, people: dict[str, Person]) -> None:
    bid(app, auction, people["alice"], 120_000)
    board = server.open(f"/auctions/{auction.id}/live").recv()
    for private in ("Alice", "alice", "example.com", f'="{people["alice"].id}"'):
        assert private not in re.sub(r'data-(auction|version)="\d+"', "", board)


def test_after_settlement_each_page_fetches_its_own_standing(
    server: LiveServer, app: Flask, auction: Auction, client: Browser
) -> None:
    line = server.open(f"/auctions/{auction.id}/live", cookie=cookie_of(sign_in(client, "alice")))
    frames_until(line, lambda frame: root(frame) == "standing")
    app.extensions["engine"].finish(auction.id, State.SETTLED)
    seen = frames_until(line, lambda frame: f'hx-get="/auctions/{auction.id}/standing"' in frame)
    assert any(root(frame) == "board" and 'data-state="settled"' in frame for frame in seen)


# What is refused before the handshake


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
def test_a_foreign_origin_is_refused(server: LiveServer, auction: Auction, origin: str | None) -> None:
    host, port = server.address.split(":")
    sent = origin and origin.format(address=server.address, host=host, port=port)
    assert refusal(lambda: server.open(f"/auctions/{auction.id}/live", origin=sent)) == 403


GOOD_KEY = "dGhlIHNhbXBsZSBub25jZQ=="


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
def test_what_is_no_handshake_is_refused_as_such(
    server: LiveServer, auction: Auction, changed: dict[str, str | None], status: int
) -> None:
    headers = {"Host": server.address, "Origin": f"http://{server.address}", "Upgrade": "websocket"}
    headers |= {"Connection": "Upgrade", "Sec-WebSocket-Key": GOOD_KEY, "Sec-WebSocket-Version": "13"}
    lines = [f"{name}: {value}" for name, value in {**headers, **changed}.items() if value is not None]
    host, port = server.address.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall("\r\n".join([f"GET /auctions/{auction.id}/live HTTP/1.1", *lines, "", ""]).encode("latin-1"))
        assert line.recv(4096).split(b" ")[1] == str(status).encode()


def test_in_production_only_the_configured_address_is_ours(settings: config.Settings, auction: Auction) -> None:
    with serving_with(settings, app_env="production", base_url="https://Tickets.example:443") as server:
        path = f"/auctions/{auction.id}/live"
        assert refusal(lambda: server.open(path)) == 403
        assert server.open(path, origin="https://tickets.example").recv()


def test_an_unknown_auction_is_not_found(server: LiveServer, auction: Auction) -> None:
    assert refusal(lambda: server.open(f"/auctions/{auction.id + 1}/live")) == 404


def test_an_auction_the_live_store_lost_is_unavailable(
    server: LiveServer, redis_client: redis.Redis, auction: Auction
) -> None:
    redis_client.flushall()
    assert refusal(lambda: server.open(f"/auctions/{auction.id}/live")) == 503


def test_an_ended_session_is_refused(server: LiveServer, app: Flask, auction: Auction, client: Browser) -> None:
    cookie = cookie_of(sign_in(client, "alice"))
    end_the_session(cookie, app)
    assert refusal(lambda: server.open(f"/auctions/{auction.id}/live", cookie=cookie)) == 401


@pytest.mark.parametrize("cookie", ["cashticket=rubbish", "cashticket=eyJfdXNlcl9pZCI6IjEuMS5hIn0.aaaaaa.bbbb"])
def test_a_forged_session_is_refused(server: LiveServer, auction: Auction, cookie: str) -> None:
    assert refusal(lambda: server.open(f"/auctions/{auction.id}/live", cookie=cookie)) == 401


def test_a_full_process_refuses_and_takes_the_next_when_one_leaves(settings: config.Settings, auction: Auction) -> None:
    with serving_with(settings, sockets_max=2) as server:
        path = f"/auctions/{auction.id}/live"
        first, second = server.open(path), server.open(path)
        assert refusal(lambda: server.open(path)) == 503
        first.close()
        opened_again(server, path).recv()
        assert second.connected


def test_one_person_gets_only_so_many_sockets(server: LiveServer, auction: Auction, client: Browser) -> None:
    path, cookie = f"/auctions/{auction.id}/live", cookie_of(sign_in(client, "alice"))
    for _ in range(PERSON_SOCKETS_MAX):
        server.open(path, cookie=cookie)
    assert refusal(lambda: server.open(path, cookie=cookie)) == 503
    assert server.open(path).recv()


def test_a_plain_request_is_told_to_upgrade(client: Browser, auction: Auction) -> None:
    answer = client.get(f"/auctions/{auction.id}/live")
    assert (answer.status_code, answer.headers["Upgrade"]) == (426, "websocket")


# What an open socket holds, and how it ends


def test_many_open_sockets_leave_the_database_to_the_pages(
    server: LiveServer, auction: Auction, client: Browser, browser: Callable[[], Browser]
) -> None:
    cookies = [cookie_of(sign_in(client, "alice")), cookie_of(sign_in(browser(), "bob"))]
    for number in range(24):
        server.open(f"/auctions/{auction.id}/live", cookie=cookies[number % 2]).recv()
    assert sign_in(browser(), "carol")


def test_a_session_ended_elsewhere_closes_its_socket_and_no_other(
    server: LiveServer, app: Flask, auction: Auction, client: Browser, browser: Callable[[], Browser]
) -> None:
    ended, living = (cookie_of(sign_in(each, "alice")) for each in (client, browser()))
    path = f"/auctions/{auction.id}/live"
    closed, kept = server.open(path, cookie=ended), server.open(path, cookie=living)
    for line in (closed, kept):
        frames_until(line, lambda frame: root(frame) == "standing")
    person = end_the_session(ended, app)
    app.extensions["engine"].introduce(auction.id, person.id, Permission.OK, person.session_epoch, person.revision)
    assert close_code(closed) == 1008
    bid(app, auction, person, 120_000)
    frames_until(kept, lambda frame: root(frame) == "standing" and 'data-position="winning"' in frame)


def test_a_process_that_ends_asks_browsers_to_come_back(server: LiveServer, auction: Auction) -> None:
    line = server.open(f"/auctions/{auction.id}/live")
    line.recv()
    hubs.close_all()
    assert close_code(line) == 1012


def test_what_a_browser_sends_is_ignored_and_too_much_of_it_ends_the_socket(
    server: LiveServer, app: Flask, auction: Auction, people: dict[str, Person]
) -> None:
    line = server.open(f"/auctions/{auction.id}/live")
    line.recv()
    line.send('{"amount": 999999}')
    bid(app, auction, people["alice"], 120_000)
    frames_until(line, lambda frame: 'data-version="2"' in frame)
    for _ in range(100):
        line.send("hello")
    assert close_code(line) == 1008


def test_an_oversized_message_ends_the_socket(server: LiveServer, auction: Auction) -> None:
    line = server.open(f"/auctions/{auction.id}/live")
    line.recv()
    line.send("x" * 5000)
    assert close_code(line) == 1009


def test_who_answers_no_ping_is_dropped_and_may_come_back(
    settings: config.Settings, auction: Auction, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(settings)
    assert app.config["SOCK_SERVER_OPTIONS"]["ping_interval"] * 2 < 30, "dropped within half a minute"
    app.config["SOCK_SERVER_OPTIONS"] = {**app.config["SOCK_SERVER_OPTIONS"], "ping_interval": 0.2}
    with serving(app) as server:
        line = server.open(f"/auctions/{auction.id}/live")
        monkeypatch.setattr(line, "pong", lambda payload: None)
        # Not 1008: that would tell the page that its session has ended.
        assert close_code(line) == 1013


def opened_again(server: LiveServer, path: str) -> websocket.WebSocket:
    """A socket as soon as there is room: a seat is free once the server has noticed who left."""
    for _ in range(500):
        try:
            return server.open(path)
        except websocket.WebSocketBadStatusException as refused:
            assert refused.status_code == 503
    raise AssertionError("no seat became free")


def end_the_session(cookie: str, app: Flask) -> Person:
    """End the one session of this cookie, as remote sign-out does."""
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    held = sessions.Principal.parse(serializer.loads(cookie.partition("=")[2])["_user_id"])
    assert held is not None
    person = sessions.end(held)
    assert person is not None
    db.session.remove()
    return person
