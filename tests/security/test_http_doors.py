"""What every door refuses and every answer holds back, whoever asks."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import NoReturn

import pytest
import redis
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import RequestEntityTooLarge

from cashticket.accounts.people import change
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable
from cashticket.extensions import db
from cashticket.models import Person, SignIn
from cashticket.models.columns import utcnow
from tests.fixtures.people import Browser, sign_in
from tests.staging.rows import PASSWORD

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PAGES = ("/", "/concerts/", "/login", "/signup", "/reset", "/healthz", "/static/app.css", "/no-such-page")
HIDDEN = (
    *(
        "/.git/config",
        "/.env",
        "/.svn/entries",
        "/instance/secret_key",
        "/wsgi.py",
        "/console",
        "/static/",
        "/posters/",
    ),
    *("/static/../config.py", "/static/..%2fconfig.py", "/static/%2e%2e/config.py", "/posters/../../wsgi.py"),
)


@pytest.mark.parametrize("path", PAGES)
def test_no_answer_is_shared_with_other_origins(client: Browser, path: str) -> None:
    with client.get(path, headers={"Origin": "https://evil.example"}) as answer:
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_names_its_type_and_its_letters(client: Browser, path: str) -> None:
    with client.get(path) as answer:
        kind = answer.headers["Content-Type"]
    assert re.fullmatch(r"[a-z]+/[a-z+]+; charset=utf-8|application/(problem\+)?json", kind), kind


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND", "DEBUG"])
def test_only_the_usual_methods_are_served(client: Browser, method: str) -> None:
    assert client.open("/login", method=method).status_code in (400, 405)


def test_a_method_cannot_be_overridden(client: Browser, people: dict[str, Person]) -> None:
    for headers in ({"X-HTTP-Method-Override": "DELETE"}, {"X-Method-Override": "POST"}):
        assert client.get("/logout", headers=headers).status_code == 405


@pytest.mark.parametrize("path", HIDDEN)
def test_no_file_but_the_static_ones_is_served(client: Browser, path: str) -> None:
    assert client.get(path).status_code == 404


CAUSE = "SELECT secret FROM people"
ERRORS = (
    (RuntimeError(CAUSE), 500),
    (OperationalError(CAUSE, {}, Exception(CAUSE)), 503),
    (redis.ConnectionError(CAUSE), 503),
    (StoreUnavailable(CAUSE), 503),
    (OutcomeUnknown(CAUSE), 503),
    (RequestEntityTooLarge(CAUSE), 413),
)


@pytest.mark.parametrize("page_works", [True, False])
@pytest.mark.parametrize(("error", "status"), ERRORS, ids=[type(error).__name__ for error, _ in ERRORS])
def test_an_error_says_nothing_about_its_cause(
    app: Flask, client: Browser, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, page_works: bool
) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def broken() -> NoReturn:
        raise error

    app.add_url_rule("/broken", "broken", broken)
    if not page_works:
        monkeypatch.setitem(app.jinja_env.globals, "current_principal", broken)
    for headers in ({}, {"Accept": "application/json"}, {"HX-Request": "true"}):
        answer = client.get("/broken", headers=headers)
        text = answer.get_data(as_text=True)
        assert answer.status_code == status
        assert "SELECT" not in text and "Traceback" not in text and type(error).__name__ not in text


def test_no_debugger_runs_behind_the_pages(app: Flask) -> None:
    assert not app.debug
    assert not app.config.get("EXPLAIN_TEMPLATE_LOADING")


def test_fields_that_no_form_has_change_nothing(browser: Callable[[], Browser], people: dict[str, Person]) -> None:
    alice = sign_in(browser(), "alice")
    fields = {"name": "Alice", "birth_date": "1990-01-01", "phone": "010-1234-5678", "locale": "en"}
    # Any change of an account grows its revision and says when.
    others = set(Person.__table__.columns.keys()) - fields.keys() - {"revision", "revised_at"}
    before = _columns(people["alice"].id)
    assert before["locale"] == "ko" and {"email", "is_staff", "password_hash", "verified_at"} <= others
    stranger = dict.fromkeys(others | {"revision", "revised_at"}, "1") | {
        "email": "stranger@example.com",
        "verified_at": "",
    }
    token = alice.token("/me/profile")
    assert alice.post("/me/profile", data=fields | stranger | {"csrf_token": token}).status_code == 303
    after = _columns(people["alice"].id)
    assert after["locale"] == "en", "the form itself was taken"
    assert {name: after[name] for name in others} == {name: before[name] for name in others}


def _columns(person_id: int) -> dict[str, object]:
    db.session.rollback()
    row = db.session.get_one(Person, person_id, populate_existing=True)
    return {name: getattr(row, name) for name in Person.__table__.columns.keys()}  # noqa: SIM118 - keys of a collection of columns


def test_query_fields_do_not_stand_in_for_form_fields(client: Browser, people: dict[str, Person]) -> None:
    address = f"/login?email=alice@example.com&password={PASSWORD}"
    answer = client.post(address, data={"csrf_token": client.token()})
    assert answer.status_code == 422


def test_the_first_of_doubled_fields_counts_and_the_page_shows_it(client: Browser) -> None:
    page = client.get("/concerts/?q=first&q=second").get_data(as_text=True)
    assert 'value="first"' in page
    assert 'value="second"' not in page


@pytest.mark.parametrize(("path", "count"), [("/login", 1), ("/signup", 1)])
def test_passwords_are_masked_and_password_managers_are_welcome(client: Browser, path: str, count: int) -> None:
    page = client.get(path).get_data(as_text=True)
    fields = re.findall(r"<input[^>]*type=\"password\"[^>]*>", page)
    assert len(fields) == count
    for field in fields:
        assert re.search(r'autocomplete="(current|new)-password"', field)
        assert "onpaste" not in field and 'name="password"' in field
    assert not re.search(r'<input[^>]*type="text"[^>]*name="password"', page)


def test_cookies_are_hidden_from_scripts_and_other_sites(
    browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    client = browser()
    form = {"email": "alice@example.com", "password": PASSWORD, "csrf_token": client.token()}
    cookies = client.post("/login", data=form).headers.getlist("Set-Cookie")
    assert cookies
    for cookie in cookies:
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Domain=" not in cookie, cookie


def test_no_secret_question_and_no_hint_exist(app: Flask, client: Browser) -> None:
    fields = {column.name for table in db.metadata.tables.values() for column in table.columns}
    assert not {name for name in fields if re.search(r"hint|question|answers?$", name)}


def test_every_page_of_the_signed_in_can_be_left(browser: Callable[[], Browser], people: dict[str, Person]) -> None:
    alice = sign_in(browser(), "alice")
    for path in ("/", "/me", "/me/profile", "/me/bids", "/me/tickets", "/me/notifications"):
        assert 'action="/logout"' in alice.get(path).get_data(as_text=True), path


def test_no_password_ever_expires(browser: Callable[[], Browser], people: dict[str, Person]) -> None:
    long_ago = utcnow() - timedelta(days=3650)
    change(people["alice"].id, lambda person: setattr(person, "created_at", long_ago))
    alice = sign_in(browser(), "alice")
    assert alice.get("/me").status_code == 200


def test_a_new_installation_has_no_accounts(app: Flask) -> None:
    assert db.session.query(Person).count() == 0


def test_handles_of_sessions_are_long_and_random(browser: Callable[[], Browser], people: dict[str, Person]) -> None:
    for _ in range(20):
        sign_in(browser(), "alice")
    handles = set(db.session.scalars(select(SignIn.handle)))
    assert len(handles) == 20
    assert all(re.fullmatch(r"[0-9a-f]{32}", handle) for handle in handles)
    # Drawn at random, no letter has the same place in many of them.
    assert all(len({handle[place] for handle in handles}) > 4 for place in range(32))
