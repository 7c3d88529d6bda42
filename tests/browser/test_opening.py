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
from tests.fixtures.browser import Phone
from tests.staging.installation import acted_before_its_end, open_auction

pytestmark = [
    pytest.mark.sweep,
    pytest.mark.parametrize("installation", ["sqlite"], indirect=True),
    pytest.mark.timeout(1_200),
]

PAGES = 8
TURNS = 3
BUTTON = ".bid-form button[type=submit]"
# Notes by the page's own reading of the store's clock when the form opens and closes. A timer of the test takes a turn
# every ten milliseconds and counts those that come after the opening and before the form opens. What holds the page up
# holds both up: the form opens within TURNS of them also on a machine that is busy.
NOTE_PHASES = """
  window.neverReloaded = true;
  window.phases = {};
  window.turns = 0;
  const bar = document.getElementById("bid");
  const { serverNow } = window.auctionClock;
  new MutationObserver(() => { window.phases[bar.dataset.phase] ??= serverNow(); })
    .observe(bar, { attributeFilter: ["data-phase"] });
  const opens = Number(document.getElementById("board").dataset.opensAtMs);
  const turn = () => {
    if (window.phases.open) return;
    window.turns += serverNow() >= opens;
    setTimeout(turn, Math.max(10, opens - serverNow() - 1000));
  };
  turn();
"""


# Notes the longest time without a frame. After three seconds, on a machine that is busy, a page asks for the present.
NOTE_SILENCE = """
  let heardAt = performance.now();
  window.longestSilence = () => Math.max(window.silence, performance.now() - heardAt);
  window.silence = 0;
  document.addEventListener("htmx:ws:before:message:incoming", () => {
    window.silence = window.longestSilence();
    heardAt = performance.now();
  });
"""
SILENT_MS = 2_900


def opening_in(seconds: int) -> tuple[str, float]:
    """A moment as the command takes it, and in seconds since 1970."""
    moment = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds)
    return moment.isoformat(), moment.timestamp()


def requests_since(page: Page, moment: float) -> list[str]:
    """What the page has asked for since `moment` (seconds since 1970), as the browser itself measured it, apart from
    the present, if frames have not come for long."""
    script = """(since) => {
      const offset = window.auctionClock.serverNow() - performance.now();
      return performance.getEntriesByType("resource").filter((entry) => entry.startTime + offset > since)
        .map((entry) => entry.name);
    }"""
    found: list[str] = page.evaluate(script, moment * 1000)
    was_silent = page.evaluate("window.longestSilence()") > SILENT_MS
    return [url for url in found if not (was_silent and re.search(r"/(board|standing)\?", url))]


def phases(page: Page) -> dict[str, Any]:
    assert page.evaluate("window.neverReloaded") is True, "the page was reloaded"
    found: dict[str, Any] = page.evaluate("window.phases")
    return found


def scheduled(installation: Installation, concert: int, phones: list[Phone]) -> tuple[float, list[Page]]:
    """When an auction opens, and its pages, all of them complete some seconds before. A machine that is too slow for
    that gets more time."""
    for seconds in (26, 160, 640):
        opens, opens_at = opening_in(seconds)
        auction = open_auction(installation, concert, seats=2, opens=opens, closes="+1h")
        pages = [each.open(f"/auctions/{auction}").page for each in phones]
        for page in pages:
            until_connected(page)
            page.evaluate(NOTE_SILENCE + NOTE_PHASES)
            if time.time() < opens_at - 10:
                expect(page.locator(BUTTON)).to_have_attribute("aria-disabled", "true")
            page.fill("#amount", "123000")
        if time.time() < opens_at - 5:
            return opens_at, pages
    raise AssertionError("too slow to see the opening")


def test_eight_pages_open_at_the_same_moment_without_a_request(
    installation: Installation, concert: int, phone: Phones
) -> None:
    phones = [phone("alice").sign_in("/"), *(phone("carol").open("/") for _ in range(PAGES - 1))]
    opens_at, pages = scheduled(installation, concert, phones)
    for page in pages:
        wait_until(lambda page=page: "open" in phases(page), "an open form", seconds=700)
    opened = [phases(page)["open"] / 1000 - opens_at for page in pages]
    # Beats brought the store's clock to every page; the machine may hold each page up for a moment.
    assert min(opened) > -0.001, opened
    turns = [page.evaluate("window.turns") for page in pages]
    assert sorted(turns)[PAGES // 2] <= TURNS, (turns, opened)
    for page in pages:
        expect(page.locator(BUTTON)).not_to_have_attribute("aria-disabled", re.compile(""))
        expect(page.locator("#amount")).to_have_value("123,000")
        expect(page.locator("#standing")).to_have_attribute("data-position", "watching")
        expect(page.locator("#clock .clock-label:visible")).to_have_text("남은 시간")
        expect(page.locator("#clock .clock-at:visible")).to_contain_text("마감")
    wait_until(lambda: time.time() > opens_at + 4, "four seconds of bidding")
    assert [requests_since(page, opens_at - 1) for page in pages] == [[]] * PAGES
    review_and_bid(pages[0], 120_000)
    until(pages[0], "winning")


def test_pressed_early_the_button_says_when_it_opens_and_keeps_what_was_typed(
    installation: Installation, concert: int, phone: Phones
) -> None:
    opens, _ = opening_in(3600)
    auction = open_auction(installation, concert, seats=2, opens=opens, closes="+1h")
    page = phone("carol").open(f"/auctions/{auction}").page
    until_connected(page)
    page.evaluate(NOTE_SILENCE)
    began = time.time()
    page.fill("#amount", "150000")
    page.keyboard.press("Tab")
    expect(page.locator(BUTTON)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#not-now")).to_contain_text(re.compile(r"아직 .* \d\d:\d\d 뒤에"))
    expect(page.locator("#not-now")).to_have_attribute("role", "status")
    expect(page.locator("#amount")).to_have_value("150,000")
    page.keyboard.press("Tab")
    expect(page.locator("#bidder a[href^='/login']")).to_be_focused()
    expect(page.locator("#bidder")).to_contain_text("30일")
    assert not requests_since(page, began)


def test_the_form_closes_by_the_clock_without_a_request(installation: Installation, phone: Phones) -> None:
    carol = phone("carol").open("/")
    page = carol.page

    def watch(auction: int) -> None:
        carol.open(f"/auctions/{auction}")
        until_connected(page)
        page.evaluate(NOTE_SILENCE + NOTE_PHASES)

    acted_before_its_end(installation, watch, seconds=9, seats=2)
    began = time.time()
    ends_at = int(page.locator("#board").get_attribute("data-ends-at-ms") or 0)
    wait_until(lambda: phases(page).keys() & {"over", "closing", "settled"}, "the end", seconds=400)
    assert min(phases(page).values()) >= ends_at - 1
    until(page, "settled", 90_000)
    expect(page.locator(".bid-form")).to_have_count(0)
    expect(page.locator(".bid-results")).to_be_visible()
    assert not [url for url in requests_since(page, began) if "/history" not in url]
