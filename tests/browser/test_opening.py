"""The opening and the end as open pages see them: the form is there before, opens on every page at the same moment by
the store's clock, keeps what was typed, and asks the server nothing."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.browser.evening import Phones, review_and_bid, until, until_connected
from tests.staging.installation import add_concert, open_auction

pytestmark = [
    pytest.mark.parametrize("installation", ["sqlite"], indirect=True),
    pytest.mark.timeout(240),
]

PAGES = 8
APART_MS = 50
BUTTON = ".bid-form button[type=submit]"
# Notes by the page's own reading of the store's clock when the form opens and closes.
NOTE_PHASES = """
  window.neverReloaded = true;
  window.phases = {};
  const bar = document.getElementById("bid");
  new MutationObserver(() => { window.phases[bar.dataset.phase] ??= window.auctionClock.serverNow(); })
    .observe(bar, { attributeFilter: ["data-phase"] });
"""


def opening_in(seconds: int) -> tuple[str, float]:
    """A moment as the command takes it, and in seconds since 1970."""
    moment = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds)
    return moment.isoformat(), moment.timestamp()


def requests_since(page: Page, moment: float) -> list[str]:
    """What the page has asked for since `moment` (seconds since 1970), as the browser itself measured it."""
    script = """(since) => {
      const offset = window.auctionClock.serverNow() - performance.now();
      return performance.getEntriesByType("resource").filter((entry) => entry.startTime + offset > since)
        .map((entry) => entry.name);
    }"""
    found: list[str] = page.evaluate(script, moment * 1000)
    return found


def phases(page: Page) -> dict[str, Any]:
    assert page.evaluate("window.neverReloaded") is True, "the page was reloaded"
    found: dict[str, Any] = page.evaluate("window.phases")
    return found


def test_eight_pages_open_at_the_same_moment_without_a_request(
    installation: Installation, concert: int, phone: Phones
) -> None:
    opens, opens_at = opening_in(60)
    auction = open_auction(installation, concert, seats=2, opens=opens, closes="+1h")
    alice = phone("alice").sign_in(f"/auctions/{auction}").page
    pages = [alice] + [phone("carol").open(f"/auctions/{auction}").page for _ in range(PAGES - 1)]
    for page in pages:
        until_connected(page)
        page.evaluate(NOTE_PHASES)
        expect(page.locator(BUTTON)).to_have_attribute("aria-disabled", "true")
        page.fill("#amount", "123000")
    assert time.time() < opens_at - 5, "too slow to see the opening"
    for page in pages:
        wait_until(lambda page=page: "open" in phases(page), "an open form", seconds=90)
    opened = [phases(page)["open"] / 1000 - opens_at for page in pages]
    # Beats brought the store's clock to every page; the machine may hold each page up for a moment.
    assert min(opened) > -0.001, opened
    assert sorted(opened)[PAGES // 2] < APART_MS / 1000, opened
    for page in pages:
        expect(page.locator(BUTTON)).not_to_have_attribute("aria-disabled", re.compile(""))
        expect(page.locator("#amount")).to_have_value("123,000")
        expect(page.locator("#standing")).to_have_attribute("data-position", "watching")
        expect(page.locator("#clock .clock-label")).to_have_text("마감")
    wait_until(lambda: time.time() > opens_at + 4, "four seconds of bidding")
    assert [requests_since(page, opens_at - 1) for page in pages] == [[]] * PAGES
    review_and_bid(alice, 120_000)
    until(alice, "winning")


def test_pressed_early_the_button_says_when_it_opens_and_keeps_what_was_typed(
    installation: Installation, concert: int, phone: Phones
) -> None:
    opens, _ = opening_in(3600)
    auction = open_auction(installation, concert, seats=2, opens=opens, closes="+1h")
    page = phone("carol").open(f"/auctions/{auction}").page
    until_connected(page)
    began = time.time()
    page.fill("#amount", "150000")
    page.keyboard.press("Tab")
    expect(page.locator(BUTTON)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#not-now")).to_contain_text(re.compile(r"아직 .* 00:\d\d:\d\d"))
    expect(page.locator("#not-now")).to_have_attribute("role", "status")
    expect(page.locator("#amount")).to_have_value("150,000")
    page.keyboard.press("Tab")
    expect(page.locator("#bidder a[href^='/login']")).to_be_focused()
    expect(page.locator("#bidder")).to_contain_text("30일")
    assert not requests_since(page, began)


def test_the_form_closes_by_the_clock_without_a_request(installation: Installation, phone: Phones) -> None:
    auction = open_auction(installation, add_concert(installation), seats=2, closes="+25s")
    page = phone("carol").open(f"/auctions/{auction}").page
    until_connected(page)
    page.evaluate(NOTE_PHASES)
    began = time.time()
    ends_at = int(page.locator("#board").get_attribute("data-ends-at-ms") or 0)
    wait_until(lambda: phases(page).keys() & {"over", "closing", "settled"}, "the end", seconds=60)
    assert min(phases(page).values()) >= ends_at - 1
    until(page, "settled", 90_000)
    expect(page.locator(".bid-form")).to_have_count(0)
    expect(page.locator(".bid-results")).to_be_visible()
    assert not [url for url in requests_since(page, began) if "/history" not in url]
