"""Limits of nginx by client: forms and sockets, households of IPv6, and a second proxy in front."""

import json
import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lab.servers.nginx_server import Nginx

pytestmark = pytest.mark.sweep

# As docs/operations.md says it for a second proxy.
BEHIND_A_PROXY = "set_real_ip_from 127.0.0.1;\nreal_ip_header X-Forwarded-For;\nreal_ip_recursive on;\n"
FORMS_AT_ONCE = 101
Send = Callable[..., tuple[int, dict[str, str], str]]


class Echo(BaseHTTPRequestHandler):
    """A service that answers with the address that nginx passed on."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = self.headers["X-Forwarded-For"].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Requests of tests are not worth a line."""


@pytest.fixture(scope="module")
def service_port() -> Iterator[int]:
    """The port of a service that says from where a request came."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def send(nginx_program: str, service_port: int, tmp_path: Path) -> Iterator[Send]:
    """Send a request from a client to nginx, which stands behind another proxy. Returns status, headers and body."""
    nginx = Nginx(nginx_program, tmp_path / "nginx", [service_port, service_port], service_port)
    with (nginx.folder / "listen.conf").open("a") as file:
        file.write(BEHIND_A_PROXY)

    def request(method: str, path: str, client: str, **headers: str) -> tuple[int, dict[str, str], str]:
        connection = HTTPConnection("127.0.0.1", nginx.port, timeout=30)
        try:
            body = b"email=alice" if method == "POST" else None
            connection.request(method, path, body, {"X-Forwarded-For": client, **headers})
            answer = connection.getresponse()
            return answer.status, dict(answer.headers), answer.read().decode()
        finally:
            connection.close()

    try:
        nginx.start()
        yield request
    finally:
        nginx.stop()


def statuses(send: Send, path: str, client: str, times: int, method: str = "POST") -> list[int]:
    return [send(method, path, client)[0] for _ in range(times)]


@pytest.mark.parametrize("path", ["/login", "/signup", "/reset", "/reset/token", "/confirm/token", "/confirm/again"])
def test_a_crowd_behind_one_address_gets_through_and_a_flood_does_not(send: Send, path: str) -> None:
    assert statuses(send, path, "203.0.113.7", FORMS_AT_ONCE) == [200] * FORMS_AT_ONCE
    assert 429 in statuses(send, path, "203.0.113.7", 300)
    assert send("POST", path, "203.0.113.8")[0] == 200, "another client is free"


def test_looking_at_a_form_is_not_limited(send: Send) -> None:
    assert set(statuses(send, "/login", "203.0.113.7", 200, "GET")) == {200}


def test_checking_a_field_while_typing_spends_no_sign_up(send: Send) -> None:
    statuses(send, "/signup/hint", "203.0.113.7", 150)
    assert statuses(send, "/signup", "203.0.113.7", FORMS_AT_ONCE) == [200] * FORMS_AT_ONCE


@pytest.mark.parametrize(
    ("language", "title"), [("ko", "요청이 많아 잠시 기다려야 해요"), ("en", "Too many requests from your network")]
)
def test_people_read_a_page_and_programs_json(send: Send, language: str, title: str) -> None:
    statuses(send, "/reset", "203.0.113.7", FORMS_AT_ONCE + 5)
    status, headers, page = send(
        "POST", "/reset", "203.0.113.7", **{"Accept-Language": language, "Accept": "text/html"}
    )
    assert (status, headers["Retry-After"]) == (429, "60")
    assert headers["Content-Type"].startswith("text/html") and f"<h1>{title}</h1>" in page
    assert f'lang="{language}"' in page
    status, headers, text = send("POST", "/reset", "203.0.113.7", Accept="application/json")
    assert (status, headers["Content-Type"]) == (429, "application/problem+json")
    assert json.loads(text)["status"] == 429


def test_addresses_of_one_household_are_one_client(send: Send) -> None:
    clients = [f"2001:db8:7:1:{number:x}::{number:x}" for number in range(1, FORMS_AT_ONCE + 6)]
    answers = [send("POST", "/reset", client)[0] for client in clients]
    assert answers[:FORMS_AT_ONCE] == [200] * FORMS_AT_ONCE
    assert 429 in answers[FORMS_AT_ONCE:]
    assert send("POST", "/reset", "2001:db8:7:2::1")[0] == 200


def test_ipv4_in_the_clothes_of_ipv6_is_no_common_household(send: Send) -> None:
    clients = [f"::ffff:203.0.113.{number}" for number in range(1, FORMS_AT_ONCE + 20)]
    assert {send("POST", "/reset", client)[0] for client in clients} == {200}
    assert statuses(send, "/reset", "203.0.113.1", FORMS_AT_ONCE)[-1] == 429, "it is the address that it stands for"


def test_behind_a_second_proxy_everybody_keeps_an_address(send: Send) -> None:
    assert send("GET", "/", "198.51.100.7")[2] == "198.51.100.7"
    # The right-most address was written by the proxy; what stands before it, the caller claims.
    assert send("GET", "/", "192.0.2.1, 198.51.100.7")[2] == "198.51.100.7"
    statuses(send, "/login", "198.51.100.7", 300)
    assert send("POST", "/login", "198.51.100.8")[0] == 200
