"""Forms of pages that stayed open for a day, and pages behind a proxy that speaks https."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from cashticket import config, create_app
from cashticket.blueprints.request.form_tokens import PURPOSE
from cashticket.extensions import db
from cashticket.signing import serializer
from cashticket.wiring import current_settings
from tests.fixtures.people import Browser, sign_in
from tests.staging.auctions import open_auction
from tests.web.bidding import JSON


def test_a_form_token_lives_as_long_as_its_session(app: Flask, client: Browser, people: object) -> None:
    """It carries no time, so a page that was opened a day ago still bids."""
    alice, auction_id = sign_in(client, "alice"), open_auction()
    token = alice.token("/no-such-page")
    assert alice.token("/me/profile") == token
    fields = {"amount": 100_000, "request_id": "r1"}
    refused = alice.post(f"/auctions/{auction_id}/bids", data=fields | {"csrf_token": token[2:]}, headers=JSON)
    assert refused.status_code == 400
    accepted = alice.post(f"/auctions/{auction_id}/bids", data=fields | {"csrf_token": token}, headers=JSON)
    assert accepted.status_code == 201, accepted.text


def test_only_the_secret_of_the_session_counts_in_either_form(app: Flask, client: Browser, people: object) -> None:
    """The present form is signed, for releases that check it. Without the secret a right signature is worth nothing."""
    alice, auction_id = sign_in(client, "alice"), open_auction()
    token = alice.token("/no-such-page")
    tokens = serializer(current_settings().signing_keys, PURPOSE)
    secret = tokens.loads(token)
    assert isinstance(secret, str) and len(secret) == 32, "192 bits"
    sent = {"amount": 100_000, "request_id": "r1"}
    forged = ("", ".", "null", tokens.dumps("a secret of mallory"), tokens.dumps(None), tokens.dumps([secret]))
    for value in (*forged, f".{token}", f"{secret}.", f"{secret}x", secret[:-1], secret.swapcase(), f"{secret}é"):
        refused = alice.post(f"/auctions/{auction_id}/bids", data=sent | {"csrf_token": value}, headers=JSON)
        assert refused.status_code == 400, value
    for value, status in ((token, 201), (secret, 200)):
        taken = alice.post(f"/auctions/{auction_id}/bids", data=sent | {"csrf_token": value}, headers=JSON)
        assert taken.status_code == status, taken.text


@pytest.fixture
def behind_a_proxy(settings: config.Settings) -> Iterator[Flask]:
    """The application as in production: behind one proxy that speaks https."""
    app = create_app(replace(settings, base_url="https://tickets.example", proxies=1))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("scheme", ["https", "http", None])
def test_no_page_sends_its_reader_to_another_scheme(behind_a_proxy: Flask, scheme: str | None) -> None:
    """Redirecting to https is the work of the proxy; doing it twice could loop."""
    client = behind_a_proxy.test_client()
    headers = {"X-Forwarded-Host": "tickets.example"} | ({"X-Forwarded-Proto": scheme} if scheme else {})
    for path in ("/", "/concerts/", "/login", "/signup", "/healthz"):
        answer = client.get(path, headers=headers)
        assert (answer.status_code, answer.location) == (200, None), path
