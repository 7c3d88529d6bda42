"""An alert of being outbid, on pages that are not about its auction, goes when it is true no longer."""

import re

import pytest
from playwright.sync_api import expect

from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.browser.evening import ALERT, Phones, bid, review_and_bid, until, until_connected
from tests.staging.installation import acted_before_its_end, is_recorded

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]

SOON_MS = 20_000
# As if somebody had looked at another tab for a while.
LOOK_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"


def alert(auction: int) -> str:
    return f"{ALERT}[data-auction='{auction}']"


def need(auction: int) -> str:
    return f"#needs .need-out[data-auction='{auction}']"


def led_by_alice(installation: Installation, auction: int) -> None:
    bid(installation, "alice", auction, 100_000)
    wait_until(lambda: is_recorded(installation, auction), "her bid in the ledger")


def test_who_bids_again_in_one_page_reads_in_no_other_of_being_outbid(
    installation: Installation, auction: int, phone: Phones
) -> None:
    led_by_alice(installation, auction)
    alice = phone("alice").sign_in("/")
    home = alice.page
    tickets, shown = home.context.new_page(), home.context.new_page()
    tickets.goto(f"{alice.web.url}/me/tickets")
    shown.goto(f"{alice.web.url}/auctions/{auction}")
    until_connected(shown)
    bid(installation, "bob", auction, 110_000)
    for page in (home, tickets):
        expect(page.locator(alert(auction))).to_be_visible()
    expect(home.locator(need(auction))).to_be_visible()
    review_and_bid(shown, 120_000)
    until(shown, "winning")
    for page in (home, tickets):
        expect(page.locator(alert(auction))).to_have_count(0, timeout=SOON_MS)
    expect(home.locator(need(auction))).to_have_count(0, timeout=SOON_MS)


def test_a_bid_that_goes_ahead_of_the_news_of_being_outbid_ends_that_alert_elsewhere(
    installation: Installation, auction: int, phone: Phones
) -> None:
    """The page that bids showed the lead all the time."""
    led_by_alice(installation, auction)
    alice = phone("alice").sign_in("/")
    home, shown = alice.page, alice.page.context.new_page()
    shown.route_web_socket(re.compile(r"/live"), lambda line: None)
    shown.goto(f"{alice.web.url}/auctions/{auction}")
    until(shown, "winning")
    shown.route("**/standing?*", lambda route: route.abort())
    bid(installation, "bob", auction, 110_000)
    expect(home.locator(alert(auction))).to_be_visible()
    review_and_bid(shown, 120_000)
    expect(home.locator(alert(auction))).to_have_count(0, timeout=SOON_MS)


def test_who_bids_again_on_another_device_reads_so_on_looking_again(
    installation: Installation, auction: int, phone: Phones
) -> None:
    led_by_alice(installation, auction)
    pages = [phone("alice").sign_in(path).page for path in ("/", "/me/tickets")]
    bid(installation, "bob", auction, 110_000)
    for page in pages:
        expect(page.locator(alert(auction))).to_be_visible()
    # Still out: looking again takes nothing away.
    pages[0].wait_for_timeout(6_000)
    for page in pages:
        page.evaluate(LOOK_AGAIN)
        page.wait_for_timeout(1_000)
        expect(page.locator(alert(auction))).to_be_visible()
    bid(installation, "alice", auction, 120_000)
    for page in pages:
        page.evaluate(LOOK_AGAIN)
        expect(page.locator(alert(auction))).to_have_count(0)


def test_when_the_result_is_told_nothing_speaks_of_being_outbid_any_more(
    installation: Installation, phone: Phones
) -> None:
    pages = [phone("alice").sign_in(path).page for path in ("/", "/me/tickets")]

    def outbid(auction: int) -> None:
        led_by_alice(installation, auction)
        bid(installation, "bob", auction, 110_000)

    auction = acted_before_its_end(installation, outbid, seconds=12, seats=1)
    for page in pages:
        expect(page.locator(alert(auction))).to_have_count(0)
    expect(pages[0].locator(need(auction))).to_have_count(0)
