"""The reader's own part of the auction page: it comes by itself after a full moment, says why it is late, and is asked
for once when all is well."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.browser.evening import bid, until, until_connected
from tests.fixtures.browser import PAGE_SECONDS, Phone
from tests.staging.installation import add_user

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]

expect.set_options(timeout=PAGE_SECONDS * 1000)

PART = "**/standing?lang=*&with=account*"
NOTICE = "#own-part"
BAR_SAYS_SIGN_IN = "#bidder a[href^='/login']"
HEADER_SAYS_SIGN_IN = "#header a[href^='/login']"
SIGNED_IN = "#header form[action='/logout']"
# Timers that the page sets from now on run at once, so that a wait for the next question takes no time. A request keeps
# its 15 seconds.
HURRY = """
  const plain = window.setTimeout;
  window.waits = [];
  window.asks = [];
  window.setTimeout = (call, ms, ...rest) => {
    window.waits.push(ms ?? 0);
    // Other scripts of the page wait too.
    if (call?.name === "ask") window.asks.push(ms);
    return plain(call, ms === 15000 ? ms : Math.min(ms ?? 0, 150), ...rest);
  };
"""
SOCKET_THAT_NEVER_OPENS = """
  window.WebSocket = class extends EventTarget {
    static OPEN = 1;
    readyState = 0;
    close() {}
  };
"""


def count_requests(page: Page) -> list[str]:
    """The addresses of all questions for the own part from now on."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "with=account" in request.url else None)
    return asked


@pytest.mark.parametrize("signed_in", [True, False], ids=["signed-in", "anonymous"])
def test_the_own_part_is_asked_for_once_and_says_nothing_when_it_comes(
    installation: Installation, auction: int, phone: Callable[..., Phone], signed_in: bool
) -> None:
    reader = phone("alice")
    if signed_in:
        reader.sign_in("/")
    asked = count_requests(reader.page)
    reader.page.add_init_script(HURRY)
    reader.open(f"/auctions/{auction}")
    expect(reader.page.locator(SIGNED_IN if signed_in else BAR_SAYS_SIGN_IN)).to_be_visible()
    until_connected(reader.page)
    # A frame of the board later, every question that a mistake would have caused has been sent.
    bid(installation, "bob", auction, 100_000)
    expect(reader.page.locator("#board [data-figure=cutoff]")).to_have_text("100,000원")
    expect(reader.page.locator(NOTICE)).to_be_hidden()
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("path", "link"),
    [("", BAR_SAYS_SIGN_IN), ("", HEADER_SAYS_SIGN_IN), ("/ladder", HEADER_SAYS_SIGN_IN)],
    ids=["bid-bar", "header", "ladder"],
)
def test_whoever_tabbed_to_a_link_before_the_own_part_came_is_still_there(
    auction: int, phone: Callable[..., Phone], path: str, link: str
) -> None:
    held: list[Route] = []
    reader = phone("stranger")
    reader.page.route(re.compile("with=account|/me/header"), lambda route: held.append(route))
    reader.page.add_init_script("addEventListener('htmx:finally:request', () => { window.answered = true; });")
    reader.open(f"/auctions/{auction}{path}")
    wait_until(lambda: reader.page.evaluate("true") and held, "the question")
    reader.page.focus(link)
    held[0].continue_()
    wait_until(lambda: reader.page.evaluate("window.answered") or None, "the answer")
    expect(reader.page.locator(link)).to_be_focused()
    reader.page.keyboard.press("Enter")
    reader.page.wait_for_url(re.compile("/login"))


@pytest.mark.parametrize("status", [503, 429])
def test_a_full_hall_is_said_after_the_second_refusal_and_ends_by_itself(
    installation: Installation, auction: int, phone: Callable[..., Phone], status: int
) -> None:
    bid(installation, "alice", auction, 100_000)
    alice = phone("alice").sign_in("/")
    refusals: list[int] = []

    def refuse(route: Route) -> None:
        refusals.append(status)
        route.fulfill(status=status, body="full")

    alice.page.route(PART, refuse)
    alice.page.add_init_script(HURRY)
    alice.open(f"/auctions/{auction}")
    expect(alice.page.locator(NOTICE)).to_be_visible()
    wait_until(lambda: alice.page.evaluate("window.asks.length") >= 3 and len(refusals) >= 4, "more questions")
    for doubled, wait in zip((2, 4, 8), alice.page.evaluate("window.asks.slice(0, 3)"), strict=True):
        assert doubled * 500 <= wait <= doubled * 1000, "later each time"
    alice.page.unroute(PART)
    expect(alice.page.locator(SIGNED_IN)).to_be_visible()
    until(alice.page, "winning")
    expect(alice.page.locator(NOTICE)).to_be_hidden()
    alice.expect_trouble(rf"\b{status}\b")


