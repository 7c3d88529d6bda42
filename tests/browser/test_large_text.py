"""Pages on narrow screens and with large text: nothing is wider than the screen, what is tapped is large
enough, and the amount that is bid can be read."""

from collections.abc import Iterator
from itertools import product

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from cashticket.extensions import db
from cashticket.models import Auction, Person
from tests.browser.halls import Screens, hall, place_bid_of, screens, walk
from tests.fixtures.browser import PAGE_SECONDS
from tests.staging.final_ranks import add_results, move_seat
from tests.staging.settlement import add_settled_auction

pytestmark = pytest.mark.sweep
expect.set_options(timeout=PAGE_SECONDS * 1000)

SEATS, BIDDERS = 60, 70
PLAIN, LARGE = (360, 1.0), (360, 2.0)
TARGET_PX = 44
# What can be tapped and is smaller, links within a sentence apart.
SMALL = """(least) => [...document.querySelectorAll(":is(header, main, footer) :is(a, button, summary, input, select)")]
  .filter((each) => each.checkVisibility() && !each.closest(".visually-hidden, .skip-link"))
  .filter((each) => getComputedStyle(each).display !== "inline"
    || each.parentElement.textContent.trim() === each.textContent.trim())
  .map((each) => [each, (each.closest("label:has(> [type=checkbox])") ?? each).getBoundingClientRect()])
  .filter(([, box]) => box.height < least - 0.5 || box.width < least - 0.5)
  .map(([each, box]) => `${each.outerHTML.slice(0, 90)}: ${box.width} × ${box.height}`)"""
# Elements whose text or border stands outside the screen.
WIDE = """() => [...document.querySelectorAll("body *")]
  .filter((each) => each.checkVisibility() && !each.closest(".visually-hidden, .skip-link, svg"))
  .filter((each) => each.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map((each) => each.outerHTML.slice(0, 90))"""
# The screens with the least room for words.
NARROW = ((280, 1.0), LARGE)


@pytest.fixture
def open_page(app: Flask, people: dict[str, Person], chromium: Browser) -> Iterator[Screens]:
    with screens(app, chromium) as opened:
        yield opened


def check(page: Page) -> None:
    path = page.url.partition("127.0.0.1")[2]
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, f"{path} is {over} pixels too wide: {page.evaluate(WIDE)}"
    assert page.evaluate(SMALL, TARGET_PX) == [], path


def on_screens(*sizes: tuple[int, float]) -> pytest.MarkDecorator:
    """Every size in both languages. What a page looks like does not depend on the database: one walk is on MariaDB. CI
    walks in English where there is the least room, and `make storm` on the other screens too."""
    walks = [*product(sizes, ("ko", "en"), ("sqlite",)), (PLAIN, "ko", "mariadb")]
    marked = [
        pytest.param(*walk, marks=[] if walk[1] == "ko" or walk[0] in NARROW else [pytest.mark.trial]) for walk in walks
    ]
    return pytest.mark.parametrize(("size", "language", "database_url"), marked, indirect=["database_url"], ids=str)


on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@on_screens((280, 1.0), PLAIN, (360, 1.5), LARGE, (1280, 1.0), (1280, 2.0))
def test_every_auction_page_fits_and_can_be_tapped(
    open_page: Screens, people: dict[str, Person], size: tuple[int, float], language: str
) -> None:
    width, text = size
    auction, ended = hall(SEATS, BIDDERS), add_results(60)
    place_bid_of(auction, people["alice"], 40, BIDDERS)
    running_pages = (f"/auctions/{auction}", f"/auctions/{auction}/ladder?page=2")
    move_seat(ended, 1, 3)
    ended_pages = tuple(f"/auctions/{ended}/{part}" for part in ("results?page=2", "record", "lineage"))
    for page in walk(open_page, (*running_pages, *ended_pages), width, text=text, language=language):
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


@on_screens((280, 1.0), LARGE, (1280, 2.0))
def test_every_other_page_fits_and_can_be_tapped(
    open_page: Screens, people: dict[str, Person], size: tuple[int, float], language: str
) -> None:
    width, text = size
    auction, alice = hall(2, 3), people["alice"]
    concert = db.session.get_one(Auction, auction).concert_id
    place_bid_of(auction, alice, 3, 3)
    add_settled_auction([(alice.id, 300_000), (people["bob"].id, 200_000)], seats=1)
    for_all = ("/", "/concerts/", f"/concerts/{concert}", "/login", "/signup", "/reset", "/no-such-page")
    mine = ("/me", "/me/bids", "/me/tickets", "/me/notifications", "/me/profile", "/me/profile/security")
    own = (*mine, f"/auctions/{auction}/reminder")
    for name, paths in (("", for_all), ("alice", own)):
        for page in walk(open_page, paths, width, name=name, text=text, language=language):
            for summary in page.locator("main summary:visible").all():
                summary.click()
            check(page)


# How far the mark between the first two links stands from the words on both sides.
GAPS = """() => {
  const words = (each) => { const range = document.createRange(); range.selectNodeContents(each); return range; };
  const [first, mark, second] = [...document.querySelectorAll(".crumbs > *")].map((each) =>
    words(each).getBoundingClientRect());
  return [mark.left - first.right, second.left - mark.right];
}"""


@on_sqlite
@pytest.mark.parametrize("width", [360, 1280])
def test_the_way_back_has_no_hole_beside_a_short_word(open_page: Screens, width: int) -> None:
    page = open_page(f"/auctions/{hall(2, 3)}/ladder", width)
    before, after = page.evaluate(GAPS)
    assert 0 < before < 8 and abs(before - after) < 2, (before, after)


@on_sqlite
@pytest.mark.parametrize("size", [(740, 360), (568, 320)], ids=str)
def test_on_a_phone_on_its_side_the_button_of_the_review_is_seen_whole(
    open_page: Screens, people: dict[str, Person], size: tuple[int, int]
) -> None:
    page = open_page(f"/auctions/{hall(2, 3)}", size[0], name="alice", height=size[1])
    expect(page.locator("#standing[data-chances]")).to_be_visible()
    page.locator("#amount").fill("500000")
    page.locator(".bid-row button").click()
    button = page.locator("#confirm form button[type=submit]")
    expect(page.locator("#confirm .review-amount")).to_be_visible()
    button.scroll_into_view_if_needed()
    expect(button).to_be_in_viewport(ratio=1)
    # Nothing lies over it either.
    box = button.bounding_box()
    assert box
    under = "([x, y]) => document.elementFromPoint(x, y)?.closest('button')?.type"
    for y in (box["y"] + 2, box["y"] + box["height"] - 2):
        assert page.evaluate(under, [box["x"] + box["width"] / 2, y]) == "submit"
