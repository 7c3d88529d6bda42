"""Lists and forms as they live on in a browser: time counts down, a mended field is no longer called wrong, a password
can be read, and what is printed has nothing to tap."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from lab.servers.installation import Installation
from tests.fixtures.browser import DESKTOP, PAGE_SECONDS, Phone
from tests.staging.installation import acted_before_its_end

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]

expect.set_options(timeout=PAGE_SECONDS * 1000)

Phones = Callable[..., Phone]
LEFT = "[data-ends-at-ms]"
# The rest of an auction's time on a machine that is busy.
ENDED_MS = 300_000


def test_the_time_left_counts_down_on_a_card_and_ends_with_the_bidding(
    installation: Installation, phone: Phones
) -> None:
    carol = phone("carol")
    page = carol.page

    def card(auction: int) -> Locator:
        return page.locator(f'.listing:has(a[href="/auctions/{auction}"])')

    def watch(auction: int) -> None:
        carol.open("/")
        left = card(auction).locator(LEFT)
        before = left.text_content() or ""
        assert before.endswith("초")
        expect(left).not_to_have_text(before)
        assert (left.text_content() or "").endswith("초")

    ended = card(acted_before_its_end(installation, watch, seconds=8, again=carol.troubles.clear, seats=1))
    # It is closing, has its result, or has left the list for what goes on.
    expect(ended.locator(LEFT)).to_have_count(0, timeout=ENDED_MS)
    expect(ended.locator(".badge-open")).to_have_count(0)


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


def test_a_wrong_password_is_not_called_wrong_any_more_once_another_is_typed(
    installation: Installation, phone: Phones
) -> None:
    alice = phone("alice").sign_in("/me/profile")
    page = alice.page
    page.fill("#current-password", "not the password")
    page.fill("#field-password", "another fine phrase")
    page.click("form[action$='/password'] button[type=submit]")
    field, hint = page.locator("#current-password"), page.locator("#current-hint-password")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(hint).not_to_be_empty()
    field.press_sequentially("c")
    expect(field).not_to_have_attribute("aria-invalid", "true")
    expect(field).not_to_have_class(re.compile("is-invalid"))
    expect(hint).to_be_empty()
    alice.expect_trouble("422")


def test_a_password_is_shown_on_demand_and_hidden_before_it_is_sent(installation: Installation, phone: Phones) -> None:
    page = phone("alice").open("/login").page
    field, button = page.locator("#password"), page.locator("[data-show-password]")
    page.fill("#email", "alice@example.com")
    page.fill("#password", "not the password")
    button.click()
    expect(field).to_have_attribute("type", "text")
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(field).to_have_attribute("type", "password")
    button.click()
    page.evaluate("document.addEventListener('submit', (event) => event.preventDefault())")
    field.press("Enter")
    expect(field).to_have_attribute("type", "password")


def test_without_scripts_no_button_promises_to_show_a_password(installation: Installation, phone: Phones) -> None:
    expect(phone("alice", scripts=False).open("/login").page.locator("[data-show-password]")).to_be_hidden()


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_tabs_of_my_page_stand_in_one_row_and_the_present_one_is_in_sight(
    installation: Installation, phone: Phones, language: str
) -> None:
    page = phone("alice", language=language).sign_in("/me/profile").page
    tops = page.eval_on_selector_all(".tabs a", "all => [...new Set(all.map((each) => each.offsetTop))]")
    assert len(tops) == 1
    expect(page.locator(".tabs [aria-current]")).to_be_in_viewport(ratio=0.99)


def test_on_a_wide_screen_a_field_is_as_wide_as_what_is_typed_needs(installation: Installation, phone: Phones) -> None:
    page = phone("alice", screen=DESKTOP).sign_in("/me/profile").page
    widths = page.eval_on_selector_all(".panel .form-control", "all => all.map((each) => each.offsetWidth)")
    assert widths and max(widths) <= 34 * 16


def test_on_paper_a_page_says_what_it_says_without_what_is_tapped(installation: Installation, phone: Phones) -> None:
    page = phone("alice").sign_in("/me/tickets").page
    page.emulate_media(media="print", color_scheme="dark")
    expect(page.locator("main h1")).to_be_visible()
    for hidden in (".site-header", ".tabs", ".site-footer"):
        expect(page.locator(hidden)).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.locator("main h1").evaluate("each => getComputedStyle(each).color") == "rgb(0, 0, 0)"
    page.goto(page.url.replace("/tickets", "/profile"))
    expect(page.locator("main h1")).to_be_visible()
    assert page.locator("main form, main .btn").count() > 2
    expect(page.locator("main form:visible, main .btn:visible")).to_have_count(0)
