"""A phone without a network: the page says so, and on coming back shows the present and tells what was missed, once."""

import pytest
from playwright.sync_api import expect

from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.browser.evening import (
    COUNT_ALERTS,
    LOST_CONNECTION,
    Phones,
    alerts_seen,
    bid,
    own_alerts,
    until,
    until_connected,
    until_cutoff,
)

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

OFFLINE_SECONDS = [
    pytest.param(0, id="briefly"),
    pytest.param(30, id="for-half-a-minute", marks=pytest.mark.sweep),
]


@pytest.mark.parametrize("seconds", OFFLINE_SECONDS)
def test_what_was_missed_without_a_network_is_told_once_on_coming_back(
    installation: Installation, auction: int, phone: Phones, seconds: int
) -> None:
    bid(installation, "alice", auction, 100_000)
    alice = phone("alice").sign_in(f"/auctions/{auction}")
    page = alice.page
    until(page, "winning")
    until_connected(page)
    page.evaluate(COUNT_ALERTS)
    page.context.set_offline(True)
    gone = page.evaluate("performance.now()")
    expect(page.locator("#connection")).to_be_visible()
    bid(installation, "bob", auction, 110_000)
    bid(installation, "carol", auction, 120_000)
    wait_until(
        lambda: page.evaluate("performance.now()") - gone >= seconds * 1000, "the end of being away", seconds + 30
    )
    until(page, "winning")
    page.context.set_offline(False)
    until(page, "out")
    until_cutoff(page, "120,000원")
    expect(own_alerts(page)).to_have_attribute("data-sequence", "2")
    until_connected(page)
    # The line is live again: this comes by the socket, and behind it whatever the alert might have been told by twice.
    bid(installation, "bob", auction, 130_000)
    until_cutoff(page, "130,000원")
    assert alerts_seen(page) == ["2"]
    alice.expect_trouble(LOST_CONNECTION)
