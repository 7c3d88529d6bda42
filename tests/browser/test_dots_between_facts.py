"""Facts that stand side by side have a dot between them: no line begins or ends with one, on screens of any width."""

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

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
# What is seen of each dot between words: those with no letter before or behind them on their line. A dot that a style
# sheet draws, or one that is cut off at the left edge of its facts, is told apart.
LOOSE = """() => {
  const letters = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (!node.parentElement.checkVisibility() || node.parentElement.closest(".visually-hidden")) continue;
    [...node.data].forEach((letter, at) => {
      if (!letter.trim() || letter.length > 1) return;
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + 1);
      letters.push({ letter, node, box: range.getBoundingClientRect() });
    });
  }
  const isBelow = (one, other) => one.box.top >= other.box.bottom - 1;
  const isCut = ({ node, box }) => {
    const facts = node.parentElement.closest(".dots");
    const cuts = facts !== null && getComputedStyle(facts).clipPath !== "none";
    return cuts && box.right <= facts.getBoundingClientRect().left + 1;
  };
  return letters.filter((each) => each.letter === "·" && each.box.width && !isCut(each)).filter((dot) => {
    const at = letters.indexOf(dot);
    return isBelow(letters[at + 1], dot) || isBelow(dot, letters[at - 1]);
  }).map(({ node }) => node.parentElement.closest("p, li, td, th, a, h1, h2").textContent.trim());
}"""
DRAWN = """() => [...document.querySelectorAll("body *")].filter((each) => each.checkVisibility()
  && ["::before", "::after"].some((end) => getComputedStyle(each, end).content.includes("·")))
  .map((each) => each.className)"""
SHOWN = """() => [...document.querySelectorAll(".dots i")].filter((each) => each.checkVisibility()).length"""


@pytest.fixture
def open_page(app: Flask, people: dict[str, Person], chromium: Browser) -> Iterator[Screens]:
    with screens(app, chromium) as opened:
        yield opened


def check(page: Page) -> int:
    for summary in page.locator("main summary:visible").all():
        summary.click()
    path = page.url.partition("127.0.0.1")[2]
    assert page.evaluate(LOOSE) == [], path
    assert page.evaluate(DRAWN) == [], f"{path}: a drawn dot cannot tell where its line ends"
    return int(page.evaluate(SHOWN))


SIZES = ((280, 1.0), (320, 1.0), (360, 1.0), (390, 1.0), (360, 2.0), (1280, 1.0))
IN_CI = {*product(((280, 1.0), (360, 2.0)), ("ko", "en")), ((360, 1.0), "ko"), ((1280, 1.0), "ko")}
"""`make storm` walks on the other screens too."""
WALKS = [
    pytest.param(*each, marks=[] if each in IN_CI else [pytest.mark.trial]) for each in product(SIZES, ("ko", "en"))
]


@on_sqlite
@pytest.mark.parametrize(("size", "language"), WALKS, ids=str)
def test_no_line_of_a_page_begins_or_ends_with_a_dot(
    open_page: Screens, people: dict[str, Person], size: tuple[int, float], language: str
) -> None:
    width, text = size
    auction, alice = hall(2, 3), people["alice"]
    ended = add_results(60)
    place_bid_of(auction, alice, 3, 3)
    add_settled_auction([(alice.id, 300_000), (people["bob"].id, 200_000)], seats=1)
    move_seat(ended, 1, 3)
    concert = db.session.get_one(Auction, auction).concert_id
    of_auctions = (f"/auctions/{auction}", f"/auctions/{auction}/ladder", f"/auctions/{ended}/results")
    parts = (f"/auctions/{ended}/record", f"/auctions/{ended}/lineage")
    for_all = ("/", "/concerts/", f"/concerts/{concert}", *of_auctions, *parts)
    own = (f"/auctions/{auction}/reminder", "/me", "/me/bids", "/me/tickets", "/me/notifications")
    dots = 0
    for name, paths in (("", for_all), ("alice", (*own, f"/auctions/{auction}/confirm?amount=200000"))):
        for page in walk(open_page, paths, width, name=name, text=text, language=language):
            dots += check(page)
    page = open_page(f"/auctions/{auction}", width, name="alice", text=text, language=language)
    expect(page.locator("#standing[data-position=out]")).to_be_visible()
    assert dots + check(page) >= 15, "the walk met the dots"


@on_sqlite
@pytest.mark.parametrize("width", [360, 1280])
def test_facts_that_fit_on_one_line_keep_the_dot_between_them(open_page: Screens, width: int) -> None:
    page = open_page(f"/auctions/{hall(2, 3)}/ladder", width)
    first, second = page.locator("#ladder header .dots > *").all()
    dot = page.locator("#ladder header .dots i")
    one, mark, other = (each.bounding_box() for each in (first, dot, second))
    assert one and mark and other
    assert mark["x"] >= one["x"] + one["width"] - 1 and mark["x"] + mark["width"] <= other["x"] + 1
    assert abs(one["y"] - other["y"]) < 2 and other["x"] - one["x"] - one["width"] > 8


@on_sqlite
@pytest.mark.parametrize("width", [280, 1280])
def test_a_fact_of_one_endless_word_begins_on_the_line_of_its_dot(open_page: Screens, width: int) -> None:
    auction = db.session.get_one(Auction, hall(2, 3))
    auction.concert.venue = "가" * 100
    db.session.commit()
    page = open_page(f"/auctions/{auction.id}", width)
    venue = page.locator(".auction-facts > *").nth(1)
    lines = venue.evaluate(
        "each => each.getBoundingClientRect().height / parseFloat(getComputedStyle(each).lineHeight)"
    )
    needed = venue.evaluate("each => Math.ceil(each.textContent.length * 16 / each.getBoundingClientRect().width)")
    assert round(lines) <= needed, "no line is empty"
