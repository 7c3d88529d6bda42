"""The profile of somebody whose bid stands: what is fixed reads as text with its reason, what may change is a form."""

from collections.abc import Callable

import pytest
from playwright.sync_api import ViewportSize, expect

from lab.servers.installation import Installation
from tests.browser.axe import violations
from tests.browser.evening import bid
from tests.fixtures.browser import DESKTOP, PAGE_SECONDS, PHONE, Phone

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

expect.set_options(timeout=PAGE_SECONDS * 1000)


@pytest.mark.parametrize(("name", "language", "screen"), [("bob", "ko", PHONE), ("carol", "en", DESKTOP)])
def test_a_bidder_reads_why_the_name_is_fixed_and_saves_the_rest(
    installation: Installation,
    auction: int,
    phone: Callable[..., Phone],
    name: str,
    language: str,
    screen: ViewportSize,
) -> None:
    bid(installation, name, auction, 100_000)
    device = phone(name, language=language, screen=screen).sign_in("/me/profile")
    page = device.open(f"/me/profile?lang={language}").page
    for shown in ("#fixed-name", "#why-fixed", "#why-not-closed"):
        expect(page.locator(shown)).to_be_visible()
    for absent in ("input[name=name]", "form[action='/me/profile/close']"):
        expect(page.locator(absent)).to_have_count(0)
    assert device.overflow() <= 0
    assert violations(page) == []
    number = f"010-2345-{screen['width']:04}"
    page.fill("input[name=phone]", number)
    page.fill("#field-birth_date", "1999-02-03")
    page.click("form[action='/me/profile'] button[type=submit]")
    expect(page.locator("#fixed-birth_date")).to_contain_text("1999-02-03")
    expect(page.locator("input[name=phone]")).to_have_value(number)
