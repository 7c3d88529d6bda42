"""What happens around an open auction page: others bid, the page says where its reader stands, and what it keeps of it
all. Shared by the tests of the live page."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager

import websocket
from playwright.sync_api import Locator, Page, expect

from cashticket.live.capacity import PERSON_SOCKETS_MAX
from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.fixtures.browser import PAGE_SECONDS, Phone
from tests.story.visitor import Visitor

expect.set_options(timeout=PAGE_SECONDS * 1000)

Phones = Callable[..., Phone]

ALERT = "#alerts [data-alert=rank-out]"
LOST_CONNECTION = (
    r"ERR_CONNECTION|ERR_INTERNET_DISCONNECTED|WebSocket|htmx:ws:error|Failed to fetch|status of 503|^503 "
)

CONNECTED = "document.getElementById('auction')._htmx?.ws?.connection?.socket?.readyState === WebSocket.OPEN"
# Counts every alert about the page's auction that was ever put on it, whatever took it away again. Alerts about others
# may come at any time: people of former tests are still out in theirs.
COUNT_ALERTS = """
  window.neverReloaded = true;
  window.alertsSeen = [];
  new MutationObserver((changes) => {
    for (const { dataset } of changes.flatMap((change) => [...change.addedNodes])) {
      if (location.pathname === `/auctions/${dataset?.auction}`) window.alertsSeen.push(dataset.sequence);
    }
  }).observe(document.getElementById("alerts"), { childList: true });
"""


def bid(installation: Installation, name: str, auction: int, amount: int) -> None:
    """Somebody bids elsewhere, by the second web process."""
    answer = Visitor(name).sign_in(installation.webs[1]).bid(installation.webs[1], auction, amount)
    assert answer.status == 201, answer.text


def review_and_bid(page: Page, amount: int) -> None:
    """Through the form and the review on the page."""
    page.fill("#amount", str(amount))
    page.click("form[action$='/confirm'] button")
    expect(page.locator("#confirm .review-amount")).to_contain_text(f"{amount:,}")
    page.click("#confirm form[action$='/bids'] button[type=submit]")


def unread(page: Page) -> int:
    """How much the bell says waits to be read."""
    badge = page.locator("#bell #unread .badge")
    return int(badge.text_content() or 0) if badge.count() else 0


def until(page: Page, position: str, within_ms: float | None = None) -> None:
    """Wait until the page says so of its reader: watching, winning, out, closing, settled."""
    expect(page.locator(f"#standing[data-position={position}]")).to_be_visible(timeout=within_ms)


def until_connected(page: Page) -> None:
    """Wait until the page has a live connection and says nothing of a lost one."""
    wait_until(lambda: page.evaluate(CONNECTED), "a live connection")
    expect(page.locator("#connection")).to_be_hidden()


def until_cutoff(page: Page, words: str) -> None:
    """Wait until the board shows this cut-off."""
    expect(page.locator("#board [data-figure=cutoff]")).to_have_text(words)


def own_alerts(page: Page) -> Locator:
    """The alerts on an auction's page that are about this auction."""
    return page.locator(f"{ALERT}[data-auction='{page.url.split('/auctions/')[1].split('?')[0].split('#')[0]}']")


def alerts_seen(page: Page) -> list[str]:
    """The sequences of the alerts about the page's auction since `COUNT_ALERTS` ran. Fails after a reload."""
    assert page.evaluate("window.neverReloaded") is True, "the page was reloaded"
    seen: list[str] = page.evaluate("window.alertsSeen")
    return seen


@contextmanager
def every_seat_taken(installation: Installation, name: str, auction: int) -> Iterator[None]:
    """As many sockets of one person as a process gives, so that the next one is refused with 503."""
    web, visitor = installation.webs[0], Visitor(name).sign_in(installation.webs[0])
    address = f"ws://127.0.0.1:{web.port}/auctions/{auction}/live"

    def seat() -> websocket.WebSocket | None:
        try:
            return websocket.create_connection(address, cookie=visitor.cookie_header(), origin=web.url, timeout=20)
        except websocket.WebSocketBadStatusException as refused:
            assert refused.status_code == 503
            return None

    with ExitStack() as seats:
        for _ in range(PERSON_SOCKETS_MAX):
            # The place of a page that was just left may not be free yet.
            socket = wait_until(seat, "a place for a socket")
            assert socket is not None
            seats.enter_context(closing(socket))
            socket.recv()
        assert seat() is None
        yield
