"""When the hall is full nginx says so, and readers never take the places of bids."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.servers.installation import free_port
from lab.servers.nginx_server import Nginx
from lab.waiting import wait_until
from tests.nginx.programs import Caller

PLACES = 16
"""Places of readers in each of the two processes (deploy/compose/upstreams.conf)."""

FORM_PLACES = 8
"""Places of forms that hash passwords, likewise."""

HELD = (b"GET /concerts/", b"POST /login")


class SlowService:
    """Accepts connections: keeps every reader and every sign-in waiting until `release`, and answers others at once."""

    def __init__(self) -> None:
        self.port = free_port()
        self.readers: list[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", self.port), backlog=512)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            part = client.recv(65_536)
            if not part:
                return
            head += part
        if head.startswith(HELD):
            self.readers.append(client)
            return
        client.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        client.close()

    def release(self) -> None:
        for client in [*self.readers, self._server]:
            client.close()


@pytest.fixture
def hall(nginx_program: str, tmp_path: Path) -> Iterator[tuple[Nginx, Caller, SlowService, SlowService]]:
    """nginx before two services that keep readers waiting."""
    services = (SlowService(), SlowService())
    nginx = Nginx(nginx_program, tmp_path / "nginx", [each.port for each in services], services[0].port)
    try:
        yield nginx.start(), Caller(nginx.port), *services
    finally:
        nginx.stop()
        for each in services:
            each.release()


@contextmanager
def waiting_for(nginx: Nginx, count: int, begin: bytes = b"GET /concerts/") -> Iterator[None]:
    """So many people ask for this, by default for a page, and wait for it."""
    waiting = []
    for _ in range(count):
        client = socket.create_connection(("127.0.0.1", nginx.port))
        client.sendall(b"%b HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Length: 0\r\n\r\n" % (begin, nginx.port))
        waiting.append(client)
    try:
        yield
    finally:
        for client in waiting:
            client.close()


def test_readers_beyond_the_places_are_told_that_the_hall_is_full_and_bids_go_on(
    hall: tuple[Nginx, Caller, SlowService, SlowService],
) -> None:
    nginx, caller, first, second = hall
    with waiting_for(nginx, 2 * PLACES):
        wait_until(lambda: len(first.readers) == len(second.readers) == PLACES, "a full hall")
        for path in ("/", "/auctions/7", "/auctions/7/standing", "/me/header"):
            answer, body = caller.ask(path)
            assert answer.status == 503, path
            assert answer.headers["Retry-After"] and answer.headers["Cache-Control"] == "no-store"
            text = body.decode()
            assert "지금은 접속한 사람이 너무 많아요" in text and '<script src="/front/again.js" defer>' in text
            assert '<noscript><meta http-equiv="refresh"' in text
        english = caller.ask("/auctions/7", {"Cookie": "lang=en"})[1].decode()
        assert "Too many people are here right now" in english
        piece = caller.ask("/auctions/7/standing", {"HX-Request": "true"})[1].decode()
        assert piece.startswith('<p class="notice') and "<script" not in piece
        problem = caller.ask("/", {"Accept": "application/json"})[0]
        assert (problem.status, problem.headers.get_content_type()) == (503, "application/problem+json")
        # Bids, the review before them, and whatever else changes something are served as if nobody read.
        for path in ("/auctions/7/bids", "/awards/7/buy", "/logout"):
            assert [caller.ask(path, body=b"amount=1")[0].status for _ in range(20)] == [201] * 20, path
        assert caller.ask("/auctions/7/confirm?amount=1")[0].status == 201
    wait_until(lambda: caller.ask("/auctions/7/board")[0].status == 201, "places for readers again")


def test_a_sign_in_beyond_the_places_is_told_to_come_back_and_everything_else_goes_on(
    hall: tuple[Nginx, Caller, SlowService, SlowService],
) -> None:
    nginx, caller, first, second = hall
    with waiting_for(nginx, 2 * FORM_PLACES, b"POST /login"):
        wait_until(lambda: len(first.readers) == len(second.readers) == FORM_PLACES, "a queue of sign-ins")
        answer, body = caller.ask("/login", body=b"email=alice")
        assert answer.status == 503
        assert answer.headers["Retry-After"] and answer.headers["Cache-Control"] == "no-store"
        text = body.decode()
        assert "새로고침하면 입력한 내용을 다시 보내요" in text and "again.js" not in text
        assert "to send what you typed again" in caller.ask("/login", {"Cookie": "lang=en"}, b"email=a")[1].decode()
        assert caller.ask("/login")[0].status == caller.ask("/auctions/7/bids", body=b"amount=1")[0].status == 201
    wait_until(lambda: caller.ask("/signup", body=b"email=alice")[0].status == 201, "places for forms again")


def test_the_page_of_a_full_hall_brings_its_own_script(hall: tuple[Nginx, Caller, SlowService, SlowService]) -> None:
    answer, body = hall[1].ask("/front/again.js")
    assert answer.status == 200 and answer.headers.get_content_type() == "application/javascript"
    assert "location.reload()" in body.decode() and "Math.random()" in body.decode()


def test_what_was_sent_by_a_form_is_never_sent_again_by_the_page_itself(nginx_program: str, tmp_path: Path) -> None:
    nobody = free_port()
    nginx = Nginx(nginx_program, tmp_path / "nginx", [nobody, nobody], nobody)
    try:
        caller = Caller(nginx.start().port)
        for path, body in (("/", None), ("/logout", b"csrf_token=1"), ("/login", b"email=alice")):
            answer, page = caller.ask(path, body=body)
            assert answer.status in (502, 503), path
            assert (b"again.js" in page) == (b"http-equiv" in page) == (body is None), path
    finally:
        nginx.stop()
