"""The bell in the header of every page: how much waits to be read, and the newest of it."""

import pytest
from playwright.sync_api import expect

from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.browser.axe import violations
from tests.browser.evening import Phones, bid, own_alerts, unread, until, until_connected
from tests.fixtures.browser import DESKTOP
from tests.staging.installation import is_recorded
from tests.story.visitor import Visitor

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]

BADGE = "#bell #unread .badge"


def pushed_out(installation: Installation, auction: int) -> None:
    """Alice is out, and the ledger knows."""
    bid(installation, "alice", auction, 100_000)
    bid(installation, "bob", auction, 110_000)
    wait_until(lambda: is_recorded(installation, auction), "both bids in the ledger")


def test_every_page_counts_what_waits_and_the_bell_lists_it(
    installation: Installation, concert: int, auction: int, phone: Phones
) -> None:
    pushed_out(installation, auction)
    alice = phone("alice").sign_in("/me")
    page = alice.page
    count = unread(page)
    assert count > 0
    for path in ("/", "/concerts/", f"/concerts/{concert}", f"/auctions/{auction}", "/me/tickets", "/no-such-page"):
        alice.open(path)
        expect(page.locator(BADGE)).to_have_text(str(count))
        assert alice.overflow() <= 0, path
    alice.expect_trouble("status of 404")
    alice.open("/")
    page.click("#bell summary")
    first = page.locator("#latest li").filter(has_text="밀려").first
    expect(first).to_contain_text("밀려")
    expect(first.locator(".new-mark")).to_be_visible()
    assert alice.overflow() <= 0 and not violations(page)
    page.keyboard.press("Escape")
    expect(first).to_be_hidden()
    expect(page.locator("#bell summary")).to_be_focused()
    page.keyboard.press("Enter")
    first.locator("a").click()
    page.wait_for_url(f"**/auctions/{auction}*")
    until(page, "out")


def test_an_alert_that_was_seen_is_told_no_more(installation: Installation, auction: int, phone: Phones) -> None:
    pushed_out(installation, auction)
    alice = phone("alice", language="en", screen=DESKTOP).sign_in(f"/auctions/{auction}")
    page = alice.page
    until_connected(page)
    expect(own_alerts(page)).to_have_count(1)
    before = unread(page)
    own_alerts(page).locator("[data-dismiss]").click()
    wait_until(lambda: unread(page) == before - 1, "one notice less")
    alice.open(f"/auctions/{auction}")
    until(page, "out")
    until_connected(page)
    bid(installation, "carol", auction, 120_000)
    expect(page.locator("#board [data-figure=cutoff]")).to_contain_text("120,000")
    expect(own_alerts(page)).to_have_count(0)
    assert unread(page) == before - 1


def test_without_javascript_the_bell_leads_to_the_list(installation: Installation, auction: int, phone: Phones) -> None:
    pushed_out(installation, auction)
    alice = phone("alice", scripts=False).sign_in("/")
    alice.page.click("#bell summary")
    alice.page.click("#bell a")
    alice.page.wait_for_url("**/me/notifications")
    expect(alice.page.locator(".notice-row-new").filter(has_text="밀려").first).to_be_visible()


def test_strangers_have_no_bell(installation: Installation, auction: int) -> None:
    for path in ("/", f"/auctions/{auction}"):
        assert 'id="bell"' not in Visitor("carol").page(installation.webs[0], path)
