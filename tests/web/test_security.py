"""Every door: security headers, and which requests may change something."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from cashticket import config, create_app
from cashticket.extensions import db
from cashticket.models import Auction, Person
from tests.fixtures.people import Browser, sign_in
from tests.staging.auctions import open_auction
from tests.staging.rows import PASSWORD

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("path", ["/login", "/no-such-page", "/healthz", "/static/icon.svg"])
def test_every_answer_is_protected(client: Browser, path: str) -> None:
    with client.get(path) as answer:
        headers = answer.headers
    policy = {part.split()[0]: part.split()[1:] for part in headers["Content-Security-Policy"].split("; ")}
    assert policy["default-src"] == ["'self'"]
    assert policy["script-src"] == ["'self'"]
    assert policy["style-src"] == ["'self'"]
    assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == ["'none'"]
    assert policy["form-action"] == ["'self'"]
    assert policy["connect-src"] == ["'self'", "ws://localhost"]
    assert policy["worker-src"] == ["'self'"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers


def test_https_sets_hsts_and_a_host_bound_cookie(settings: config.Settings) -> None:
    app = create_app(replace(settings, base_url="https://tickets.example"))
    app.test_client_class = Browser
    answer = app.test_client().get("/login", base_url="https://tickets.example")
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    assert "wss://tickets.example" in answer.headers["Content-Security-Policy"]
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-cashticket=")
    assert "Secure" in cookie


def test_a_strange_host_header_does_not_reach_the_policy(client: Browser) -> None:
    answer = client.get("/healthz", headers={"Host": "x;script-src *"})
    assert "script-src *" not in answer.headers["Content-Security-Policy"]


def test_pages_of_signed_in_people_are_never_cached(client: Browser, people: dict[str, Person]) -> None:
    assert client.get("/login").headers["Cache-Control"] == "no-store"
    sign_in(client, "alice")
    assert client.get("/no-such-page").headers["Cache-Control"] == "no-store"


def test_browsers_may_keep_the_pages_for_everybody_in_their_memory(client: Browser, people: dict[str, Person]) -> None:
    auction = open_auction()
    concert = db.session.get_one(Auction, auction).concert_id
    for_all = (f"/auctions/{auction}", f"/auctions/{auction}/ladder")
    for path in (*for_all, "/", "/concerts/", f"/concerts/{concert}", "/no-such-page"):
        assert "no-store" not in client.get(path).headers["Cache-Control"], path
    sign_in(client, "alice")
    for path in for_all:
        assert "no-store" not in client.get(path).headers["Cache-Control"], path
    for private in (f"/auctions/{auction}/standing", "/me/header", "/me"):
        assert client.get(private).headers["Cache-Control"] == "no-store", private


def test_an_anonymous_page_sets_no_cookie_and_does_not_vary_by_one(client: Browser) -> None:
    answer = client.get("/no-such-page")
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert "csrf" not in answer.get_data(as_text=True)


def test_a_look_at_the_sign_in_form_does_not_make_other_pages_vary(client: Browser) -> None:
    client.get("/login")
    answer = client.get("/no-such-page")
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_a_form_without_its_token_changes_nothing(client: Browser, people: dict[str, Person]) -> None:
    answer = client.post("/login", data={"email": "alice@example.com", "password": PASSWORD})
    assert answer.status_code == 400
    assert client.get("/login").status_code == 200


def test_the_token_of_another_session_is_refused(browser: Callable[[], Browser], people: dict[str, Person]) -> None:
    mallory, alice = browser(), browser()
    alice.token()
    form = {"email": "alice@example.com", "password": PASSWORD, "csrf_token": mallory.token()}
    assert alice.post("/login", data=form).status_code == 400


def test_the_token_may_come_as_a_header(client: Browser, people: dict[str, Person]) -> None:
    form = {"email": "alice@example.com", "password": PASSWORD}
    assert client.post("/login", data=form, headers={"X-CSRFToken": client.token()}).status_code == 303


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, True),
        ({"Origin": "http://localhost"}, True),
        ({"Origin": "http://127.0.0.1:8000"}, True),
        ({"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "http://localhost.evil.example"}, False),
        ({"Origin": "http://localhost:81"}, False),
        ({"Origin": "https://localhost"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"}, False),
    ],
)
def test_only_our_own_pages_may_send_forms(
    client: Browser, people: dict[str, Person], headers: dict[str, str], allowed: bool
) -> None:
    form = {"email": "alice@example.com", "password": PASSWORD, "csrf_token": client.token()}
    assert client.post("/login", data=form, headers=headers).status_code == (303 if allowed else 400)


def test_the_signed_out_are_asked_to_sign_in_before_anything_else(app: Flask, client: Browser) -> None:
    app.add_url_rule("/door", "door", lambda: "open", methods=["POST"])
    assert client.post("/door").status_code == 303
    as_json = client.post("/door", headers={"Accept": "application/json"})
    assert (as_json.status_code, as_json.content_type) == (401, "application/problem+json")
    htmx = client.post("/door", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/healthz"})
    assert (htmx.status_code, htmx.headers["HX-Redirect"]) == (204, "/login?next=%2Fhealthz&again=yes")


def test_a_static_file_is_cached_for_ever_only_under_the_hash_of_its_content(client: Browser) -> None:
    page = client.get("/login").get_data(as_text=True)
    named = re.search(r'href="(/static/app\.css\?v=[0-9a-f]+)"', page)
    assert named
    with client.get(named[1]) as answer:
        cache_control = answer.cache_control
    assert cache_control.public and cache_control.immutable and not cache_control.no_cache
    assert cache_control.max_age == 31_536_000
    for other in ("/static/app.css", "/static/app.css?v=0123456789"):
        with client.get(other) as answer:
            asked_again = answer.cache_control
        assert asked_again.no_cache and not asked_again.immutable
