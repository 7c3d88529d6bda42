"""Forms of pages that stayed open for a day, and pages behind a proxy that speaks https."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from cashticket import config, create_app
from cashticket.blueprints.request import form_tokens
from cashticket.extensions import db
from cashticket.signing import SIGNER
from tests.fixtures.people import Browser, sign_in
from tests.staging.auctions import open_auction
from tests.web.bidding import JSON

DAY_SECONDS = 86_400


class SignerOfYesterday(TimestampSigner):
    """Signs with the time of a day ago."""

    def get_timestamp(self) -> int:
        return int(time.time()) - DAY_SECONDS


def aged(app: Flask, token: str) -> str:
    """`token` as a page that was opened a day ago has it."""
    options = {"secret_key": app.secret_key, "salt": form_tokens.PURPOSE, "signer_kwargs": SIGNER}
    secret = URLSafeTimedSerializer(**options).loads(token)
    return str(URLSafeTimedSerializer(**options, signer=SignerOfYesterday).dumps(secret))


def test_a_form_that_was_opened_a_day_ago_still_bids(app: Flask, client: Browser, people: object) -> None:
    alice, auction_id = sign_in(client, "alice"), open_auction()
    old = aged(app, alice.token("/no-such-page"))
    fields = {"amount": 100_000, "request_id": "r1"}
    refused = alice.post(f"/auctions/{auction_id}/bids", data=fields | {"csrf_token": old[:-2]}, headers=JSON)
    assert refused.status_code == 400
    accepted = alice.post(f"/auctions/{auction_id}/bids", data=fields | {"csrf_token": old}, headers=JSON)
    assert accepted.status_code == 201, accepted.text


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
