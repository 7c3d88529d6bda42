"""What scripts add to the auction page: the line of the cut-off that goes on by itself, and amounts read aloud."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from cashticket.auction.values import AMOUNT_MAX
from cashticket.blueprints.wording import numbers
from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.browser.evening import until
from tests.fixtures.browser import Phone
from tests.staging.installation import acted_before_its_end, is_recorded, shown
from tests.story.visitor import Visitor

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

AMOUNTS = (1, 9, 10, 11, 19, 20, 99, 100, 101, 999, 1_000, 1_111, 10_000, 10_001, 11_000, 20_010, 100_000, 110_000)
MORE_AMOUNTS = (150_000, 1_000_000, 10_010_000, 100_000_000, 110_010_011, 120_034_056, 1_000_000_000, AMOUNT_MAX)
TYPE_EACH = """amounts => amounts.map(amount => {
  const field = document.getElementById("amount");
  field.value = String(amount);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  return document.getElementById("amount-words").textContent;
})"""


def test_the_line_of_the_cutoff_goes_on_with_every_board(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    page = phone("carol").open(f"/auctions/{auction}").page
    chart, told = page.locator("#history [data-chart]"), page.locator("#history [data-told]")
    expect(told).to_contain_text("입찰이 없으면")
    told.scroll_into_view_if_needed()
    bob = Visitor("bob").sign_in(installation.webs[1])
    for amount in (110_000, 140_000):
        assert bob.bid(installation.webs[1], auction, amount).status == 201
        expect(told).to_have_text(f"커트라인이 100,000원에서 {amount:,}원까지 올랐어요.")
        expect(chart.locator(".chart-readout")).to_contain_text(f"{amount:,}원")
    expect(chart.locator("canvas")).to_be_visible()
    page.click("#history summary")
    live = page.locator("#history tbody td.amount").all_text_contents()
    assert live == ["140,000원", "110,000원", "100,000원"]
    wait_until(lambda: is_recorded(installation, auction), "both bids in the ledger")
    # The server says the same once its copy of the history has aged.
    wait_until(
        lambda: "140,000원까지" in bob.page(installation.webs[0], f"/auctions/{auction}"), "the sentence of the server"
    )
    page.reload()
    page.click("#history summary")
    # Of two bids within one step of its line the server tells the last.
    assert page.locator("#history tbody td.amount").all_text_contents() in (live, [live[0], live[-1]])
    expect(chart.locator("canvas")).to_be_visible()


def until_the_table(page: Page) -> None:
    """The server has it once its copy of the history has aged."""

    def is_there() -> bool:
        page.reload()
        return page.locator("#history summary").is_visible()

    wait_until(is_there, "the table")


@pytest.mark.sweep
@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_table_of_the_chart_writes_moments_as_the_server_does(
    installation: Installation, auction: int, phone: Callable[..., Phone], language: str
) -> None:
    assert Visitor("bob").sign_in(installation.webs[1]).bid(installation.webs[1], auction, 110_000).status == 201
    rows, days = "#history tbody td:first-child", []
    for scripts in (False, True):
        page = phone("carol", scripts=scripts).open(f"/auctions/{auction}?lang={language}").page
        until_the_table(page)
        if scripts:
            page.locator("#history").scroll_into_view_if_needed()
            expect(page.locator("#history canvas")).to_be_visible()
        page.click("#history summary")
        days.append({text.rpartition(" ")[0] for text in page.locator(rows).all_text_contents()})
    assert days[0] & days[1], days


def test_the_library_of_the_chart_comes_when_the_chart_comes_near(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    carol = phone("carol")
    page = carol.page
    page.set_viewport_size({"width": 360, "height": 160})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    carol.open(f"/auctions/{auction}")
    told = page.locator("#history [data-told]")
    far = told.evaluate("each => each.getBoundingClientRect().top - window.innerHeight")
    assert far > 320, "the chart stands too near for this test"
    bob = Visitor("bob").sign_in(installation.webs[1])
    for amount in (110_000, 140_000):
        assert bob.bid(installation.webs[1], auction, amount).status == 201
    expect(told).to_have_text("커트라인이 100,000원에서 140,000원까지 올랐어요.")
    assert not [url for url in asked if "uplot" in url]
    told.scroll_into_view_if_needed()
    expect(page.locator("#history canvas")).to_be_visible()
    assert len([url for url in asked if "uPlot.iife" in url]) == 1
    page.mouse.wheel(0, -10_000)
    told.scroll_into_view_if_needed()
    assert len([url for url in asked if "uplot" in url]) == 2, "the library and its style, once"


SEOUL = ZoneInfo("Asia/Seoul")
READOUT = "#history .chart-readout"


def seconds_past_the_board(page: Page) -> float:
    """How far the line goes beyond the moment of the last board."""
    board = datetime.fromtimestamp(int(page.locator("#board").get_attribute("data-now-ms") or 0) / 1000, SEOUL)
    hour, minute, second = map(int, (page.locator(READOUT).text_content() or "")[:8].split(":"))
    return (board.replace(hour=hour, minute=minute, second=second) - board).total_seconds()


def test_the_line_goes_on_until_now_while_nobody_bids(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    page = phone("carol").open(f"/auctions/{auction}").page
    page.locator("#history").scroll_into_view_if_needed()
    bob = Visitor("bob").sign_in(installation.webs[1])
    for amount in (110_000, 140_000):
        assert bob.bid(installation.webs[1], auction, amount).status == 201
    expect(page.locator(READOUT)).to_contain_text("140,000원")
    wait_until(lambda: seconds_past_the_board(page) >= 6, "a line that goes on")
    # What was drawn by a clock that runs ahead gives way to the next board.
    page.evaluate("window.auctionClock.sample(window.auctionClock.serverNow() + 60000)")
    wait_until(lambda: seconds_past_the_board(page) >= 60, "a line of a clock that runs ahead")
    assert bob.bid(installation.webs[1], auction, 150_000).status == 201
    expect(page.locator(READOUT)).to_contain_text("150,000원")


def test_on_the_results_and_on_a_page_that_stayed_open_the_line_goes_on_to_the_end(
    installation: Installation, phone: Callable[..., Phone]
) -> None:
    bob, open_page = Visitor("bob").sign_in(installation.webs[1]), phone("carol").open("/").page

    def bid(auction: int) -> None:
        open_page.goto(f"{installation.webs[0].url}/auctions/{auction}")
        open_page.locator("#history").scroll_into_view_if_needed()
        for amount in (110_000, 140_000):
            assert bob.bid(installation.webs[1], auction, amount).status == 201
        expect(open_page.locator(READOUT)).to_contain_text("140,000원")

    auction = acted_before_its_end(installation, bid, seconds=8, seats=1)
    wait_until(lambda: shown(installation, auction)["state"] == "settled", "a settled auction")
    ends = datetime.fromisoformat(shown(installation, auction)["ends_at"]).astimezone(SEOUL)
    page = phone("carol").open(f"/auctions/{auction}/results").page
    page.locator("#history").scroll_into_view_if_needed()
    until(open_page, "settled")
    for each in (page, open_page):
        expect(each.locator(READOUT)).to_have_text(f"{ends:%H:%M:%S} · 140,000원")


@pytest.mark.parametrize(("language", "spoken"), [("ko", numbers.korean), ("en", numbers.english)])
def test_amounts_are_read_aloud_while_typed_as_the_review_reads_them(
    installation: Installation, auction: int, phone: Callable[..., Phone], language: str, spoken: Callable[[int], str]
) -> None:
    page = phone("alice", language=language).sign_in(f"/auctions/{auction}").page
    page.goto(f"{page.url}?lang={language}")
    won = {"ko": "원", "en": "won"}[language]
    amounts = [*AMOUNTS, *MORE_AMOUNTS]
    assert page.evaluate(TYPE_EACH, amounts) == [f"{spoken(amount)} {won}" for amount in amounts]
    assert page.evaluate(TYPE_EACH, ["", "0", "12a", "9" * 30]) == [""] * 4
