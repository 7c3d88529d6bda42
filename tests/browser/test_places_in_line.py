"""A place in the line moves on every open page that shows it, without a reload."""

import pytest
from playwright.sync_api import Page, expect

from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.browser.evening import Phones
from tests.fixtures.browser import PAGE_SECONDS
from tests.staging.installation import acted_before_its_end, shown
from tests.story.visitor import Visitor

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]

expect.set_options(timeout=PAGE_SECONDS * 1000)

BEST_FIRST = ("alice", "bob", "mallory", "carol")


@pytest.fixture
def settled(installation: Installation) -> int:
    """An auction of one seat, which alice won; bob, mallory and carol wait."""
    web = installation.webs[1]
    visitors = [Visitor(name).sign_in(web) for name in BEST_FIRST]

    def bid(auction: int) -> None:
        for place, visitor in enumerate(visitors):
            assert visitor.bid(web, auction, 200_000 - 10_000 * place).status == 201

    auction = acted_before_its_end(installation, bid, seconds=8, seats=1)
    wait_until(lambda: shown(installation, auction)["state"] == "settled", "a settled auction")
    return auction


def leave(installation: Installation, name: str, auction: int) -> None:
    """Leave the line by the other web process."""
    web = installation.webs[1]
    visitor = Visitor(name).sign_in(web)
    form = {"csrf_token": visitor.token(web)}
    assert visitor.post(web, f"/auctions/{auction}/leave", form).status == 303


def test_a_new_place_comes_by_itself_on_every_page_that_shows_one(
    installation: Installation, settled: int, phone: Phones
) -> None:
    carol = phone("carol")
    first = carol.sign_in(f"/auctions/{settled}/results").page
    pages: list[Page] = [first]
    for path in ("/me/bids", "/me/tickets"):
        page = first.context.new_page()
        page.goto(f"{carol.web.url}{path}")
        pages.append(page)
    for page in pages:
        expect(page.locator(f"[data-line='{settled}']")).to_contain_text("대기 3번")
        page.evaluate("window.isThisPage = true")
    for name, place in (("mallory", "대기 2번"), ("bob", "대기 1번")):
        leave(installation, name, settled)
        for page in pages:
            expect(page.locator(f"[data-line='{settled}']")).to_contain_text(place)
    assert [page.evaluate("window.isThisPage") for page in pages] == [True] * 3, "a page was loaded anew"
