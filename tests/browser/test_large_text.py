"""Auction pages on narrow screens and with large text: nothing is wider than the screen, what is tapped is large
enough, and the amount that is bid can be read."""

from collections.abc import Iterator
from itertools import product

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from cashticket.models import Person
from tests.browser.halls import Screens, hall, place_bid_of, screens
from tests.fixtures.browser import PAGE_SECONDS
from tests.staging.final_ranks import add_results

pytestmark = pytest.mark.sweep
expect.set_options(timeout=PAGE_SECONDS * 1000)

SEATS, BIDDERS = 60, 70
SIZES = ((280, 1.0), (360, 1.0), (360, 1.5), (360, 2.0), (1280, 1.0), (1280, 2.0))
TARGET_PX = 44
# What can be tapped and is smaller, links within a sentence apart.
SMALL = """(least) => [...document.querySelectorAll(":is(header, main, footer) :is(a, button, summary, input, select)")]
  .filter((each) => each.checkVisibility() && !each.closest(".visually-hidden, .skip-link"))
  .filter((each) => getComputedStyle(each).display !== "inline"
    || each.parentElement.textContent.trim() === each.textContent.trim())
  .map((each) => [each, each.getBoundingClientRect()])
  .filter(([, box]) => box.height < least - 0.5 || box.width < least - 0.5)
  .map(([each, box]) => `${each.outerHTML.slice(0, 90)}: ${box.width} × ${box.height}`)"""
# Elements whose text or border stands outside the screen.
WIDE = """() => [...document.querySelectorAll("body *")]
  .filter((each) => each.checkVisibility() && !each.closest(".visually-hidden, .skip-link, svg"))
  .filter((each) => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((each) => each.outerHTML.slice(0, 90))"""


@pytest.fixture
def open_page(app: Flask, people: dict[str, Person], chromium: Browser) -> Iterator[Screens]:
    with screens(app, chromium) as opened:
        yield opened


def check(page: Page) -> None:
    path = page.url.partition("127.0.0.1")[2]
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, f"{path} is {over} pixels too wide: {page.evaluate(WIDE)}"
    assert page.evaluate(SMALL, TARGET_PX) == [], path


@pytest.mark.parametrize(("size", "language"), [*product(SIZES, ("ko", "en"))], ids=str)
def test_every_auction_page_fits_and_can_be_tapped(
    open_page: Screens, people: dict[str, Person], size: tuple[int, float], language: str
) -> None:
    width, text = size
    auction, ended = hall(SEATS, BIDDERS), add_results(60)
    place_bid_of(auction, people["alice"], 40, BIDDERS)
    for path in (f"/auctions/{auction}", f"/auctions/{auction}/ladder?page=2", f"/auctions/{ended}/results?page=2"):
        page = open_page(path, width, text=text, language=language)
        expect(page.locator("#header a[href^='/login']")).to_be_visible()
        for summary in page.locator("main summary:visible").all():
            summary.click()
        check(page)
    page = open_page(f"/auctions/{auction}", width, name="alice", text=text, language=language)
    expect(page.locator("#standing .neighbours")).to_be_visible()
    check(page)
    page.locator("#amount").press_sequentially("10000000")
    field = page.locator("#amount")
    expect(field).to_have_value("10,000,000")
    assert field.evaluate("each => each.scrollWidth <= each.clientWidth"), "the amount is cut off"
    page.locator(".bid-row button").click()
    expect(page.locator("#confirm .review-amount")).to_be_visible()
    check(page)
