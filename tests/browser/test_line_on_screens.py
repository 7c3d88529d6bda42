"""Who waits for a seat, on a phone and with text of twice the size: the step before leaving the line, a line that is
paused, and the histories of the seats."""

from collections.abc import Iterator
from itertools import product

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from cashticket.models import Person
from cashticket.models.columns import utcnow
from cashticket.settlement import awards, line_pauses
from tests.browser.axe import violations
from tests.browser.halls import Screens, screens, walk
from tests.browser.test_large_text import check
from tests.fixtures.browser import PAGE_SECONDS
from tests.staging.settlement import award_of

# The kind of database changes nothing of what pages look like.
pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True), pytest.mark.sweep]
expect.set_options(timeout=PAGE_SECONDS * 1000)

PAUSED = {"ko": "지금은 좌석 제안이 잠시 멈췄어요", "en": "The waitlist is paused for now"}
FREE = {"ko": "아무에게도 제안되지 않음", "en": "nobody has been offered it"}


@pytest.fixture
def open_page(app: Flask, people: dict[str, Person], chromium: Browser) -> Iterator[Screens]:
    with screens(app, chromium) as opened:
        yield opened


@pytest.mark.parametrize(("text", "language"), [*product((1.0, 2.0), ("ko", "en"))])
def test_a_paused_line_fits_on_every_page_that_tells_of_it(
    open_page: Screens, people: dict[str, Person], settled_auction: int, text: float, language: str
) -> None:
    alice, bob = (award_of(settled_auction, people[name].id).id for name in ("alice", "bob"))
    awards.buy(alice, people["alice"].id, utcnow())
    line_pauses.pause(settled_auction, "a ring is looked into", "olga", utcnow())
    awards.cancel(alice, people["alice"].id, utcnow())
    awards.buy(bob, people["bob"].id, utcnow())
    of_all = [f"/auctions/{settled_auction}/{part}" for part in ("results", "leave", "lineage")]
    for page in walk(open_page, (*of_all, "/me/tickets", "/me/bids"), 360, name="carol", text=text, language=language):
        if not page.url.partition("?")[0].endswith("/lineage"):
            expect(page.locator("main")).to_contain_text(PAUSED[language])
        else:
            expect(page.locator("#lineage")).to_contain_text(FREE[language])
            expect(page.locator("#lineage .below td:visible", has_text="–")).to_have_count(1)
        for summary in page.locator("main summary:visible").all():
            summary.click()
        check(page)
        assert text > 1 or not violations(page), page.url
