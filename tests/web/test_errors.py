"""Errors are pages for people, pieces for htmx and problem documents for programs."""

import json
from collections.abc import Callable
from typing import NoReturn

import pytest
import redis
from flask import Flask, abort
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from cashticket.accounts.passwords import TooBusy
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable
from cashticket.models import Person
from tests.fixtures.people import Browser, sign_in

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

STATUSES = (400, 401, 403, 404, 405, 409, 413, 429, 500, 503, 504)


def raising(error: BaseException) -> Callable[[], NoReturn]:
    def door() -> NoReturn:
        raise error

    return door


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize(("lang", "word"), [("ko", "CashTicket"), ("en", "CashTicket")])
def test_an_error_is_a_whole_page_in_the_readers_language(
    app: Flask, client: Browser, status: int, lang: str, word: str
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.add_url_rule("/door", "door", lambda: abort(status))
    answer = client.get(f"/door?lang={lang}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert f'<html lang="{lang}">' in page
    assert "<h1" in page
    assert word in page


@pytest.mark.parametrize("status", STATUSES)
def test_an_error_is_a_problem_document_for_programs(app: Flask, client: Browser, status: int) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.add_url_rule("/door", "door", lambda: abort(status))
    answer = client.get("/door", headers={"Accept": "application/json"})
    document = json.loads(answer.data)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert document["status"] == status
    assert document["type"] == "about:blank"
    assert document["title"]
    assert document["detail"]


def test_an_error_is_a_piece_for_htmx(client: Browser) -> None:
    answer = client.get("/no-such-piece", headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 404
    assert 'role="alert"' in page
    assert "<html" not in page
    assert "HX-Request" in answer.headers["Vary"]


@pytest.mark.parametrize(
    "error",
    [
        StoreUnavailable("away"),
        redis.ConnectionError("refused"),
        OperationalError("SELECT 1", {}, Exception("gone away")),
        PoolTimeout(),
        TooBusy(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_store_that_is_away_is_503_with_an_explanation(app: Flask, client: Browser, error: Exception) -> None:
    app.add_url_rule("/door", "door", raising(error))
    answer = client.get("/door")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("error", [OutcomeUnknown("silence"), StoreUnavailable("away")])
def test_who_only_looked_while_the_live_store_is_away_reads_nothing_of_a_bid(
    app: Flask, client: Browser, error: Exception
) -> None:
    app.add_url_rule("/door", "door", raising(error))
    answer = client.get("/door?lang=en")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 503 and int(answer.headers["Retry-After"]) >= 1
    assert "We can’t reach the auction right now" in text and "Send the same request again" not in text


def test_an_act_without_an_answer_from_the_live_store_is_unknown(
    app: Flask, browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    app.add_url_rule("/door", "door", raising(OutcomeUnknown("silence")), methods=["POST"])
    alice = sign_in(browser(), "alice")
    answer = alice.post("/door?lang=en", data={"csrf_token": alice.token("/me")})
    assert answer.status_code == 504 and "Send the same request again" in answer.get_data(as_text=True)


@pytest.mark.parametrize("error", [StoreUnavailable("away"), TooBusy()])
def test_the_page_of_a_form_that_failed_leads_back_to_the_page_with_the_form(
    app: Flask, browser: Callable[[], Browser], people: dict[str, Person], error: Exception
) -> None:
    app.add_url_rule("/door", "door", raising(error), methods=["POST"])
    alice = sign_in(browser(), "alice")
    token = {"csrf_token": alice.token("/me")}
    answer = alice.post("/door", data=token, headers={"Referer": "http://localhost/me/tickets?page=2"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 503 and 'class="btn btn-primary" href="/me/tickets?page=2"' in page
    # The address of the form shows nothing, in no language.
    assert 'href="/door' not in page and 'href=""' not in page
    assert 'href="/me/tickets?page=2&amp;lang=en"' in page and 'href="/me/tickets?page=2&amp;lang=ko"' in page


def test_the_page_of_a_look_that_failed_can_be_tried_again(app: Flask, client: Browser) -> None:
    app.add_url_rule("/door", "door", raising(StoreUnavailable("away")))
    page = client.get("/door").get_data(as_text=True)
    assert 'class="btn btn-primary" href=""' in page and 'href="/door?lang=en"' in page


def test_an_error_page_does_not_show_its_cause(app: Flask, client: Browser) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.add_url_rule("/door", "door", raising(RuntimeError("the secret cause")))
    answer = client.get("/door")
    assert answer.status_code == 500
    assert "secret cause" not in answer.get_data(as_text=True)
    assert "Traceback" not in answer.get_data(as_text=True)


def test_a_broken_error_page_has_a_plain_last_resort(
    app: Flask, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.jinja_env.globals, "current_principal", raising(RuntimeError("broken header")))
    answer = client.get("/no-such-page")
    assert answer.status_code == 404
    assert b"<h1>Not Found</h1>" in answer.data


@pytest.mark.parametrize("path", ["/%00", "/login?next=%00", "/login?%00=1", "/%ff%fe", "/login?lang=%ff", "/a%0d%0ab"])
def test_unprintable_addresses_are_refused_without_an_error(client: Browser, path: str) -> None:
    assert client.get(path).status_code in (200, 400, 404)


@pytest.mark.parametrize("host", ["..", "a..b", "a" * 300])
def test_a_request_to_no_host_gets_a_whole_page(client: Browser, host: str) -> None:
    answer = client.get("/login", headers={"Host": host})
    assert answer.status_code == 400 and "</main>" in answer.text and "/static/app.css?v=" in answer.text


def test_an_oversized_form_is_refused(client: Browser) -> None:
    answer = client.post("/login", data={"csrf_token": client.token(), "email": "x" * 100_000})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "content_type", ["application/json", "multipart/form-data", "multipart/form-data; boundary=x", "text/plain"]
)
@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", b"{", b"--x\r\n\r\n", b"a=%ff%00&b"])
def test_a_garbled_body_is_refused_without_an_error(client: Browser, content_type: str, body: bytes) -> None:
    assert client.post("/login", data=body, content_type=content_type).status_code == 400


def test_a_wrong_method_names_the_right_ones(client: Browser) -> None:
    answer = client.put("/login")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
