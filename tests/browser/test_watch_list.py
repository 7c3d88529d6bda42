"""Asking to be reminded, on a phone of 360 px: on a concert's page, on the auction page, and without scripts."""

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from lab.servers.installation import Installation
from tests.browser.axe import violations
from tests.browser.evening import Phones
from tests.staging.installation import shown

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]

TARGET_PX = 44
NARROW: ViewportSize = {"width": 360, "height": 780}


def button_of(auction: int) -> str:
    return f"#reminder-{auction} button"


def is_large_enough(page: Page, selector: str) -> bool:
    box = page.locator(selector).bounding_box()
    return box is not None and box["height"] >= TARGET_PX and box["x"] >= 0 and box["x"] + box["width"] <= 360


def test_a_fan_asks_to_be_reminded_and_stops_it_on_both_pages(
    installation: Installation, auction: int, phone: Phones
) -> None:
    concert = shown(installation, auction)["concert_id"]
    alice = phone("alice", screen=NARROW).sign_in(f"/concerts/{concert}")
    page, button = alice.page, button_of(auction)
    expect(page.locator(button)).to_have_text("알림 신청")
    assert is_large_enough(page, button) and alice.overflow() <= 0
    page.locator(button).click()
    expect(page.locator(button)).to_have_text("알림 해제")
    assert not violations(page) and alice.overflow() <= 0
    alice.open(f"/auctions/{auction}")
    expect(page.locator(button)).to_have_text("알림 해제")
    assert is_large_enough(page, button) and alice.overflow() <= 0 and not violations(page)
    page.locator(button).focus()
    page.keyboard.press("Enter")
    expect(page.locator(button)).to_have_text("알림 신청")
    alice.open("/me/watchlist")
    assert alice.overflow() <= 0 and not violations(page)


def test_a_link_leads_there_without_scripts(installation: Installation, auction: int, phone: Phones) -> None:
    carol = phone("carol", screen=NARROW, scripts=False).sign_in(f"/auctions/{auction}")
    page = carol.page
    page.locator(f"#reminder-{auction} a").click()
    page.locator(button_of(auction)).click()
    expect(page).to_have_url(re.compile(r"/me/watchlist$"))
    expect(page.locator(f".mine a[href='/auctions/{auction}']")).to_have_count(1)
    assert carol.overflow() <= 0
