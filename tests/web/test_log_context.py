"""Each request has a code that its log lines and its error page share; lines name the endpoint, never the address."""

import re
from dataclasses import replace
from typing import NoReturn

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from cashticket import config, create_app
from tests.fixtures.logs import LogLines
from tests.fixtures.people import Browser

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TOKEN = "WzEsImFiY2RlZiJd.Zx1y2w.hq3Jw0cJm9QdVx4mM1q8a7tB2nE"
GIVEN = "0123456789abcdef0123456789abcdef"
CODE = re.compile("<code>([A-Za-z0-9_-]{8,64})</code>")


def broken_door(secret: str) -> NoReturn:
    raise OperationalError("INSERT", {"email": "alice@example.com"}, ValueError(f"{secret} alice@example.com"))


def bug(secret: str) -> NoReturn:
    raise KeyError(f"{secret} alice@example.com")


@pytest.fixture
def app(settings: config.Settings) -> Flask:
    """Behind one proxy, with two doors that fail below an address with a secret in it."""
    application = create_app(replace(settings, proxies=1))
    application.config["PROPAGATE_EXCEPTIONS"] = False
    application.add_url_rule("/broken/<secret>", "broken", broken_door)
    application.add_url_rule("/bug/<secret>", "bug", bug)
    application.test_client_class = Browser
    return application


@pytest.fixture
def client(app: Flask) -> Browser:
    return app.test_client()


@pytest.mark.parametrize(
    ("language", "label"), [("ko", "고객센터에 알려 줄 코드:"), ("en", "Code for customer service:")]
)
@pytest.mark.parametrize("path", ["/broken/x", "/bug/x", "/no-such-page"])
def test_an_error_page_shows_the_code_of_the_request(client: Browser, path: str, language: str, label: str) -> None:
    page = client.get(f"{path}?lang={language}", headers={"X-Request-ID": GIVEN}).get_data(as_text=True)
    assert label in page
    assert CODE.findall(page) == [GIVEN]


def test_programs_and_pieces_get_the_code_too(client: Browser) -> None:
    given = {"X-Request-ID": GIVEN}
    assert client.get("/no-such-page", headers={**given, "Accept": "application/json"}).get_json()["code"] == GIVEN
    piece = client.get("/no-such-page", headers={**given, "HX-Request": "true", "HX-Request-Type": "partial"})
    assert CODE.findall(piece.get_data(as_text=True)) == [GIVEN]


@pytest.mark.parametrize(
    "forged",
    ["", "short", "x" * 65, "a b c d e f g h", 'x"}{"event":"sign_in.ok', "alice@example.com", "코드코드코드코드"],
)
def test_a_code_that_nginx_would_not_give_is_replaced(client: Browser, forged: str) -> None:
    page = client.get("/no-such-page", headers={"X-Request-ID": forged.encode().decode("latin-1")})
    [code] = CODE.findall(page.get_data(as_text=True))
    assert re.fullmatch("[0-9a-f]{32}", code)


def test_without_a_proxy_nobody_else_may_name_a_request(settings: config.Settings) -> None:
    application = create_app(replace(settings, proxies=0))
    application.test_client_class = Browser
    page = application.test_client().get("/no-such-page", headers={"X-Request-ID": GIVEN})
    assert CODE.findall(page.get_data(as_text=True)) != [GIVEN]


@pytest.mark.parametrize(("path", "endpoint"), [("/broken", "broken"), ("/bug", "bug")])
def test_a_failure_is_one_line_with_code_and_endpoint(
    client: Browser, log_lines: LogLines, path: str, endpoint: str
) -> None:
    headers = {"X-Request-ID": GIVEN, "X-Forwarded-For": "203.0.113.77"}
    assert client.get(f"{path}/{TOKEN}?email=alice@example.com", headers=headers).status_code >= 500
    [line] = log_lines.all()
    assert (line["request_id"], line["endpoint"], line["client"]) == (GIVEN, endpoint, "203.0.113.0/24")
    assert "alice" not in log_lines.text and "WzEs" not in log_lines.text and path not in log_lines.text


def test_a_bug_says_where_it_is(client: Browser, log_lines: LogLines) -> None:
    client.get("/bug/x")
    [line] = log_lines.all()
    assert (line["event"], line["error"], line["level"]) == ("an error was not handled", "KeyError", "error")
    assert line["trace"][-1].startswith("tests/web/test_log_context.py:")
    assert line["trace"][-1].endswith(" bug")


def test_the_next_request_of_a_thread_has_a_code_of_its_own(app: Flask, log_lines: LogLines) -> None:
    # Not through `Browser`, which gives each request a context of its own, as a new thread would.
    client = app.test_client()
    client.__class__ = Flask.test_client_class or type(client).__mro__[1]
    client.get("/bug/x", headers={"X-Request-ID": GIVEN})
    client.get("/bug/y")
    first, second = log_lines.all()
    assert first["request_id"] == GIVEN != second["request_id"]
