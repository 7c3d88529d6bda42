"""A ticket that alice gives back on her phone, and bob, who has a page open and hears of it: Korean and English."""

import pytest
from playwright.sync_api import Page, expect

from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.browser.evening import Phones, bid, unread
from tests.fixtures.browser import Phone
from tests.staging.installation import acted_before_its_end
from tests.story.visitor import Visitor

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]

TO_BUY = "#needs .need-buy"
SETTLED_SECONDS = 300.0


@pytest.fixture
def settled(installation: Installation) -> int:
    """An auction of one seat that is over: alice has won it, then come bob and carol."""

    def three_bids(auction: int) -> None:
        for name, amount in (("alice", 130_000), ("bob", 120_000), ("carol", 110_000)):
            bid(installation, name, auction, amount)

    auction = acted_before_its_end(installation, three_bids, seconds=8, seats=1)
    stranger, web = Visitor("a stranger"), installation.webs[0]
    path = f"/auctions/{auction}/results"
    wait_until(lambda: stranger.get(web, path).status == 200, "the results", SETTLED_SECONDS)
    return auction


def assert_fits(made: Phone) -> None:
    assert made.overflow() <= 0, made.page.url


def award_at(page: Page) -> str:
    """The id of the award to which the address on the screen leads."""
    return page.url.partition("#award-")[2]


def test_a_seat_that_is_given_back_on_one_phone_is_heard_of_and_bought_on_another(
    installation: Installation, settled: int, phone: Phones
) -> None:
    bob = phone("bob").sign_in("/?lang=en")
    expect(bob.page.locator("#unread")).not_to_have_attribute("data-uncounted", "")
    before = unread(bob.page)
    bob.page.evaluate("window.neverReloaded = true")
    _buy_and_cancel(phone("alice").sign_in(f"/auctions/{settled}/results"))

    row = bob.page.locator(TO_BUY).filter(has_text="₩120,000")
    expect(row).to_contain_text("VIP-1")
    assert bob.page.evaluate("window.neverReloaded") is True and unread(bob.page) > before
    assert_fits(bob)
    row.locator("a").click()
    bob.page.wait_for_url("**/me/tickets#award-*")
    award = bob.page.locator(f"#award-{award_at(bob.page)}")
    expect(award).to_be_in_viewport()
    expect(award).to_contain_text("This seat became free and you’re next on the waitlist")
    assert_fits(bob)
    award.locator("form[action$='/buy'] button").click()
    expect(award.locator("[role=status]")).to_contain_text("The seat is yours")
    expect(award.locator(".award-state")).to_have_text("Bought")
    _carol_is_next_in_line(phone("carol"), settled)


def _buy_and_cancel(alice: Phone) -> None:
    """From her own part of the results."""
    page = alice.page
    page.click("#outcome a.btn-primary")
    page.wait_for_url("**/me/tickets#award-*")
    award = page.locator(f"#award-{award_at(page)}")
    award.locator("form[action$='/buy'] button").click()
    expect(award.locator(".award-state")).to_have_text("구매 완료")
    assert_fits(alice)
    award.locator("summary", has_text="취소").click()
    award.locator("form[action$='/cancel'] button").click()
    expect(award.locator("[role=status]")).to_contain_text("취소")
    expect(award.locator(".award-state")).to_have_text("취소 완료")
    assert_fits(alice)


def _carol_is_next_in_line(carol: Phone, auction: int) -> None:
    page = carol.sign_in(f"/auctions/{auction}/results").page
    expect(page.locator("#outcome")).to_contain_text("대기 1번이에요")
    assert_fits(carol)
    page.click(f"#outcome a[href='/auctions/{auction}/leave']")
    expect(page.locator("#leave")).to_contain_text("대기 1번이에요")
    assert_fits(carol)
    page.click("#leave form button")
    expect(page.locator("#leave [role=status]")).to_contain_text("대기를 취소했어요")
    expect(page.locator("#leave form")).to_have_count(0)
    assert_fits(carol)
