"""The moments of an evening on a phone, a tablet and a wide screen, in both languages: what a fan needs to know then
stands whole on the first screen, is true, and can be used."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
import redis
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from cashticket.models import Person
from cashticket.wiring import page_cache
from lab.waiting import wait_until
from tests.browser.axe import violations
from tests.browser.evening import ALERT
from tests.browser.halls import Screens, screens
from tests.browser.test_large_text import check
from tests.fixtures.browser import PAGE_SECONDS
from tests.staging import rows
from tests.staging.claims import claims_in
from tests.web.auction_in_states import STATES, Evening
from tests.web.test_what_pages_say import wanted_of_own

# The kind of database changes nothing of what pages look like.
pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True), pytest.mark.sweep]
expect.set_options(timeout=PAGE_SECONDS * 1000)

SCREENS = ((360, 780), (768, 1024), (1280, 800))
IN_CI = {(360, "ko"), (360, "en"), (1280, "ko")}
"""`make storm` looks at the other screens too."""
WALKS = [
    pytest.param(*screen, language, marks=[] if (screen[0], language) in IN_CI else [pytest.mark.trial])
    for screen, language in product(SCREENS, ("ko", "en"))
]
# State of the auction, reader, and how the page marks the line that says where the reader stands.
MOMENTS = (
    ("coming", "alice", "scheduled"),
    ("bid_in", "alice", "winning"),
    ("bid_in", "carol", "out"),
    ("extended", "alice", "winning"),
    ("settled", "alice", "won"),
    ("declined", "carol", "won"),
    ("voided_while_open", "alice", "voided"),
)
LOWER_EDGE = "(selector) => document.querySelector(selector)?.getBoundingClientRect().bottom"
LONG_TITLES = {
    "title": "서울 국제 실내악 축제 폐막 공연: 한강의 밤과 별이 빛나는 정원의 긴 이야기",
    "title_en": "Closing night of the Seoul chamber music festival: a long tale of the river and its garden",
}
ALERTS_SHOWN = 3


@pytest.fixture
def open_page(app: Flask, people: dict[str, Person], chromium: Browser) -> Iterator[Screens]:
    with screens(app, chromium) as opened:
        yield opened


def go(page: Page, path: str, language: str) -> None:
    page.goto(f"{'/'.join(page.url.split('/')[:3])}{path}?lang={language}")


def check_first_screen(page: Page, selector: str, height: int) -> None:
    """What is selected is seen whole without scrolling, and anybody can use the page."""
    expect(page.locator(selector).first).to_be_visible()
    # In one step: a piece that is fetched anew takes its elements away.
    below = wait_until(lambda: page.evaluate(LOWER_EDGE, selector), f"{selector} on the page")
    assert below <= height, f"{page.url}: {selector} ends at {below}"
    check(page)
    assert violations(page) == [], page.url


@pytest.mark.parametrize(("width", "height", "language"), WALKS)
def test_every_moment_is_told_on_the_first_screen(
    app: Flask,
    open_page: Screens,
    people: dict[str, Person],
    monkeypatch: pytest.MonkeyPatch,
    width: int,
    height: int,
    language: str,
) -> None:
    monkeypatch.setattr(rows, "TITLES", LONG_TITLES)
    pages = {name: open_page("/", width, name=name, language=language, height=height) for name in ("alice", "carol")}
    for state, name, mark in MOMENTS:
        evening, facts = STATES[state](people)
        page_cache().drop()
        page = pages[name]
        go(page, f"/auctions/{evening.id}", language)
        if state == "declined":
            # Carol was pushed out of the auctions before, and reads it here too.
            expect(page.locator(ALERT)).to_have_count(ALERTS_SHOWN)
        check_first_screen(page, f"#standing .state-line.state-{mark}", height)
        told = claims_in(" ".join(page.locator("#standing").inner_text().split()), language)
        assert wanted_of_own("standing", facts[name]) <= told, (state, name)
        if state == "extended":
            check_first_screen(page, "#clock .clock-moved", height)
    for page in pages.values():
        go(page, "/", language)
        check_first_screen(page, "#needs a", height)

    def refused(*args: Any, **kwargs: Any) -> None:
        raise redis.ConnectionError

    page_cache().drop()
    monkeypatch.setattr(app.extensions["engine"]._client.connection_pool, "get_connection", refused)
    go(pages["alice"], f"/auctions/{evening.id}", language)
    check_first_screen(pages["alice"], "main h1", height)


def test_of_several_alerts_the_newest_is_seen_and_closing_it_shows_the_next(
    open_page: Screens, people: dict[str, Person]
) -> None:
    pushed_out_of = [STATES["bid_in"](people)[0].id for _ in range(ALERTS_SHOWN)]
    page = open_page("/", 360, name="carol")
    expect(page.locator(ALERT)).to_have_count(ALERTS_SHOWN)
    seen = []
    for _ in pushed_out_of:
        alert = page.locator(f"{ALERT}:visible")
        expect(alert).to_have_count(1)
        seen.append(alert.get_attribute("data-auction"))
        check(page)
        alert.locator("[data-dismiss]").click()
        expect(page.locator(f"{ALERT}[data-auction='{seen[-1]}']")).to_have_count(0)
    assert sorted(seen) == sorted(str(each) for each in pushed_out_of)


def test_the_moment_of_a_concert_stays_whole_where_it_fits_on_a_line(
    open_page: Screens, people: dict[str, Person]
) -> None:
    evening = Evening(people)
    page = open_page(f"/auctions/{evening.id}", 360)
    moment = page.locator(".auction-facts time")
    lines = moment.evaluate(
        "each => each.getBoundingClientRect().height / parseFloat(getComputedStyle(each).lineHeight)"
    )
    assert moment.is_visible() and lines < 1.5
