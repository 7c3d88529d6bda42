"""Signing in and out, and what a session may do afterwards."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from cashticket.accounts import recovery
from cashticket.accounts.blocking import block
from cashticket.extensions import db
from cashticket.models import Person
from tests.fixtures.people import Browser, sign_in
from tests.staging.rows import PASSWORD

COOKIE = "cashticket"


def form(client: Browser, **fields: str) -> dict[str, str]:
    return {"email": "alice@example.com", "password": PASSWORD, "csrf_token": client.token()} | fields


def signed_in(client: Browser) -> bool:
    """Whether the sign-in page redirects this browser, as it does for signed-in people."""
    return client.get("/login").status_code == 303


def test_alice_signs_in_and_goes_where_she_wanted(client: Browser, people: dict[str, Person]) -> None:
    answer = client.post("/login", data=form(client, next="/healthz?from=sign-in"))
    assert (answer.status_code, answer.location) == (303, "/healthz?from=sign-in")
    assert signed_in(client)


def test_any_spelling_of_her_address_is_hers(client: Browser, people: dict[str, Person]) -> None:
    assert client.post("/login", data=form(client, email="  Alice@EXAMPLE.com ")).status_code == 303


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "not her password"},
        {"password": PASSWORD + "\x00"},
        {"password": ""},
        {"password": "x" * 5000},
        {"email": "nobody@example.com"},
        {"email": "not an address"},
        {"email": ""},
        {"email": "alice@example.com\x00"},
        {"email": "al%ce@example.com"},
    ],
)
def test_a_wrong_password_signs_nobody_in(client: Browser, people: dict[str, Person], wrong: dict[str, str]) -> None:
    answer = client.post("/login", data=form(client, **wrong))
    assert answer.status_code in (400, 422)
    assert not signed_in(client)


def test_known_and_unknown_addresses_get_the_same_answer(
    browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    def answer(email: str) -> tuple[int, str, list[tuple[str, str]]]:
        client = browser()
        token = client.token()
        response = client.post("/login", data={"email": email, "password": "wrong", "csrf_token": token})
        headers = [(name, value) for name, value in response.headers if name != "Set-Cookie"]
        return response.status_code, response.get_data(as_text=True).replace(email, "…").replace(token, "…"), headers

    existing, missing = answer("alice@example.com"), answer("alics@example.com")
    assert existing[0] == missing[0] == 422
    assert strip_tokens(existing[1]) == strip_tokens(missing[1])
    assert existing[2] == missing[2]


def strip_tokens(page: str) -> list[str]:
    return [line for line in page.splitlines() if "csrf_token" not in line]


def test_a_failed_sign_in_is_a_problem_document_for_programs(client: Browser, people: dict[str, Person]) -> None:
    answer = client.post("/login", data=form(client, password="wrong"), headers={"Accept": "application/json"})
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")


def test_a_sign_in_clears_the_earlier_session(client: Browser, people: dict[str, Person]) -> None:
    before, token = client.token(), client.token()
    assert before.split(".")[0] == token.split(".")[0]
    sign_in(client, "alice")
    with client.session_transaction() as session:
        content = dict(session)
    assert "_user_id" in content
    assert "csrf_token" not in content, "the token of the anonymous session would still open forms"
    assert client.post("/logout", data={"csrf_token": token}).status_code == 400


def test_signing_out_ends_the_session_for_a_copy_of_its_cookie_too(
    browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    alice = sign_in(browser(), "alice")
    copied = alice.get_cookie(COOKIE)
    assert copied is not None
    answer = sign_out(alice)
    assert (answer.status_code, answer.location) == (303, "/")
    assert not signed_in(alice)
    thief = browser()
    thief.set_cookie(COOKIE, copied.value)
    assert not signed_in(thief)


def test_signing_out_here_leaves_the_other_browser_signed_in(
    browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    phone, laptop = sign_in(browser(), "alice"), sign_in(browser(), "alice")
    sign_out(phone)
    assert signed_in(laptop)
    assert not signed_in(phone)


def sign_out(client: Browser) -> TestResponse:
    """Sign out by the form in the header of every page."""
    return client.post("/logout", data={"csrf_token": client.token("/no-such-page")})


def test_a_changed_password_ends_every_session(browser: Callable[[], Browser], people: dict[str, Person]) -> None:
    phone, laptop = sign_in(browser(), "alice"), sign_in(browser(), "alice")
    recovery.change_password(people["alice"].id, "another fine phrase", keep="")
    assert not signed_in(phone)
    assert not signed_in(laptop)
    sign_in(browser(), "alice", "another fine phrase")


def test_a_blocked_person_is_signed_out_but_may_come_back_and_look(
    browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    mallory = sign_in(browser(), "mallory")
    block(people["mallory"].id)
    assert not signed_in(mallory)
    assert signed_in(sign_in(browser(), "mallory"))


def test_the_sign_in_page_does_not_greet_a_dead_session(client: Browser, people: dict[str, Person]) -> None:
    sign_in(client, "alice")
    block(people["alice"].id)
    assert "/logout" not in client.get("/login").get_data(as_text=True)
    sign_in(client, "bob")


def test_a_session_signed_with_another_key_is_anonymous(app: Flask, client: Browser, people: dict[str, Person]) -> None:
    sign_in(client, "alice")
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    payload, stamp, signature = cookie.value.rsplit(".", 2)
    client.set_cookie(COOKIE, f"{payload}.{stamp}.{signature[::-1]}")
    assert not signed_in(client)


@pytest.mark.parametrize("broken", ["", "x", "a.b.c", ".", "\xff\xfe", "%00", "=" * 4000, "{}"])
def test_a_broken_cookie_is_no_session_and_no_error(client: Browser, broken: str) -> None:
    assert client.get("/login", headers={"Cookie": f"{COOKIE}={broken}; lang={broken}"}).status_code == 200


def test_reading_the_principal_costs_no_sql(app: Flask, client: Browser, people: dict[str, Person]) -> None:
    sign_in(client, "alice")
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    assert client.get("/no-such-page").status_code == 404
    assert statements == []


def test_the_session_cookie_is_hidden_from_scripts_and_other_sites(client: Browser) -> None:
    cookie = client.get("/login").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Domain" not in cookie


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "////evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "https://evil.example/",
        "HTTPS:evil.example",
        "javascript:alert(1)",
        "data:text/html,hi",
        "http://localhost@evil.example/",
        "//localhost:80@evil.example/",
        "/healthz\x00",
        "/healthz\r\nSet-Cookie: a=b",
        "/no-such-page",
        "/logout",
        "/login",
        "/static/app.css",
        "healthz",
        "./healthz",
        "／／evil.example",
        "https://еvil.example",
        "/%2f/evil.example",
        "/" + "a" * 2000,
        "?next=/healthz",
        "",
        "http://[::1",
    ],
)
def test_next_never_leads_to_another_site(client: Browser, people: dict[str, Person], target: str) -> None:
    fields = form(client, next=target)
    assert client.get("/login", query_string={"next": target}).status_code in (200, 400)
    answer = client.post("/login", data=fields)
    assert answer.status_code in (303, 400)
    assert answer.headers.get("Location", "/") == "/"
