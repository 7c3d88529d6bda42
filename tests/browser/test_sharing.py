"""A page is passed on: by what the device offers, by a copied link, and without scripts by a field with the address."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.fixtures.browser import PAGE_SECONDS, Phone

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]

expect.set_options(timeout=PAGE_SECONDS * 1000)

Phones = Callable[..., Phone]
BOX = "(element) => element.getBoundingClientRect().toJSON()"
FOLD = 780
OFFERS = "navigator.share = async (what) => { window.shared = what; }"
CLOSED = """navigator.share = async () => {
  window.wasClosed = true;
  throw new DOMException("closed", "AbortError");
}"""
NO_OFFER = "delete Navigator.prototype.share; navigator.share = undefined"
COPIES = """Object.defineProperty(navigator, "clipboard", {
  value: { writeText: async (text) => { window.copied = text; } },
})"""
COPIES_NOT = """Object.defineProperty(navigator, "clipboard", {
  value: { writeText: async () => { throw new Error(); } },
})"""
BUTTON, FIELD, STATUS = "#share button", "#share input", "#share [role=status]"


@pytest.fixture
def paths(concert: int, auction: int) -> tuple[str, str]:
    return f"/concerts/{concert}", f"/auctions/{auction}"


def opened(carol: Phone, path: str, *scripts: str) -> Page:
    """The page, in a browser of these abilities."""
    carol.page.add_init_script("; ".join(scripts))
    page = carol.open(path).page
    page.locator("#share").scroll_into_view_if_needed()
    return page


def test_the_sheet_of_the_device_gets_title_and_address(
    installation: Installation, paths: tuple[str, str], phone: Phones
) -> None:
    for path in paths:
        carol = phone("carol")
        # Who gets the link reads the page in their own language.
        page = opened(carol, f"{path}?lang=ko&q=1", OFFERS, COPIES)
        button = page.locator(BUTTON)
        expect(button).to_have_text("공유하기")
        assert button.evaluate(BOX)["height"] >= 44
        button.click()
        shared = wait_until(lambda page=page: page.evaluate("window.shared"), "what is shared")
        assert shared["url"] == page.locator(FIELD).input_value() and shared["url"].endswith(path)
        title = page.locator('meta[property="og:title"]').get_attribute("content")
        assert shared["title"] == title and page.evaluate("window.copied") is None
        expect(page.locator(FIELD)).to_be_hidden()
        assert carol.overflow() <= 0


def test_whoever_closes_the_sheet_copies_nothing(
    installation: Installation, paths: tuple[str, str], phone: Phones
) -> None:
    page = opened(phone("carol"), paths[0], CLOSED, COPIES)
    page.click(BUTTON)
    wait_until(lambda: page.evaluate("window.wasClosed"), "the sheet that is closed")
    assert page.evaluate("window.copied") is None
    expect(page.locator(STATUS)).to_be_empty()


def test_where_nothing_is_offered_the_link_is_copied_and_that_is_said(
    installation: Installation, paths: tuple[str, str], phone: Phones
) -> None:
    for path in paths:
        page = opened(phone("carol"), path, NO_OFFER, COPIES)
        page.locator(BUTTON).focus()
        page.keyboard.press("Enter")
        expect(page.locator(STATUS)).to_have_text("링크를 복사했어요.")
        assert page.evaluate("window.copied").endswith(path)


def test_where_a_browser_lets_nobody_copy_the_field_comes_back_selected(
    installation: Installation, paths: tuple[str, str], phone: Phones
) -> None:
    page = opened(phone("carol"), paths[0], NO_OFFER, COPIES_NOT)
    page.click(BUTTON)
    field = page.locator(FIELD)
    expect(field).to_be_visible()
    expect(page.locator(STATUS)).to_have_text("이 칸에서 링크를 복사해 주세요.")
    assert field.evaluate("(each) => each.selectionEnd - each.selectionStart") == len(field.input_value())


def test_without_scripts_the_field_holds_the_address(
    installation: Installation, paths: tuple[str, str], phone: Phones
) -> None:
    for path in paths:
        carol = phone("carol", scripts=False)
        page = carol.open(path).page
        field = page.locator(FIELD)
        expect(field).to_be_visible()
        expect(page.locator(BUTTON)).to_be_hidden()
        assert field.input_value().endswith(path) and field.evaluate(BOX)["height"] >= 44
        assert carol.overflow() <= 0


def test_nothing_of_it_stands_on_the_first_screen_of_an_auction(
    installation: Installation, paths: tuple[str, str], phone: Phones
) -> None:
    page = phone("carol", screen={"width": 360, "height": FOLD}).open(paths[1]).page
    expect(page.locator(BUTTON)).to_have_count(1)
    assert page.locator("#share").evaluate(BOX)["top"] >= FOLD
    below = page.locator(".rules").evaluate(BOX)["bottom"]
    assert page.locator("#share").evaluate(BOX)["top"] >= below
