"""Steps of tests that open the socket of an auction page."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import websocket
from flask import Flask

from cashticket import config, create_app
from cashticket.accounts import sessions
from cashticket.auction.values import Accepted
from cashticket.extensions import db
from cashticket.models import Auction, Person
from tests.fixtures.people import Browser
from tests.web.live_server import LiveServer, serving


@contextmanager
def serving_with(settings: config.Settings, **changes: object) -> Iterator[LiveServer]:
    """Another server, under changed settings."""
    with serving(create_app(replace(settings, **changes))) as running:
        yield running


def bid(app: Flask, auction: Auction, person: Person, amount: int) -> Accepted:
    """An accepted bid."""
    answer = app.extensions["engine"].place_bid(auction.id, person.id, person.session_epoch, amount, f"bid-{amount}")
    assert isinstance(answer, Accepted), answer
    return answer


def cookie_of(browser: Browser) -> str:
    """The Cookie header of a signed-in browser."""
    cookie = browser.get_cookie("cashticket")
    assert cookie is not None
    return f"cashticket={cookie.value}"


def refusal(open_socket: Callable[[], object]) -> int:
    """The status with which a handshake is refused."""
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        open_socket()
    return int(refused.value.status_code)


def piece_of(frame: str) -> str | None:
    """The name of the piece that a frame replaces, None for other frames."""
    match = re.match(r'\s*<section id="(\w+)" hx-swap-oob="outerMorph"', frame)
    return match and match.group(1)


def end_the_session(cookie: str, app: Flask) -> Person:
    """End the one session of this cookie, as remote sign-out does."""
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    principal = sessions.Principal.parse(serializer.loads(cookie.partition("=")[2])["_user_id"])
    assert principal is not None
    person = sessions.end(principal)
    assert person is not None
    db.session.remove()
    return person
