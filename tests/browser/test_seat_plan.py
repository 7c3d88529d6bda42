"""The seats on screens of any width: the plan fits, the own seat is marked on it, and the bid stays above the fold."""

from collections.abc import Iterator
from itertools import product

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from cashticket.extensions import db
from cashticket.models import Auction, Person
from lab.waiting import wait_until
from tests.browser.halls import Screens, hall, place_bid, place_bid_of, screens
from tests.browser.test_large_text import WIDE
from tests.fixtures.browser import PAGE_SECONDS
from tests.web.test_seat_facts import announce

pytestmark = pytest.mark.sweep
expect.set_options(timeout=PAGE_SECONDS * 1000)

FACTS = {"zone": "1층 A구역", "view": "무대 정면, 1층", "benefits": "사운드체크 관람, 굿즈", "face_price": 198_000}
SEATS, BIDDERS, RANK = 20, 30, 17
SIZES = ((280, 1.0), (360, 1.0), (360, 2.0), (1280, 1.0), (1280, 2.0))
SAID = {"ko": "17위면 2열 7번이에요.", "en": "No. 17 gets row 2, number 7."}
SENTENCE = {
    "ko": "1위부터 10위까지 1열, 11위부터 20위까지 2열.",
    "en": "Nos. 1 to 10 in row 1, nos. 11 to 20 in row 2.",
}
# How far the middle of the mark stands from that of the number that the drawing has for this rank, in its units.
APART = """async ([rank]) => {
  const box = (each) => each.getBoundingClientRect();
  const [picture, mark] = [document.querySelector("#plan img"), document.querySelector("#plan .plan-mark rect")];
  const svg = new DOMParser().parseFromString(await (await fetch(picture.currentSrc)).text(), "image/svg+xml");
  const number = [...svg.querySelectorAll("text")].find((each) => each.textContent === rank);
  const scale = box(picture).width / svg.documentElement.viewBox.baseVal.width;
  const x = (box(mark).x + box(mark).width / 2 - box(picture).x) / scale;
  const y = (box(mark).y + box(mark).height / 2 - box(picture).y) / scale;
  return [Math.abs(x - number.getAttribute("x")), Math.abs(y - number.getAttribute("y"))];
}"""


@pytest.fixture
def open_page(app: Flask, people: dict[str, Person], chromium: Browser) -> Iterator[Screens]:
    with screens(app, chromium) as opened:
        yield opened


@pytest.fixture
def block(open_page: Screens, people: dict[str, Person]) -> int:
    """20 seats in two rows, all facts about them announced, and alice at rank 17."""
    auction = hall(SEATS, BIDDERS)
    announce(auction, {**FACTS, "rows": "2x10"})
    place_bid_of(auction, people["alice"], RANK, BIDDERS)
    return auction


def fits(page: Page) -> None:
    """Nothing of the page is wider than the screen."""
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, page.evaluate(WIDE)


def drawn(page: Page) -> None:
    """Wait until the picture is there, after scrolling to it."""
    page.locator("#plan").scroll_into_view_if_needed()
    wait_until(lambda: page.evaluate("document.querySelector('#plan img').naturalWidth > 0"), "the picture")


@pytest.mark.parametrize(("size", "language"), [*product(SIZES, ("ko", "en"))], ids=str)
def test_the_plan_fits_and_marks_the_own_seat(
    open_page: Screens, block: int, size: tuple[int, float], language: str
) -> None:
    width, text = size
    page = open_page(f"/auctions/{block}", width, name="alice", text=text, language=language)
    expect(page.locator("#plan p")).to_contain_text(SENTENCE[language])
    expect(page.locator("#plan-own")).to_have_text(SAID[language])
    drawn(page)
    fits(page)
    across, down = page.evaluate(APART, [str(RANK)])
    assert across < 2 and down < 6, (across, down)


def test_the_mark_follows_the_rank_and_goes_with_the_seat(open_page: Screens, block: int) -> None:
    page = open_page(f"/auctions/{block}", 360, name="alice")
    own = page.locator("#plan-own")
    expect(own).to_have_text(SAID["ko"])
    place_bid(block, 5_001, 900_000_000)
    expect(own).to_have_text("18위면 2열 8번이에요.")
    for person in (5_002, 5_003, 5_004):
        place_bid(block, person, 900_000_000)
    expect(own).to_have_text("")
    expect(page.locator("#plan .plan-mark")).to_be_hidden()


def test_strangers_see_the_plan_without_a_mark_also_without_a_script(open_page: Screens, block: int) -> None:
    page = open_page(f"/auctions/{block}", 360)
    drawn(page)
    expect(page.locator("#plan-own")).to_have_text("")
    assert page.locator("#plan .plan-mark").count() == 0
    assert "ground=light" in page.locator("#plan img").evaluate("each => each.currentSrc")
    page.emulate_media(color_scheme="dark")
    shown = page.locator("#plan img")
    wait_until(lambda: "ground=dark" in shown.evaluate("each => each.currentSrc"), "the picture for dark screens")


@pytest.mark.parametrize("name", ["", "alice"])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_state_cut_off_and_bid_form_stay_above_the_fold(
    open_page: Screens, block: int, name: str, language: str
) -> None:
    page = open_page(f"/auctions/{block}", 360, name=name, language=language, height=780)
    expect(page.locator("#plan p")).to_contain_text(SENTENCE[language])
    for part in (".clock-cutoff", ".state-line", "#amount", ".bid-row button"):
        box = page.locator(part).first.bounding_box()
        assert box and box["y"] >= 0 and box["y"] + box["height"] <= 780, (part, box)
    seats = page.locator("#seats-title").bounding_box()
    board = page.locator("#board-title").bounding_box()
    assert seats and board and board["y"] < seats["y"], "prices come before the seats"


@pytest.mark.parametrize("width", [280, 360, 1280])
def test_the_card_of_the_concert_shows_the_facts_on_any_screen(open_page: Screens, width: int, block: int) -> None:
    concert = db.session.get_one(Auction, block).concert_id
    page = open_page(f"/concerts/{concert}", width)
    expect(page.locator(".listing .seat-facts")).to_contain_text("1층 A구역")
    fits(page)
