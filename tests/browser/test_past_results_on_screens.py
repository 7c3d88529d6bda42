"""Past results on screens of every width, with text as large as somebody needs it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from cashticket.models import Person
from cashticket.wiring import page_cache
from tests.browser.halls import Screens, screens
from tests.fixtures.browser import PAGE_SECONDS
from tests.staging.final_ranks import add_results
from tests.staging.rows import add_concert

pytestmark = [pytest.mark.sweep, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
expect.set_options(timeout=PAGE_SECONDS * 1000)

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def open_page(app: Flask, people: dict[str, Person], chromium: Browser) -> Iterator[Screens]:
    with screens(app, chromium) as opened:
        yield opened


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize(("width", "text"), [(280, 1), (360, 1), (360, 2), (1280, 1)])
def test_sentence_and_table_fit_on_the_screen(open_page: Screens, language: str, width: int, text: float) -> None:
    concert = add_concert().id
    for _ in range(3):
        add_results(4, seats=2, concert=add_concert())
    page_cache().drop()
    page = open_page(f"/concerts/{concert}", width, text=text, language=language)
    table = page.locator("table.past")
    expect(table).to_be_visible()
    expect(table.locator("td:has-text('999,500')")).to_have_count(2)
    assert page.evaluate(OVERFLOW) <= 0
    box = table.bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= width
