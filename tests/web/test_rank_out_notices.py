"""Notices of rank-outs: their link, their count on an open page, and when they are read."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from cashticket.auction.values import Accepted
from cashticket.engine.interface import Engine
from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.models import Notification, Person
from tests.fixtures.people import Browser, sign_in
from tests.staging.auctions import open_auction

COUNT = "/me/notifications/unread"
READ = "/me/notifications/rank-outs"


@pytest.fixture
def auction(app: Flask, people: dict[str, Person]) -> int:
    """One seat; alice was pushed out by bob's second bid, carol by bob's third. Everything is recorded."""
    engine: Engine = app.extensions["engine"]
    auction_id = open_auction(seats=1, people=[person.id for person in people.values()])
    for name, amount in (("alice", 100_000), ("bob", 110_000), ("carol", 120_000), ("bob", 130_000)):
        person = people[name]
        answer = engine.place_bid(auction_id, person.id, person.session_epoch, amount, f"{name}-{amount}")
        assert isinstance(answer, Accepted), answer
    while record_waiting(engine, auction_id):
        pass
    db.session.remove()
    return auction_id


def unread(browser: Browser) -> str:
    answer = browser.get(COUNT, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def read(browser: Browser, auction_id: object, sequence: object) -> int:
    """Acknowledge the alert of a bid. Returns the HTTP status."""
    form = {"csrf_token": browser.token("/me/profile"), "auction": auction_id, "sequence": sequence}
    return browser.post(READ, data=form).status_code


def seen_flags(person: Person) -> list[bool]:
    """Whether each notice of a person was read, oldest first."""
    db.session.remove()
    rows = db.session.query(Notification).filter_by(person_id=person.id).order_by(Notification.id)
    return [row.seen_at is not None for row in rows]


def test_the_notice_says_what_happened_and_leads_to_the_auction(client: Browser, auction: int) -> None:
    page = sign_in(client, "alice").get("/me/notifications?lang=en").get_data(as_text=True)
    assert "You were outbid" in page and f'href="/auctions/{auction}"' in page
    assert "Your bid of ₩100,000 was outbid. At that moment it took ₩115,000 to get back in." in page


def test_an_open_page_can_read_how_many_notices_are_unread(browser: Callable[[], Browser], auction: int) -> None:
    assert ">1</span>" in unread(sign_in(browser(), "alice"))
    nobody = unread(sign_in(browser(), "mallory"))
    assert 'id="unread"' in nobody and "badge" not in nobody


def test_a_read_alert_is_read_everywhere(
    browser: Callable[[], Browser], people: dict[str, Person], auction: int
) -> None:
    alice, elsewhere = sign_in(browser(), "alice"), browser()
    # KnownBids as well, or a notice of the second sign-in would be unread.
    elsewhere.set_cookie("browser", getattr(alice.get_cookie("browser"), "value", ""))
    sign_in(elsewhere, "alice")
    form = {"csrf_token": alice.token("/me/profile"), "auction": auction, "sequence": 2}
    answer = alice.post(READ, data=form)
    assert answer.status_code == 200 and "badge" not in answer.get_data(as_text=True)
    assert seen_flags(people["alice"]) == [True] and "badge" not in unread(elsewhere)
    assert seen_flags(people["carol"]) == [False]


def test_acknowledging_an_alert_marks_nothing_newer_and_no_other_auction(
    client: Browser, people: dict[str, Person], auction: int
) -> None:
    carol = sign_in(client, "carol")
    assert read(carol, auction, 3) == 200 and seen_flags(people["carol"]) == [False]
    assert read(carol, auction + 1, 9) == 200 and seen_flags(people["carol"]) == [False]
    assert read(carol, auction, 4) == 200 and seen_flags(people["carol"]) == [True]


def test_mallory_cannot_mark_notices_of_alice_as_read(client: Browser, people: dict[str, Person], auction: int) -> None:
    mallory = sign_in(client, "mallory")
    assert read(mallory, auction, 9) == 200 and seen_flags(people["alice"]) == [False]
    assert mallory.post(READ, data={"auction": auction, "sequence": 9}).status_code == 400
    for strange in ("", "x", "-1", "٣", "9" * 17):
        assert read(mallory, auction, strange) == 400 and read(mallory, strange, 1) == 400


def test_the_alert_button_stays_hidden_until_somebody_is_signed_in(client: Browser, auction: int) -> None:
    page = client.get(f"/auctions/{auction}").get_data(as_text=True)
    assert "alerts.js" in page and 'id="ring" hidden' in page
    # ringing.js shows it once the header has the form to sign out.
    assert 'name="csrf_token"' not in client.get(f"/auctions/{auction}/standing?with=account").get_data(as_text=True)
    own = sign_in(client, "alice").get(f"/auctions/{auction}/standing?with=account").get_data(as_text=True)
    assert re.search(r'<div id="header".*name="csrf_token"', own, re.DOTALL)
