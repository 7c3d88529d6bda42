"""Every door of the URL map: who is let in, and by which proof."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from werkzeug.routing.converters import AnyConverter, BaseConverter, IntegerConverter
from werkzeug.test import TestResponse

from cashticket.blueprints.request.security import ANONYMOUS_FORMS, PROVEN_BY_ADDRESS
from cashticket.models import Person
from tests.fixtures.people import Browser, sign_in

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PUBLIC = frozenset(
    {
        "concerts",
        "auctions",
        "calendar",
        "header",
        "needs",
        "history",
        "ladder",
        "plan",
        "results",
        "lineage",
        "record",
        "trust",
        "live",
        "auth",
        "signup",
        "recovery",
        "unsubscribing",
        "health",
        "metrics",
        "static",
        "well_known",
    }
)
"""Blueprints whose pages anybody may look at."""


@dataclass(frozen=True, slots=True)
class Door:
    path: str
    endpoint: str
    method: str

    @property
    def room(self) -> str:
        return self.endpoint.partition(".")[0]


def doors(app: Flask) -> Iterator[Door]:
    """Every path and method, with a value for each parameter."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            values = {name: stand_in(kind) for name, kind in rule._converters.items()}
            built = rule.build(values, append_unknown=False)
            assert built is not None, rule.rule
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield Door(built[1], rule.endpoint, method)


def stand_in(kind: BaseConverter) -> int | str:
    if isinstance(kind, AnyConverter):
        return min(kind.items)
    return 1 if isinstance(kind, IntegerConverter) else "x"


def unsafe(app: Flask) -> list[Door]:
    """Every door that changes something for whoever sends a form of ours."""
    changing = [door for door in doors(app) if door.method != "GET" and door.endpoint not in PROVEN_BY_ADDRESS]
    assert len(changing) > 8
    return changing


def send(client: Browser, door: Door, headers: dict[str, str] | None = None, token: str = "") -> TestResponse:
    return client.open(door.path, method=door.method, data={"csrf_token": token}, headers=headers or {})


def test_the_anonymous_are_sent_to_sign_in_by_every_door_that_changes_something(app: Flask, client: Browser) -> None:
    for door in unsafe(app):
        if door.room in ANONYMOUS_FORMS:
            continue
        plain = send(client, door)
        assert plain.status_code == 303, door
        assert str(plain.location).startswith("/login"), door
        program = send(client, door, {"Accept": "application/json"})
        assert (program.status_code, program.content_type) == (401, "application/problem+json"), door
        htmx = send(client, door, {"HX-Request": "true"})
        assert (htmx.status_code, htmx.data) == (204, b""), door
        assert htmx.headers["HX-Redirect"].startswith("/login"), door


@pytest.mark.parametrize(
    ("headers", "whose"),
    [
        ({}, "nobody"),
        ({}, "mallory"),
        ({"Origin": "https://evil.example"}, "alice"),
        ({"Origin": "null"}, "alice"),
        ({"Sec-Fetch-Site": "cross-site"}, "alice"),
        ({"Sec-Fetch-Site": "same-site"}, "alice"),
    ],
)
def test_every_door_refuses_a_forged_request(
    app: Flask, browser: Callable[[], Browser], people: dict[str, Person], headers: dict[str, str], whose: str
) -> None:
    clients = {name: sign_in(browser(), name) for name in ("alice", "mallory")}
    token = clients[whose].token("/me/profile") if whose in clients else ""
    for door in unsafe(app):
        assert send(clients["alice"], door, headers, token).status_code == 400, door


def test_no_page_of_a_person_is_shown_to_the_anonymous(app: Flask, client: Browser) -> None:
    # The forms of a concert's auctions come as nothing for strangers.
    public = {"watch_list.reminders"}
    gets = [door for door in doors(app) if door.method == "GET"]
    private = [door for door in gets if door.room not in PUBLIC and door.endpoint not in public]
    assert private
    for door in private:
        answer = client.get(door.path)
        assert answer.status_code == 303, door
        assert str(answer.location).startswith("/login"), door


def test_no_page_without_a_form_sets_a_cookie_for_the_anonymous(app: Flask, client: Browser) -> None:
    forms = {"auth", "signup", "recovery", "second_step"}
    for door in doors(app):
        if door.method != "GET" or door.room in forms:
            continue
        with client.get(door.path) as answer:
            assert answer.status_code < 600, door
            assert "Set-Cookie" not in answer.headers, door
            assert "cookie" not in answer.headers.get("Vary", "").lower(), door
            assert b"csrf" not in answer.data or answer.mimetype != "text/html", door


def test_no_door_fails_on_malformed_requests(app: Flask, browser: Callable[[], Browser]) -> None:
    """Unknown ids and malformed queries and cookies get a 2xx, 3xx or 4xx, or 503 where a part is away."""
    client = browser()
    for door in doors(app):
        for query in ("?lang=xx&q=%00", "?amount=%ff&page=-1&lang=", "?lang=en&q=%F0%9F%8E%AB&amount=1e9"):
            headers = {"Cookie": "cashticket=a.b.c; lang=\xff", "Accept-Language": "x" * 500, "X-Forwarded-For": "'"}
            with client.open(door.path + query, method=door.method, headers=headers) as answer:
                assert answer.status_code < 500, (door, query, answer.status_code)


def test_every_answer_of_every_door_carries_the_policy(app: Flask, client: Browser) -> None:
    for door in doors(app):
        with client.open(door.path, method=door.method) as answer:
            assert "default-src 'self'" in answer.headers["Content-Security-Policy"], door
            assert "unsafe" not in answer.headers["Content-Security-Policy"], door
            assert answer.headers["X-Content-Type-Options"] == "nosniff", door
            assert answer.headers.get("Cache-Control"), door
