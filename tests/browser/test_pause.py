"""A pause as people on the page see it: why nothing is taken, that time stands still, that what was typed stays, and
that bidding goes on by itself."""

import pytest
from playwright.sync_api import ViewportSize, expect

from lab.servers.installation import Installation
from tests.browser.axe import violations
from tests.browser.evening import Phones, review_and_bid, until, until_connected
from tests.fixtures.browser import DESKTOP, PHONE
from tests.staging.installation import operate

pytestmark = [
    pytest.mark.parametrize("installation", ["sqlite"], indirect=True),
    pytest.mark.timeout(1_200),
    pytest.mark.sweep,
]

STANDS_STILL = {"ko": "시간 멈춤", "en": "Time stopped"}
TITLE = "입찰이 잠시 멈췄어요"


def pause(installation: Installation, auction: int, verb: str = "pause") -> None:
    operate(installation, "auction", verb, str(auction), "--why", "the hall is dark", "--operator", "dana")


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_pause_is_explained_keeps_what_was_typed_and_ends_by_itself(
    installation: Installation, auction: int, phone: Phones, language: str, size: ViewportSize
) -> None:
    alice = phone("alice", language=language, screen=size).sign_in(f"/auctions/{auction}?lang={language}")
    page = alice.page
    until_connected(page)
    page.fill("#amount", "150000")
    pause(installation, auction)
    expect(page.locator("p[data-paused]")).to_be_visible()
    expect(page.locator("#clock")).to_contain_text(STANDS_STILL[language])
    expect(page.locator("#amount")).to_have_value("150,000")
    assert alice.overflow() <= 0 and not violations(page)
    pause(installation, auction, "resume")
    expect(page.locator("p[data-paused]")).to_have_count(0)
    expect(page.locator("#amount")).to_have_value("150,000")
    review_and_bid(page, 150_000)
    until(page, "winning")


def test_a_bid_sent_into_a_pause_is_told_so_and_can_be_sent_again_afterwards(
    installation: Installation, auction: int, phone: Phones
) -> None:
    alice = phone("alice").sign_in(f"/auctions/{auction}")
    page = alice.page
    until_connected(page)
    page.fill("#amount", "150000")
    page.click("form[action$='/confirm'] button")
    expect(page.locator("#confirm .review-amount")).to_contain_text("150,000")
    pause(installation, auction)
    page.click("#confirm form[action$='/bids'] button[type=submit]")
    expect(page.locator("#alerts")).to_contain_text(TITLE)
    expect(page.locator("#confirm [data-unknown]")).to_be_hidden()
    expect(page.locator("p[data-paused]")).to_be_visible()
    pause(installation, auction, "resume")
    expect(page.locator("#alerts > .notice-error")).to_have_count(0)
    page.click("#confirm form[action$='/bids'] button[type=submit]")
    until(page, "winning")
    alice.expect_trouble("503")
