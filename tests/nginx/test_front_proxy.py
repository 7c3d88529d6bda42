"""nginx.conf as it stands, in front of two web processes: who is asked, what is passed on, what is kept."""

import json
import socket
from contextlib import suppress

import pytest
from websocket import WebSocket, WebSocketBadStatusException, create_connection

from cashticket.blueprints.request.security import HEADERS
from lab.waiting import wait_until
from tests.nginx.front import Front

JSON = {"Accept": "application/json"}
SPOOFED = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "tickets.evil.example",
    "X-Forwarded-Port": "1",
    "X-Forwarded-Prefix": "/evil",
    "X-Real-IP": "203.0.113.9",
    "Forwarded": "for=203.0.113.9;host=tickets.evil.example;proto=https",
}


def test_nginx_finds_no_fault_in_its_configuration(front: Front) -> None:
    checked = front.nginx.check()
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr


def test_a_page_comes_through_and_says_nothing_about_the_server(front: Front) -> None:
    answer, body = front.ask("/login")
    assert answer.status == 200
    assert b"csrf_token" in body
    assert answer.headers["Server"] == "nginx"


def test_an_answer_that_the_service_made_without_the_application_is_protected_too(front: Front) -> None:
    """gunicorn takes 100 header fields at most and answers by itself; the application never sees the request."""
    many = {f"X-Field-{number}": "x" for number in range(150)}
    answer, body = front.ask("/login", many)
    assert answer.status == 431 and b"limit request headers fields" in body
    for name, value in HEADERS.items():
        assert answer.headers.get_all(name) == [value], name
    assert answer.headers["Cache-Control"] == "no-store"


def test_both_processes_serve(front: Front) -> None:
    assert len({front.told("/login")["process"] for _ in range(20)}) == 2


@pytest.mark.parametrize("name", sorted(SPOOFED))
def test_what_a_caller_claims_about_itself_is_not_believed(front: Front, name: str) -> None:
    told = front.told("/login", {name: SPOOFED[name]})
    assert (told["address"], told["scheme"], told["prefix"]) == ("127.0.0.1", "http", "")
    assert told["host"] == f"127.0.0.1:{front.nginx.port}"
    assert "203.0.113.9" not in json.dumps(told)
    assert "evil" not in json.dumps(told)


def test_measurements_stay_inside(front: Front) -> None:
    assert front.ask("/metrics")[0].status == 404
    assert front.webs[0].says("/metrics") == 200


def test_a_body_that_is_too_long_is_refused_at_the_front(front: Front) -> None:
    assert front.ask(front.bids, {"X-Witness": "tell"}, b"x" * 70_000)[0].status == 413


class TestBids:
    def test_a_bid_that_was_sent_is_never_sent_again(self, front: Front) -> None:
        answer, body = front.ask(front.bids, {"X-Witness": "die", **JSON}, b"amount=100000")
        assert (answer.status, answer.headers["Content-Type"]) == (504, "application/json")
        assert json.loads(body) == {"outcome": "unknown"}
        assert front.deaths.read_text().splitlines() == [f"POST {front.bids}"]

    def test_a_refusal_of_the_product_is_passed_on_as_it_is(self, front: Front) -> None:
        answer, body = front.ask(front.bids, {"Accept": "application/json"}, b"amount=100000")
        assert answer.status in (400, 401)
        assert answer.headers["Content-Type"].startswith("application/problem+json"), body

    def test_one_session_that_is_too_fast_is_slowed_down_alone(self, front: Front) -> None:
        def send(session: str) -> int:
            return front.ask(front.bids, {"Cookie": f"cashticket={session}", "X-Witness": "tell"}, b"amount=1")[
                0
            ].status

        assert any(send("mallory") == 429 for _ in range(2_000))
        assert send("alice") == 200
        answer, _ = front.ask("/login")
        assert answer.status == 200

    def test_the_hasty_are_told_when_to_come_back(self, front: Front) -> None:
        def slowed() -> dict[str, str] | None:
            headers = {"Cookie": "__Host-cashticket=m2", "X-Witness": "tell", **JSON}
            answer, _ = front.ask(front.bids, headers, b"amount=1")
            return dict(answer.headers) if answer.status == 429 else None

        found = next(headers for _ in range(2_000) if (headers := slowed()))
        assert (found["Retry-After"], found["Content-Type"]) == ("1", "application/problem+json")


