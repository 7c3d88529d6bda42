"""An accepted bid that could not be kept stays on my page: whoever saw *accepted* finds out what became of it."""

import pytest
from flask import Flask

from cashticket.auction.values import Entry
from cashticket.ledger.given_up_bids import give_up_bids
from cashticket.wiring import current_engine
from tests.fixtures.people import Browser
from tests.staging.auctions import open_auction
from tests.web.bidding import send
from tests.web.my_page import words_of


@pytest.fixture
def given_up(app: Flask, alice: Browser) -> int:
    """An auction in which alice's only bid, of 120,000 won, was accepted and then given up."""
    auction_id, engine = open_auction(), current_engine()
    alice.get(f"/auctions/{auction_id}")
    assert send(alice, auction_id, 120_000).status_code == 201
    entries = [entry for entry in engine.peek(auction_id, 10) if isinstance(entry, Entry)]
    assert give_up_bids(auction_id, entries, "its number belongs to another bid") == 1
    return auction_id


def test_its_bidder_finds_it_with_amount_and_number(alice: Browser, given_up: int) -> None:
    words = words_of(alice, "/me/bids")
    assert "Bids we couldn’t keep" in words and "₩120,000 #1" in words
    assert f'href="/auctions/{given_up}"' in alice.get("/me/bids").get_data(as_text=True)


def test_it_is_said_once_and_not_on_older_pages(alice: Browser, given_up: int) -> None:
    assert "couldn’t keep" not in words_of(alice, "/me/bids?page=2")


def test_nobody_else_sees_it(bob: Browser, given_up: int) -> None:
    words = words_of(bob, "/me/bids")
    assert "couldn’t keep" not in words and "120,000" not in words


def test_where_nothing_was_given_up_nothing_is_said(alice: Browser) -> None:
    assert "couldn’t keep" not in words_of(alice, "/me/bids")
