"""nginx's line for each request: what a collector needs, and nothing that names a person or opens a door."""

import ipaddress
import re
import subprocess
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from cashticket.accounts.browsers import BROWSERS, family
from cashticket.logs.clients import shortened
from lab.servers.installation import ServerProcess, free_port
from lab.servers.nginx_server import DEPLOY
from lab.waiting import wait_until
from tests.nginx.front import Front, line_of

TOKEN = "WzEsImFiY2RlZiJd.Zx1y2w.hq3Jw0cJm9QdVx4mM1q8a7tB2nE"
FIELDS = {
    "time", "level", "logger", "event", "process", "request_id", "client", "method", "path", "status", "bytes",
    "seconds", "upstream_seconds", "cache", "limit", "protocol", "browser",
}  # fmt: skip


@pytest.fixture
def asked(front: Front) -> Callable[..., tuple[Any, dict[str, Any]]]:
    """Sends a request through nginx and returns the answer and its line in the log."""

    def ask(path: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> tuple[Any, dict[str, Any]]:
        answer, _ = front.ask(path, headers, body)
        return answer, line_of(front.nginx.access_log, answer.headers["X-Request-ID"])

    return ask


def test_a_request_is_one_line_of_json(asked: Callable[..., Any]) -> None:
    answer, line = asked("/concerts/?q=alice@example.com", {"User-Agent": "Mozilla/5.0 (X11) Firefox/131.0"})
    assert set(line) == FIELDS
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)", line["time"])
    assert (line["method"], line["path"], line["status"]) == ("GET", "/concerts/", answer.status)
    assert (line["client"], line["browser"], line["process"]) == ("127.0.0.0/24", "Firefox", "proxy")


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        (f"/reset/{TOKEN}", "/reset/[token]"),
        (f"/confirm/{TOKEN}?next=/me", "/confirm/[token]"),
        (f"/unsubscribe/{TOKEN}?lang=en", "/unsubscribe/[token]"),
        ("/reset/short", "/reset/[token]"),
        ("/reset/sent", "/reset/sent"),
        ("/confirm/again", "/confirm/again"),
        (f"/somewhere/new/{TOKEN}", "/somewhere/new/[token]"),
        (f"/%72eset/{TOKEN}", "/"),
        ("/login?next=/me&email=alice@example.com", "/login"),
        ("/people/alice@example.com", "/people/alice"),
    ],
)
def test_the_path_has_neither_query_nor_token(asked: Callable[..., Any], path: str, logged: str) -> None:
    assert asked(path)[1]["path"] == logged


def test_every_answer_names_its_request_and_passes_the_code_on(front: Front, asked: Callable[..., Any]) -> None:
    given = front.told("/healthz", {"X-Request-ID": "mine-mine-mine"})["headers"]["X-Request-Id"]
    assert re.fullmatch("[0-9a-f]{32}", given), "what the caller says about it is dropped"
    codes = {asked(path)[0].headers["X-Request-ID"] for path in ("/", "/nowhere", "/metrics", "/static/app.css") * 2}
    assert len(codes) == 8


def test_the_page_of_an_error_shows_the_code_that_is_logged(front: Front) -> None:
    for path in ("/nowhere", "/metrics"):
        answer, body = front.ask(path)
        code = answer.headers["X-Request-ID"]
        assert answer.status == 404 and code in body.decode()
        assert line_of(front.nginx.access_log, code)["status"] == 404


def test_a_forged_line_stays_a_value(asked: Callable[..., Any]) -> None:
    _, line = asked('/x"}{"event":"sign_in.ok', {"User-Agent": 'Chrome/1 "}\t{"'})
    assert line["event"] == "request" and line["browser"] == "Chrome"


def test_no_line_holds_a_whole_address_or_agent(front: Front) -> None:
    text = front.nginx.access_log.read_text()
    assert "127.0.0.1" not in text and "Mozilla" not in text


ADDRESSES = [
    "203.0.113.77", "10.0.0.1", "2001:db8:1:2:3:4:5:6", "2001:db8::1", "2001:db8:0:1::5", "2001:db8:0:1:2:3:4:5",
    "fe80::1", "2001::1:2:3:4:5", "2001:0:0:1:2:3:4:5", "2001:db8:1::2:3:4", "2001:db8:1:2::", "::1",
    "::ffff:203.0.113.77", "2001:db8:a:b:c::1",
]  # fmt: skip


def test_networks_and_browsers_are_those_of_the_application(nginx_program: str, tmp_path: Path) -> None:
    agents = [f"Mozilla/5.0 {mark} Safari/1" for mark, _ in BROWSERS] + ["curl/8", ""]
    port = free_port()
    (tmp_path / "nginx.conf").write_text(
        "error_log stderr crit; pid nginx.pid; events {}\n"
        f"http {{ access_log off; include {DEPLOY}/front/log.conf;\n"
        "set_real_ip_from 127.0.0.1; real_ip_header X-Client;\n"
        f"server {{ listen 127.0.0.1:{port};\n"
        "location / { return 200 '$client_network|$browser_name'; } } }\n"
    )
    process = ServerProcess("nginx-maps", own_command(nginx_program, tmp_path), {}, tmp_path)
    process.start()
    try:
        wait_until(lambda: process.is_running() and answers(port, {}), "nginx")
        for address in ADDRESSES:
            written = str(ipaddress.ip_address(address)) if "ffff" not in address else address
            assert answers(port, {"X-Client": written}).split("|")[0] == shortened(address), address
        for agent in agents:
            assert answers(port, {"User-Agent": agent}).split("|")[1] == family(agent), agent
    finally:
        process.stop()


def own_command(program: str, folder: Path) -> list[str]:
    account = "user root; " if subprocess.check_output(["id", "-u"]).strip() == b"0" else ""
    return [program, "-p", f"{folder}/", "-c", str(folder / "nginx.conf"), "-g", f"{account}daemon off;"]


def answers(port: int, headers: dict[str, str]) -> str:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/", headers=headers)
        return connection.getresponse().read().decode()
    except ConnectionRefusedError:
        return ""
    finally:
        connection.close()
