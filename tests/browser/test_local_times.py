"""Beside Seoul time, a browser whose clock is another shows its own time, also in what comes later."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from lab.servers.installation import Installation
from tests.fixtures.browser import PAGE_SECONDS, Phone

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]

expect.set_options(timeout=PAGE_SECONDS * 1000)

Phones = Callable[..., Phone]
NARROW: ViewportSize = {"width": 360, "height": 740}
SHOWN = """() => [...document.querySelectorAll("main time[data-local]")]
  .map((each) => getComputedStyle(each, "::after").content)"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
MOMENTS = "main time[datetime]:not([role=timer])"


def local_time(page: Page, place: str, zone: str) -> str:
    """The time of day that the moment at `place` has in `zone`."""
    moment = page.locator(place).first.get_attribute("datetime") or ""
    return datetime.fromisoformat(moment.replace("Z", "+00:00")).astimezone(ZoneInfo(zone)).strftime("%H:%M")


@pytest.mark.parametrize(("language", "word"), [("ko", "현지"), ("en", "your time")])
@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata"])
def test_a_visitor_from_elsewhere_reads_their_own_time_behind_that_of_seoul(
    installation: Installation, concert: int, auction: int, phone: Phones, zone: str, language: str, word: str
) -> None:
    made = phone("carol", zone=zone, language=language, screen=NARROW)
    for path in (f"/concerts/{concert}", f"/auctions/{auction}", "/"):
        page = made.open(f"{path}?lang={language}").page
        first = page.locator(MOMENTS).first
        expect(first).to_have_attribute("data-local", re.compile(rf"^\({word} .*\d\d:\d\d\)$"))
        assert local_time(page, MOMENTS, zone) in (first.get_attribute("data-local") or ""), path
        assert all(word in text for text in page.evaluate(SHOWN)) and page.evaluate(SHOWN), path
        assert page.evaluate(TOO_WIDE) <= 0, path


@pytest.mark.parametrize("zone", ["Asia/Seoul", "Asia/Tokyo"])
def test_whose_clock_is_that_of_seoul_reads_each_time_once(
    installation: Installation, concert: int, phone: Phones, zone: str
) -> None:
    page = phone("carol", zone=zone).open(f"/concerts/{concert}").page
    expect(page.locator(MOMENTS).first).to_be_visible()
    assert page.evaluate(SHOWN) == []


def test_what_is_swapped_in_and_an_end_that_moves_follow(
    installation: Installation, auction: int, phone: Phones
) -> None:
    page = phone("carol", zone="America/New_York", screen=NARROW).open(f"/auctions/{auction}").page
    end = page.locator("[data-clock-at]")
    before = end.get_attribute("data-local") or ""
    later = (datetime.now(UTC) + timedelta(days=3)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    page.evaluate("(at) => { document.querySelector('[data-clock-at]').dateTime = at; }", later)
    expect(end).not_to_have_attribute("data-local", before)
    # As a piece that htmx or a socket brings.
    page.evaluate(
        """(at) => {
          const piece = document.createElement("p");
          const time = piece.appendChild(document.createElement("time"));
          time.id = "swapped-in"; time.dateTime = at;
          document.querySelector("main").append(piece);
        }""",
        later,
    )
    expect(page.locator("#swapped-in")).to_have_attribute("data-local", end.get_attribute("data-local") or "")


def test_where_it_is_another_day_the_day_is_said_too(installation: Installation, concert: int, phone: Phones) -> None:
    page = phone("carol", zone="America/New_York", language="en").open(f"/concerts/{concert}?lang=en").page
    moment = page.locator(MOMENTS).first
    # Ten in the morning and nine in the evening of the first of June in Seoul.
    for at, words in (("01:00", "(your time 31 May 21:00)"), ("12:00", "(your time 08:00)")):
        moment.evaluate("(each, at) => { each.dateTime = at; }", f"2031-06-01T{at}:00Z")
        expect(moment).to_have_attribute("data-local", words)


def test_without_scripts_seoul_time_stands_alone(installation: Installation, concert: int, phone: Phones) -> None:
    page = phone("carol", zone="America/New_York", scripts=False).open(f"/concerts/{concert}").page
    expect(page.locator(".concert-head time")).to_have_text(re.compile(r"\d\d:\d\d$"))
