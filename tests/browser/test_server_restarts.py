"""The server behind an open page ends, kindly or not, or has no room for its socket: the page stays right by itself."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from lab.servers.installation import Installation, WebProcess
from lab.waiting import wait_until
from tests.browser.evening import (
    COUNT_ALERTS,
    LOST_CONNECTION,
    Phones,
    alerts_seen,
    bid,
    every_seat_taken,
    own_alerts,
    until,
    until_connected,
    until_cutoff,
)

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]

NO_ROOM = r"WebSocket|htmx:ws:error|503"


@pytest.mark.parametrize("end", [WebProcess.stop, WebProcess.kill], ids=["asked-to-stop", "killed"])
def test_a_page_survives_the_end_of_its_server_with_all_that_was_typed(
    installation: Installation, auction: int, phone: Phones, end: Callable[[WebProcess], object]
) -> None:
    first = installation.webs[0]
    bid(installation, "alice", auction, 100_000)
    alice = phone("alice").sign_in(f"/auctions/{auction}")
    page = alice.page
    until(page, "winning")
    until_connected(page)
    page.evaluate(COUNT_ALERTS)
    page.locator("#amount").press_sequentially("150000")
    page.click("form[action$='/confirm'] button")
    expect(page.locator("#confirm .review-amount")).to_contain_text("150,000원")
    end(first)
    try:
        expect(page.locator("#connection")).to_be_visible()
        bid(installation, "bob", auction, 110_000)
    finally:
        first.start()
        wait_until(first.is_ready, "the web process that ended")
    until(page, "out")
    expect(own_alerts(page)).to_have_count(1)
    until_connected(page)
    # What was reviewed before is still there, and the same button bids with it.
    expect(page.locator("#amount")).to_have_value("150,000")
    page.click("#confirm form[action$='/bids'] button[type=submit]")
    until(page, "winning")
    bid(installation, "carol", auction, 160_000)
    until(page, "out")
    expect(own_alerts(page)).to_have_attribute("data-sequence", "4")
    assert alerts_seen(page) == ["2", "4"]
    alice.expect_trouble(LOST_CONNECTION)


def test_a_page_that_gets_no_socket_asks_for_new_boards_until_it_gets_one(
    installation: Installation, auction: int, phone: Phones
) -> None:
    alice = phone("alice").sign_in()
    page = alice.page
    # Leaves the home page, and with it the socket of that.
    page.goto("about:blank")
    with every_seat_taken(installation, "alice", auction):
        alice.open(f"/auctions/{auction}")
        until(page, "watching")
        page.evaluate(COUNT_ALERTS)
        expect(page.locator("#connection")).to_be_visible()
        bid(installation, "bob", auction, 110_000)
        until_cutoff(page, "110,000원")
        bid(installation, "alice", auction, 120_000)
        until(page, "winning")
        expect(page.locator("#connection")).to_be_visible()
    until_connected(page)
    bid(installation, "bob", auction, 130_000)
    until(page, "out")
    expect(own_alerts(page)).to_have_attribute("data-sequence", "3")
    assert alerts_seen(page) == ["3"]
    alice.expect_trouble(NO_ROOM)
