"""What the application does for one accepted bid, counted: nothing twice, and nothing that a bid does not use."""

from collections import Counter
from functools import wraps
from typing import Any

import flask.app
import flask_babel
import jinja2
import pytest
import werkzeug.datastructures
import werkzeug.wrappers
from flask.wrappers import Request
from flask_login import LoginManager
from itsdangerous import Signer, TimedSerializer
from sqlalchemy.orm import scoped_session
from werkzeug.formparser import FormDataParser

import cashticket.extensions
from cashticket.blueprints.request import negotiation
from cashticket.engine import packing
from cashticket.signing import OneShotHmac, PreparedSigner
from tests.fixtures.people import Browser
from tests.web.bidding import JSON, send

COUNTED: dict[str, tuple[Any, str]] = {
    "signature made": (OneShotHmac, "get_signature"),
    "key derived": (Signer, "derive_key"),
    "signer made": (PreparedSigner, "__init__"),
    "form parsed": (FormDataParser, "parse"),
    "JSON read": (Request, "get_json"),
    "cookies parsed": (cashticket.extensions, "parse_cookie"),
    "headers gone through": (werkzeug.datastructures.EnvironHeaders, "__iter__"),
    "session read by the library": (TimedSerializer, "loads"),
    "Accept parsed": (negotiation, "parse_accept_header"),
    "template looked for": (jinja2.Environment, "_load_template"),
    "texts looked for": (flask_babel.Domain, "get_translations"),
    "person looked for by Flask-Login": (LoginManager, "_load_user"),
    "view checked for a coroutine": (flask.app, "iscoroutinefunction"),
    "session of the database made": (scoped_session, "__call__"),
    "argument packed": (packing, "_packed"),
    "headers copied": (werkzeug.wrappers.Response, "get_wsgi_headers"),
    "header looked for": (werkzeug.datastructures.EnvironHeaders, "get"),
}
"""What is counted, and the function whose calls are it."""


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each of COUNTED has happened."""
    counts: Counter[str] = Counter()
    for name, (owner, attribute) in COUNTED.items():
        monkeypatch.setattr(owner, attribute, _counting(getattr(owner, attribute), counts, name))
    return counts


def _counting(function: Any, counts: Counter[str], name: str) -> Any:
    @wraps(function)
    def counted(*args: Any, **kwargs: Any) -> Any:
        counts[name] += 1
        return function(*args, **kwargs)

    return counted


def test_an_accepted_bid_does_nothing_twice_and_nothing_it_does_not_need(
    work: Counter[str], auction: int, alice: Browser
) -> None:
    assert send(alice, auction, 100_000, "warm").status_code == 201
    form = {"amount": 105_000, "request_id": "counted", "csrf_token": alice.token("/no-such-page")}
    work.clear()
    assert alice.post(f"/auctions/{auction}/bids", data=form, headers=JSON).status_code == 201
    # The signature is the session's, which holds the secret of its forms. The library reads type and, twice, length of
    # the body. The arguments: person, epoch, amount, request id, identity of the store process, the amount said once
    # more, and the moment that only tests pass.
    assert work == {
        "signature made": 1,
        "form parsed": 1,
        "cookies parsed": 1,
        "header looked for": 3,
        "argument packed": 7,
    }


def test_the_next_request_reads_its_own_preference_and_not_that_of_the_one_before(auction: int, alice: Browser) -> None:
    """Headers are read once for each text, not once for all."""
    assert send(alice, auction, 100_000, "program").is_json
    assert send(alice, auction, 105_000, "browser", {"Accept": "text/html"}).status_code == 303
    assert send(alice, auction, 110_000, "again").is_json