def test_an_answer_that_cannot_be_shown_is_not_asked_for_in_a_loop(auction: int, phone: Callable[..., Phone]) -> None:
    reader = phone("alice").sign_in("/")
    asked = count_requests(reader.page)
    reader.page.add_init_script(
        HURRY
        + """
        addEventListener("DOMContentLoaded", () => {
          const swap = htmx.swap.bind(htmx);
          window.failed = 0;
          htmx.swap = (ctx) => {
            if (ctx.sourceElement?.id !== "own-part") return swap(ctx);
            window.failed += 1;
            throw new Error("cannot be shown");
          };
        });
        """
    )
    reader.open(f"/auctions/{auction}")
    wait_until(lambda: reader.page.evaluate("window.failed") or None, "the answer")
    until_connected(reader.page)
    # More than the wait before a second question, in timers that were set after it would have been.
    reader.page.evaluate("new Promise((done) => setTimeout(() => setTimeout(() => setTimeout(done, 150), 150), 150))")
    assert len(asked) == 1
    expect(reader.page.locator(NOTICE)).to_be_hidden()
    reader.expect_trouble("cannot be shown|htmx:error")


def test_a_page_that_comes_back_from_memory_asks_who_reads_it_now(auction: int, phone: Callable[..., Phone]) -> None:
    reader = phone("alice")
    reader.open(f"/auctions/{auction}")
    expect(reader.page.locator(BAR_SAYS_SIGN_IN)).to_be_visible()
    reader.page.evaluate("window.sameDocument = true")
    asked = count_requests(reader.page)
    reader.page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    wait_until(lambda: reader.page.evaluate("window.sameDocument") and asked, "the question")
    expect(reader.page.locator(BAR_SAYS_SIGN_IN)).to_be_visible()
    assert len(asked) == 1


def test_prices_are_fetched_later_each_time_while_a_full_hall_refuses_them(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    reader = phone("carol")
    board = f"**/auctions/{auction}/board*"
    reader.page.route(board, lambda route: route.fulfill(status=503, body="full"))
    reader.page.add_init_script(HURRY + SOCKET_THAT_NEVER_OPENS)
    reader.open(f"/auctions/{auction}")
    waits = wait_until(lambda: _polls(reader.page) if len(_polls(reader.page)) >= 5 else None, "five rounds")
    assert waits is not None
    for longest, wait in zip((5500, 10_000, 20_000, 30_000, 30_000), waits, strict=False):
        assert longest * 0.5 <= wait <= longest
    reader.page.unroute(board)
    bid(installation, "bob", auction, 100_000)
    expect(reader.page.locator("#board [data-figure=cutoff]")).to_have_text("100,000원")
    wait_until(lambda: 4500 <= _polls(reader.page)[-1] <= 5500, "the usual pace")
    reader.expect_trouble(r"\b503\b")


def _polls(page: Page) -> list[float]:
    """The random waits that the page chose, in ms, but for those of the bell, which are about a minute."""
    waits: list[float] = page.evaluate("window.waits.filter((ms) => ms >= 2500 && ms < 50000 && !Number.isInteger(ms))")
    return waits


def test_whoever_may_not_bid_gets_no_amounts_by_a_push_either(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    add_user(installation, f"erin-{auction}", "--staff", called="Erin")
    erin = phone(f"erin-{auction}").sign_in(f"/auctions/{auction}")
    expect(erin.page.locator("#barred")).to_be_visible()
    until_connected(erin.page)
    bid(installation, "bob", auction, 100_000)
    expect(erin.page.locator("#board [data-figure=cutoff]")).to_have_text("100,000원")
    # The pushed standing has amounts, because a frame knows nobody's rights.
    expect(erin.page.locator("#standing .quick-amount")).not_to_have_count(0)
    expect(erin.page.locator("#standing .quick")).to_be_hidden()
