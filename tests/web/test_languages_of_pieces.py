"""Pieces of an auction page come in the language of that page, whatever their reader chose in another window since."""

import html
import re

import pytest
from flask import Flask, render_template

from tests.fixtures.people import Browser
from tests.staging.auctions import open_auction
from tests.web.bidding import PIECE

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def auction(app: Flask) -> int:
    return open_auction()


def piece(browser: Browser, path: str) -> str:
    """A piece, asked for by somebody who has chosen Korean elsewhere. It leaves that choice alone."""
    browser.get("/me?lang=ko")
    answer = browser.get(path, headers=PIECE)
    assert answer.status_code == 200 and not answer.headers.getlist("Set-Cookie")
    return answer.get_data(as_text=True)


def addresses(text: str, name: str) -> list[str]:
    """The addresses ending in `name` from which the text fetches pieces, or to which it sends forms by htmx."""
    found = re.findall(r'hx-(?:get|post)="([^"]+)"', text)
    return [html.unescape(each) for each in found if each.partition("?")[0].endswith(f"/{name}")]


@pytest.mark.parametrize(("language", "review", "bid"), [("en", "Review bid", "Bid ₩"), ("ko", "입찰 내용 확인", "원")])
def test_the_review_of_a_bid_comes_in_the_language_of_the_page(
    alice: Browser, auction: int, language: str, review: str, bid: str
) -> None:
    standing = piece(alice, f"/auctions/{auction}/standing?lang={language}")
    quick = addresses(standing, "confirm")
    assert quick and all(f"lang={language}" in each for each in quick)
    text = piece(alice, quick[0])
    assert review in text and bid in text
    assert addresses(text, "bids") == [f"/auctions/{auction}/bids?lang={language}"]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_form_of_the_page_asks_for_the_review_in_its_language_also_without_scripts(
    client: Browser, alice: Browser, auction: int, language: str
) -> None:
    page = client.get(f"/auctions/{auction}?lang={language}").get_data(as_text=True)
    form = page.partition('<form class="bid-form"')[2].partition("</form>")[0]
    assert f'<input type="hidden" name="lang" value="{language}">' in form
    alice.get("/me?lang=ko")
    review = alice.get(f"/auctions/{auction}/confirm?lang={language}&amount=100000").get_data(as_text=True)
    assert f'<html lang="{language}">' in review


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_result_of_an_ended_auction_is_fetched_in_the_language_of_the_page(
    app: Flask, auction: int, language: str
) -> None:
    with app.test_request_context(f"/?lang={language}"):
        snapshot = app.extensions["engine"].read(auction)
        text = render_template("live/_fetch.html", snapshot=snapshot, auction_id=auction, delay_ms=0)
    assert addresses(text, "standing") == [f"/auctions/{auction}/standing?lang={language}"]
