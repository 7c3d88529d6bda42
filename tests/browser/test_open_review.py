"""The review of a bid while it is open in an auction page: it says nothing that prices or the end have overtaken."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from lab.servers.installation import Installation
from tests.browser.evening import Phones, bid, until, until_connected
from tests.fixtures.browser import DESKTOP
from tests.staging.installation import acted_before_its_end

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]

WINS = "#confirm.review[data-wins=yes]"
IN_LINE_ONLY = "#confirm.review[data-wins=no]"
BUTTON = "#confirm form[action$='/bids'] button[type=submit]"


def review(page: Page, amount: int) -> None:
    page.fill("#amount", str(amount))
    page.click("form[action$='/confirm'] button")
    expect(page.locator("#confirm .review-amount")).to_contain_text(f"{amount:,}")


@pytest.mark.parametrize(
    ("language", "winning", "in_line"), [("ko", "안이에요", "대기로"), ("en", "winning", "waitlist")]
)
def test_a_review_that_no_longer_wins_says_so_before_it_is_sent(
    installation: Installation, auction: int, phone: Phones, language: str, winning: str, in_line: str
) -> None:
    page = phone("alice", screen=DESKTOP).sign_in(f"/auctions/{auction}?lang={language}").page
    until_connected(page)
    review(page, 120_000)
    expect(page.locator(WINS)).to_contain_text(re.compile(r"\d\d:\d\d:\d\d"))
    expect(page.locator(WINS)).to_contain_text(winning)
    request = page.locator("#confirm [name=request_id]").input_value()
    bid(installation, "bob", auction, 110_000)
    expect(page.locator("#board [data-figure=cutoff]")).to_contain_text("110,000")
    assert page.locator("#confirm [name=request_id]").input_value() == request, "it still wins, so it stays as it is"
    page.locator(BUTTON).focus()
    bid(installation, "carol", auction, 150_000)
    expect(page.locator(IN_LINE_ONLY)).to_contain_text("160,000")
    expect(page.locator(BUTTON)).to_contain_text(in_line)
    expect(page.locator("#confirm-title")).to_be_focused()


def test_a_review_that_was_sent_is_not_replaced_under_its_answer(
    installation: Installation, auction: int, phone: Phones
) -> None:
    page = phone("alice").sign_in(f"/auctions/{auction}").page
    until_connected(page)
    review(page, 120_000)
    held: list[Route] = []
    page.route("**/bids?**", lambda route: held.append(route))
    page.click(BUTTON)
    expect(page.locator("#confirm form[data-resting]")).to_be_visible()
    bid(installation, "bob", auction, 150_000)
    expect(page.locator("#board [data-figure=cutoff]")).to_contain_text("150,000")
    page.wait_for_timeout(2_000)
    assert page.locator(WINS).count() == 1
    held[0].continue_()
    until(page, "out")
    expect(page.locator("#confirm.review")).to_have_count(0)


OF_THE_TIME_BEFORE = "#ring, .stage > [id^=reminder-], .stage a[href*='calendar.ics']"


def test_an_open_review_goes_when_bidding_is_over_and_what_was_offered_for_the_time_before(
    installation: Installation, phone: Phones
) -> None:
    page = phone("alice").sign_in().page

    def open_it(auction: int) -> None:
        page.goto(f"{installation.webs[0].url}/auctions/{auction}")
        until_connected(page)
        expect(page.locator(OF_THE_TIME_BEFORE)).to_have_count(3)
        review(page, 120_000)

    acted_before_its_end(installation, open_it, seconds=20, seats=1)
    expect(page.locator("#confirm.review")).to_have_count(0)
    expect(page.locator("#standing")).to_have_attribute("data-position", re.compile("closing|settled"))
    expect(page.locator(BUTTON)).to_have_count(0)
    expect(page.locator(OF_THE_TIME_BEFORE)).to_have_count(0)
