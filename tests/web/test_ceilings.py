"""A ceiling on the pages: announced, foreseen by the review, named by refusals; nobody is told to bid above it."""

from collections.abc import Callable

import pytest
from flask import Flask

from cashticket.models import Person
from tests.fixtures.people import Browser, sign_in
from tests.staging.auctions import open_auction
from tests.web.bidding import PIECE, send

CEILING = 120_000


@pytest.fixture
def auction(app: Flask, people: dict[str, Person]) -> int:
    """One seat, from 100,000 won in steps of 5,000 up to 120,000."""
    return open_auction(seats=1, maximum=CEILING, people=[person.id for person in people.values()])


def text(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_the_rules_of_the_page_name_the_ceiling(auction: int, client: Browser) -> None:
    assert "최고 금액은 120,000원" in text(client, f"/auctions/{auction}")


def test_the_rules_of_an_auction_without_one_name_none(app: Flask, client: Browser) -> None:
    page = text(client, f"/auctions/{open_auction()}")
    assert "2,147,483,647" not in page and "최고 금액은" not in page


def test_a_bid_above_the_ceiling_is_refused_and_told_the_ceiling(auction: int, alice: Browser) -> None:
    answer = send(alice, auction, 125_000)
    assert answer.status_code == 422 and answer.json is not None
    assert (answer.json["reason"], answer.json["chances_left"]) == ("too_high", 3)
    assert "120,000원" in answer.json["message"]
    piece = send(alice, auction, 125_000, headers=PIECE)
    assert "120,000원" in piece.get_data(as_text=True)
    assert send(alice, auction, 120_000).status_code == 201


def test_the_review_foresees_the_refusal(auction: int, alice: Browser) -> None:
    page = text(alice, f"/auctions/{auction}/confirm?amount=125000")
    assert "120,000원" in page and "request_id" not in page
    assert "request_id" in text(alice, f"/auctions/{auction}/confirm?amount=120000")


def test_whoever_stands_at_the_ceiling_is_not_told_to_bid_more(auction: int, alice: Browser) -> None:
    assert send(alice, auction, 120_000, "first").status_code == 201
    answer = send(alice, auction, 120_000, "second", PIECE)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and "입찰 상한" in page and "125,000" not in page


def test_once_the_seats_stand_at_the_ceiling_nobody_is_told_to_outbid_it(
    auction: int, alice: Browser, browser: Callable[[], Browser], client: Browser
) -> None:
    assert send(alice, auction, 120_000).status_code == 201
    bob = sign_in(browser(), "bob")
    for page in (text(client, f"/auctions/{auction}"), text(bob, f"/auctions/{auction}")):
        assert "입찰 상한" in page and "125,000" not in page
    review = text(bob, f"/auctions/{auction}/confirm?amount=120000")
    assert "입찰 상한" in review and "125,000" not in review
    assert send(bob, auction, 120_000).status_code == 201
    out = text(bob, f"/auctions/{auction}/standing")
    assert "입찰 상한" in out and "부족" not in out
    assert "125,000" not in text(bob, "/me")
