"""Lists and forms as they live on in a browser: time counts down, and a mended field is no longer called wrong."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from lab.servers.installation import Installation
from tests.fixtures.browser import PAGE_SECONDS, Phone
from tests.staging.installation import open_auction

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]

expect.set_options(timeout=PAGE_SECONDS * 1000)

Phones = Callable[..., Phone]


def test_the_time_left_counts_down_on_a_card_and_ends_with_the_bidding(
    installation: Installation, concert: int, phone: Phones
) -> None:
    auction = open_auction(installation, concert, seats=1, closes="+25s")
    page = phone("carol").open("/").page
    card = page.locator(f'.listing:has(a[href="/auctions/{auction}"])')
    left = card.locator("[data-ends-at-ms]")
    before = left.text_content() or ""
    assert before.endswith("초")
    expect(left).not_to_have_text(before)
    assert (left.text_content() or "").endswith("초")
    expect(left).to_have_text("마감 처리 중")
    expect(card.locator(".badge-state")).to_have_text("마감 처리 중")


def test_without_scripts_a_card_names_the_end(
    installation: Installation, concert: int, auction: int, phone: Phones
) -> None:
    # The home page has no room for every auction.
    page = phone("carol", scripts=False).open(f"/concerts/{concert}").page
    card = page.locator(f'.listing:has(a[href="/auctions/{auction}"])')
    expect(card).to_contain_text(re.compile(r"\d\d:\d\d 마감"))


def test_a_mended_field_is_neutral_again(installation: Installation, phone: Phones) -> None:
    carol = phone("carol")
    page = carol.open("/signup").page
    page.click("form button[type=submit]")
    field = page.locator("#field-email")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    page.fill("#field-email", "carol@example.com")
    page.keyboard.press("Tab")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    expect(field).not_to_have_class(re.compile("is-invalid"))
    expect(page.locator("#field-name")).to_have_attribute("aria-invalid", "true")
    carol.expect_trouble("422")
