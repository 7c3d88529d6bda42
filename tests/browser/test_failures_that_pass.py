"""What a page says of a failure goes when it is true no longer: by itself where the page hears of the present, and with
the next attempt everywhere."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Route, expect

from lab.servers.installation import Installation
from tests.browser.evening import LOST_CONNECTION, Phones, bid, until, until_connected
from tests.fixtures.browser import Phone
from tests.staging.installation import acted_before_its_end
from tests.story.visitor import Visitor

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]

FAILED = "#alerts > .notice-error"
REVIEW = "form[action$='/confirm'] button"
BID = "#confirm form[action$='/bids'] button[type=submit]"
SAID_FOR_MS = 30_000
AWAY = '<p class="notice notice-error" role="alert" data-passing><strong>잠시 연결할 수 없어요.</strong></p>'


@contextmanager
def frozen_store(installation: Installation) -> Iterator[None]:
    """The live store stands still."""
    process = installation.store.process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process.pid, signal.SIGCONT)


def review(page: Page, amount: int) -> None:
    page.fill("#amount", str(amount))
    page.click(REVIEW)


def test_what_is_said_of_a_store_out_of_reach_goes_when_it_is_back(
    installation: Installation, auction: int, phone: Phones
) -> None:
    alice = phone("alice").sign_in(f"/auctions/{auction}")
    page = alice.page
    until_connected(page)
    with frozen_store(installation):
        review(page, 120_000)
        expect(page.locator(FAILED)).to_contain_text("불러올 수 없어요")
    expect(page.locator("#connection")).to_be_hidden()
    expect(page.locator(FAILED)).to_have_count(0, timeout=SAID_FOR_MS)
    review(page, 120_000)
    page.click(BID)
    until(page, "winning")
    alice.expect_trouble(f"503|{LOST_CONNECTION}")


def test_the_next_attempt_takes_away_what_was_said_of_the_last_one(installation: Installation, phone: Phones) -> None:
    auction = acted_before_its_end(
        installation, lambda each: bid(installation, "alice", each, 100_000), seconds=8, seats=1
    )
    alice = phone("alice").sign_in()
    until_settled(alice, auction)
    page = alice.open("/me/tickets").page
    award = page.locator(".award-offered").first
    failing: list[Route] = []

    def fail_once(route: Route) -> None:
        failing.append(route)
        if len(failing) == 1:
            route.fulfill(status=503, content_type="text/html; charset=utf-8", body=AWAY)
        else:
            route.continue_()

    page.route("**/awards/*/buy", fail_once)
    buy = award.locator("form[action$='/buy'] button")
    buy.click()
    expect(page.locator(FAILED)).to_be_visible()
    buy.click()
    expect(page.locator(".award-bought [role=status]").first).to_be_visible()
    expect(page.locator(FAILED)).to_have_count(0)
    alice.expect_trouble("503")


def until_settled(made: Phone, auction: int) -> None:
    made.open(f"/auctions/{auction}")
    until(made.page, "settled", 120_000)


def test_advice_to_a_refused_bid_goes_with_the_next_bid_from_elsewhere(
    installation: Installation, auction: int, phone: Phones
) -> None:
    alice = phone("alice").sign_in(f"/auctions/{auction}")
    page = alice.page
    until_connected(page)
    review(page, 130_000)
    expect(page.locator(BID)).to_be_visible()
    elsewhere = Visitor("alice").sign_in(installation.webs[1])
    assert elsewhere.bid(installation.webs[1], auction, 150_000).status == 201
    page.click(BID)
    expect(page.locator(".notice-error")).to_contain_text("160,000원")
    assert elsewhere.bid(installation.webs[1], auction, 170_000).status == 201
    expect(page.locator("#standing .own-amount")).to_have_text("170,000원")
    expect(page.locator(".notice-error")).to_have_count(0)
    alice.expect_trouble("422")
