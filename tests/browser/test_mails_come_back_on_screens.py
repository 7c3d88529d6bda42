"""The warning that mails come back, for the longest address that somebody may have, on narrow screens."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from cashticket.models import Person
from cashticket.models.units import in_one_unit
from cashticket.notify import refused_addresses
from tests.browser.axe import violations
from tests.browser.halls import Screens, screens, walk
from tests.browser.test_large_text import check
from tests.fixtures.browser import PAGE_SECONDS
from tests.staging.rows import change_person

# The kind of database changes nothing of what pages look like.
pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True), pytest.mark.sweep]
expect.set_options(timeout=PAGE_SECONDS * 1000)

PAGES = ("/me/profile", "/me/notifications/settings")
ADDRESS = f"{'a' * 60}@{'b' * 60}.example"


@pytest.fixture
def open_page(app: Flask, people: dict[str, Person], chromium: Browser) -> Iterator[Screens]:
    with screens(app, chromium) as opened:
        yield opened


def shared(width: int, language: str, by_operator: bool) -> Any:
    """CI takes each pair of two of the three; `make storm` takes all."""
    is_in_ci = (width == 280) ^ (language == "en") ^ by_operator
    return pytest.param(width, language, by_operator, marks=[] if is_in_ci else [pytest.mark.trial])


@pytest.mark.parametrize(
    ("width", "language", "by_operator"), [shared(*each) for each in product((390, 280), ("ko", "en"), (False, True))]
)
def test_the_warning_fits_and_leads_to_the_form(
    open_page: Screens, people: dict[str, Person], width: int, language: str, by_operator: bool
) -> None:
    alice = people["alice"].id
    for page in walk(open_page, PAGES, width, name="alice", language=language):
        if change_address(alice, by_operator=by_operator):
            page.reload()
        warning = page.locator("#mails-come-back")
        expect(warning).to_contain_text(ADDRESS)
        check(page)
        assert not violations(page), page.url
        warning.get_by_role("link").click()
        expect(page.locator("#email-title")).to_be_in_viewport()


def change_address(person_id: int, *, by_operator: bool) -> bool:
    """Give somebody the longest address, whose mails come back. Returns whether it was another before."""
    change_person(person_id, email=ADDRESS)
    return in_one_unit(lambda session: refused_addresses.mark(session, ADDRESS, "550 5.1.1", by_operator=by_operator))
