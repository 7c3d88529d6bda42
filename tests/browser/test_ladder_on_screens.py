"""The ladder on real screens: nothing scrolls inside the page, the cut-off line is soon seen, and one's own row is
marked, green only while it is in."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from cashticket.auction.values import State
from cashticket.models import Person
from cashticket.wiring import current_engine
from tests.browser.halls import STEP, Screens, hall, place_bid, place_bid_of, screens
from tests.fixtures.browser import PAGE_SECONDS
from tests.staging.settlement import add_settled_auction

pytestmark = [pytest.mark.sweep, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
expect.set_options(timeout=PAGE_SECONDS * 1000)

PHONE, DESK = 360, 1280
SEATS, BIDDERS = 16, 20
LINE = "#board .cutoff-line th"
OWN = "#board tr.own-row"
# Elements that hide a part of themselves and can be scrolled to it.
BOXES = """() => [...document.querySelectorAll("main, main *")].filter((each) =>
  each.scrollHeight > each.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(each).overflowY)
).map((each) => each.className)"""


@pytest.fixture
def open_page(app: Flask, people: dict[str, Person], chromium: Browser) -> Iterator[Screens]:
    with screens(app, chromium) as opened:
        yield opened


def ranks(page: Page) -> list[int]:
    """The ranks of the rows that are seen."""
    return [int(row.text_content() or 0) for row in page.locator("#board tr[data-alias]:visible td:first-child").all()]


def ground(page: Page, selector: str) -> str:
    return str(page.locator(selector).first.evaluate("each => getComputedStyle(each).backgroundColor"))


@pytest.mark.parametrize(
    ("width", "shown"),
    [(PHONE, [1, 2, 3, 14, 15, 16, 17, 18, 19, 20]), (DESK, [*range(1, 17), 17, 18, 19, 20])],
    ids=["phone", "desk"],
)
def test_the_rows_around_the_line_are_seen_without_a_box_that_scrolls(
    open_page: Screens, width: int, shown: list[int]
) -> None:
    page = open_page(f"/auctions/{hall(SEATS, BIDDERS)}", width)
    expect(page.locator(LINE)).to_have_text("여기까지 낙찰 · 커트라인 120,000원")
    assert ranks(page) == shown
    assert page.evaluate(BOXES) == []
    line, board = page.locator(LINE).bounding_box(), page.locator("#board table").bounding_box()
    assert line and board and line["y"] - board["y"] < (400 if width == PHONE else 700)
    expect(page.locator("#board .nth")).to_have_count(1)
    nth = page.locator("#board tr", has=page.locator(".nth")).bounding_box()
    assert nth and abs(nth["y"] + nth["height"] - line["y"]) < 2, "the marked row is the last above the line"


def test_a_wide_screen_shows_the_best_ten_and_the_last_five_of_many(open_page: Screens) -> None:
    page = open_page(f"/auctions/{hall(30, 33)}", DESK)
    assert ranks(page) == [*range(1, 11), *range(26, 31), 31, 32, 33]
    page.click("#board .more")
    expect(page.locator("#ladder tr[data-alias]")).to_have_count(30)


@pytest.mark.parametrize(
    ("rank", "is_in"), [(1, True), (9, True), (16, True), (17, False)], ids=["first", "middle", "last", "out"]
)
def test_the_own_row_is_marked_and_green_only_while_it_is_in(
    open_page: Screens, people: dict[str, Person], rank: int, is_in: bool
) -> None:
    auction = hall(SEATS, BIDDERS)
    place_bid_of(auction, people["alice"], rank, BIDDERS)
    page = open_page(f"/auctions/{auction}", PHONE, name="alice")
    expect(page.locator(f"{OWN} td:first-child")).to_have_text(str(rank))
    expect(page.locator(OWN)).to_be_visible()
    assert page.locator(f"{OWN} .alias").evaluate("each => getComputedStyle(each, '::after').content") == '"나"'
    assert page.locator("#board").evaluate("each => getComputedStyle(each, '::after').content") == "none"
    expect(page.locator(f"{OWN}.own-in")).to_have_count(int(is_in))
    digit = page.locator(f"{OWN} td:first-child")
    padding = digit.evaluate("each => parseFloat(getComputedStyle(each).paddingInlineStart)")
    assert padding >= 8, "the bar is 4 pixels wide"


def test_an_own_row_that_falls_out_loses_its_green_at_once(open_page: Screens, people: dict[str, Person]) -> None:
    auction = hall(SEATS, BIDDERS)
    place_bid_of(auction, people["alice"], SEATS, BIDDERS)
    page = open_page(f"/auctions/{auction}", PHONE, name="alice")
    expect(page.locator(f"{OWN}.own-in")).to_be_visible()
    green = ground(page, f"{OWN} td")
    place_bid(auction, people["bob"].id, 100_000 + 2 * STEP * BIDDERS)
    expect(page.locator(f".below {OWN.split()[1]}")).to_be_visible()
    expect(page.locator(f"{OWN}.own-in")).to_have_count(0)
    assert ground(page, f"{OWN} td") != green


def test_in_the_middle_of_many_the_rows_around_the_own_one_look_like_the_ladder(
    open_page: Screens, people: dict[str, Person]
) -> None:
    auction = hall(60, 70)
    place_bid_of(auction, people["alice"], 40, 70)
    page = open_page(f"/auctions/{auction}", PHONE, name="alice")
    around = page.locator("#standing .neighbours")
    expect(around.locator("tr.own-in td:first-child")).to_have_text("40")
    first, board = around.bounding_box(), page.locator("#board").bounding_box()
    assert first and board and 0 <= board["y"] - first["y"] - first["height"] < 40, "right above the board"


def test_after_the_end_only_who_has_a_seat_is_green(open_page: Screens, people: dict[str, Person]) -> None:
    ids = [people[name].id for name in ("bob", "carol", "alice")]
    auction = add_settled_auction([*zip(ids, (300_000, 200_000, 150_000), strict=True)], seats=2)
    for name, is_in in (("bob", True), ("alice", False)):
        page = open_page(f"/auctions/{auction}/results", DESK, name=name)
        expect(page.locator(".ladder-results tr.own-row")).to_have_count(1)
        expect(page.locator(".ladder-results tr.own-in")).to_have_count(int(is_in))


def test_after_the_end_the_board_of_an_open_page_is_final(open_page: Screens) -> None:
    auction = hall(SEATS, BIDDERS)
    page = open_page(f"/auctions/{auction}", PHONE)
    expect(page.locator("#board-title")).to_have_text("실시간 현황")
    current_engine().finish(auction, State.SETTLED)
    expect(page.locator("#board-title")).to_have_text("최종 순위")
    expect(page.locator(LINE)).to_have_text("최종 커트라인 120,000원")
