"""No two places of one page say different things: what stays open follows what happened, in every place at once."""

import pytest
from playwright.sync_api import Page, expect

from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.browser.evening import ALERT, Phones, bid, unread, until
from tests.staging.installation import acted_before_its_end, is_recorded, shown

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

# A list asks again after 15 seconds at the latest; an alert is no reason to wait for that.
AT_ONCE_MS = 6000
TABS_BADGE = ".tabs #unread-in-tabs .badge"


def test_my_page_calls_nobody_winning_beside_the_alert_of_being_pushed_out(
    installation: Installation, auction: int, phone: Phones
) -> None:
    bid(installation, "alice", auction, 100_000)
    wait_until(lambda: is_recorded(installation, auction), "her bid in the ledger")
    page = phone("alice").sign_in("/me").page
    mine = page.locator("#running .mine").filter(has=page.locator(f"a[href='/auctions/{auction}']")).first
    expect(mine).to_contain_text("낙찰 순위 안이에요")
    before = unread(page)
    bid(installation, "bob", auction, 110_000)
    expect(page.locator(f"{ALERT}[data-auction='{auction}']")).to_have_count(1)
    expect(mine).to_contain_text("낙찰 순위 밖이에요", timeout=AT_ONCE_MS)
    wait_until(lambda: unread(page) == before + 1, "one notice more at the bell")
    expect(page.locator(TABS_BADGE)).to_have_text(str(before + 1))


def test_a_page_that_stayed_open_offers_no_reminder_of_what_is_over(installation: Installation, phone: Phones) -> None:
    page = phone("alice").sign_in("/").page
    offered = page.locator("#auction").locator("[id^=reminder-], a[href*='calendar.ics']")

    def looks_and_bids(auction: int) -> None:
        page.goto(f"{installation.webs[0].url}/auctions/{auction}")
        expect(offered).to_have_count(2)
        bid(installation, "bob", auction, 110_000)

    auction = acted_before_its_end(installation, looks_and_bids, seconds=8, seats=1)
    wait_until(lambda: shown(installation, auction)["state"] == "settled", "a settled auction")
    until(page, "settled")
    expect(offered).to_have_count(0)


@pytest.mark.parametrize("language", ["ko", "en"])
def test_an_alias_among_the_final_ranks_stays_on_one_line_of_a_phone(
    installation: Installation, phone: Phones, language: str
) -> None:
    def bids(auction: int) -> None:
        bid(installation, "bob", auction, 110_000)

    auction = acted_before_its_end(installation, bids, seconds=8, seats=1)
    wait_until(lambda: shown(installation, auction)["state"] == "settled", "a settled auction")
    carol = phone("carol", language=language).open(f"/auctions/{auction}/results?lang={language}")
    assert lines_of_alias(carol.page) == 1
    assert carol.overflow() <= 0


def lines_of_alias(page: Page) -> int:
    """On how many lines the first alias is written."""
    alias = page.locator(".ladder-results td.alias").first
    lines: int = alias.evaluate(
        """(cell) => {
          const range = document.createRange();
          range.selectNodeContents(cell);
          return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size;
        }"""
    )
    return lines