class TestWhatAllSee:
    @pytest.mark.parametrize("rest", ["board?lang=ko", "ladder?lang=ko", "ladder?lang=en&page=1", "history"])
    def test_the_same_piece_is_kept_for_a_second(self, front: Front, rest: str) -> None:
        path = f"/auctions/{front.auction_id}/{rest}"
        wait_until(lambda: front.told(path)["request"] == front.told(path)["request"], "a piece that was kept")
        kept = front.told(path)["request"]
        wait_until(lambda: front.told(path)["request"] != kept, "a newer piece")

    @pytest.mark.parametrize("rest", ["board?lang=en", "ladder?lang=en", "history"])
    def test_nobodys_cookie_reaches_what_all_see(self, front: Front, rest: str) -> None:
        told = front.told(f"/auctions/{front.auction_id}/{rest}", {"Cookie": "cashticket=secret"})
        assert "Cookie" not in told["headers"]

    @pytest.mark.parametrize("path", ["/", "/concerts/", "/login", "/me", "/me/profile", "/posters/x", "/no-such-page"])
    def test_no_whole_page_is_kept(self, front: Front, path: str) -> None:
        cookies = [f"cashticket={who}" for who in ("alice", "mallory", "alice")]
        seen = [front.told(path, {"Cookie": cookie}) for cookie in cookies]
        assert [told["headers"]["Cookie"] for told in seen] == cookies
        assert len({told["request"] for told in seen}) == 3

    @pytest.mark.parametrize(
        "rest", ["board", "board?lang=fr", "standing?lang=ko", "ladder", "ladder?page=1", "ladder?page=1&lang=ko"]
    )
    def test_nothing_else_is_kept(self, front: Front, rest: str) -> None:
        path = f"/auctions/{front.auction_id}/{rest}"
        headers = {"Cookie": "cashticket=one"}
        seen = [front.told(path, headers) for _ in range(4)]
        assert len({told["request"] for told in seen}) == 4
        assert {told["headers"]["Cookie"] for told in seen} == {"cashticket=one"}

    def test_the_real_board_comes_through(self, front: Front) -> None:
        path = f"/auctions/{front.auction_id}/board?lang=ko"
        wait_until(lambda: b'id="board"' in front.ask(path)[1], "the board itself")
        answer, _ = front.ask(path)
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")


class TestSockets:
    def connected(self, front: Front, path: str) -> WebSocket:
        return create_connection(
            f"ws://127.0.0.1:{front.nginx.port}{path}",
            timeout=20,
            origin=f"http://127.0.0.1:{front.nginx.port}",
            header=["Sec-WebSocket-Extensions: permessage-deflate"],
        )

    def test_an_open_auction_is_pushed(self, front: Front) -> None:
        client = self.connected(front, f"/auctions/{front.auction_id}/live")
        try:
            assert 'id="board"' in str(client.recv())
            assert "sec-websocket-extensions" not in (client.getheaders() or {})
        finally:
            client.close()

    @pytest.mark.parametrize(
        "path", ["/login", "/me/x", "/me/live/", "/auctions/7/standing", "/auctions/7/board", "/auctions/7/live/"]
    )
    def test_no_other_page_changes_protocol(self, front: Front, path: str) -> None:
        with pytest.raises(WebSocketBadStatusException):
            self.connected(front, path).close()
        told = front.told(path, {"Connection": "Upgrade", "Upgrade": "websocket"})
        assert "Upgrade" not in told["headers"]

    def test_the_socket_of_a_person_reaches_the_service_that_asks_who_it_is(self, front: Front) -> None:
        with pytest.raises(WebSocketBadStatusException) as refused:
            self.connected(front, "/me/live").close()
        assert refused.value.status_code == 401

    @pytest.mark.parametrize("path", ["/auctions/7/live", "/me/live"])
    def test_a_socket_changes_to_no_other_protocol(self, front: Front, path: str) -> None:
        told = front.told(path, {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c"})
        assert "Upgrade" not in told["headers"]


class TestOutages:
    def test_one_process_away_is_noticed_by_nobody(self, front: Front) -> None:
        front.webs[1].kill()
        left = {front.told("/login")["process"] for _ in range(10)}
        assert len(left) == 1
        # Nothing had been sent to the one that is away, so a bid, too, may go to the other.
        assert {front.told(front.bids, {}, b"amount=1")["process"] for _ in range(10)} == left
        front.webs[1].start()
        wait_until(front.webs[1].is_ready, "the process that came back")
        wait_until(lambda: len({front.told("/login")["process"] for _ in range(4)}) == 2, "its share of the work")

    def test_a_sender_that_stops_is_given_up(self, front: Front) -> None:
        with socket.create_connection(("127.0.0.1", front.nginx.port), timeout=25) as slow:
            slow.sendall(b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf")
            with suppress(ConnectionResetError):
                assert slow.recv(1024) == b""
