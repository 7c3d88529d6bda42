"""The HTML part of every mail, as a browser shows it on a narrow phone, in both languages, light and dark."""

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page

from cashticket.locale import LANGUAGES
from cashticket.notify.mail_page import page_of
from tests.browser.axe import violations
from tests.fixtures.browser import PHONE
from tests.staging.every_mail import BUSINESS, Names, every_mail

pytestmark = pytest.mark.sweep

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LONG = Names(title="한여름밤의꿈" * 12, reason="Donaudampfschifffahrtsgesellschaft" * 4, zone="A" * 60)
MEASURE = """() => ({
  wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  sizes: [...document.querySelectorAll("body *")]
    .filter((each) => [...each.childNodes].some((child) => child.nodeType === 3 && child.data.trim()))
    .map((each) => parseFloat(getComputedStyle(each).fontSize)),
  links: [...document.querySelectorAll("a")].map((each) => {
    const { height, left, right } = each.getBoundingClientRect();
    return { height, inside: left >= 0 && right <= innerWidth, words: each.innerText };
  }),
})"""


@pytest.fixture(params=SCHEMES)
def page(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page in which any request to anywhere is a failure."""
    context = chromium.new_context(viewport=PHONE, color_scheme=request.param)
    context.route("**/*", lambda route: pytest.fail(f"the mail asks for {route.request.url}"))
    yield context.new_page()
    context.close()


def measured(page: Page, html: str) -> dict[str, Any]:
    page.set_content(html)
    found: dict[str, Any] = page.evaluate(MEASURE)
    return found


@pytest.mark.parametrize("names", [None, LONG], ids=["usual", "long"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mail_fits_a_narrow_phone_and_can_be_read_and_tapped(
    page: Page, language: str, names: Names | None
) -> None:
    for name, letter in every_mail(language, names):
        found = measured(page, page_of(letter, BUSINESS))
        assert found["wide"] <= 0, name
        assert min(found["sizes"]) >= 14, name
        assert len(found["links"]) == sum(bool(part.url) for part in letter.parts) + 2 * bool(letter.settings_url), name
        assert all(link["height"] >= 44 and link["inside"] and link["words"] for link in found["links"]), name


@pytest.mark.parametrize("language", ["ko", pytest.param("en", marks=pytest.mark.trial)])
def test_nobody_is_kept_from_reading_a_mail(page: Page, language: str) -> None:
    """Contrast, language, headings and names of links, as axe-core judges them."""
    for name, letter in every_mail(language):
        page.set_content(page_of(letter, BUSINESS))
        assert violations(page) == [], name


def test_what_is_too_wide_or_too_pale_is_seen(page: Page) -> None:
    pale = '<html lang="en"><title>x</title><main><h1 style="color:#ccc;background:#fff">pale</h1></main></html>'
    page.set_content(pale)
    assert violations(page) != []
    assert measured(page, '<p style="width:900px;font-size:9px">wide</p>')["wide"] > 0
