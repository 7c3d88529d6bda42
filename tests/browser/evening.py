"""What happens around an open auction page: others bid, the page says where its reader stands, and what it keeps of it
all. Shared by the tests of the live page."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

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
# Counts every alert that was ever put on the page, whatever took it away again.
COUNT_ALERTS = """
  window.neverReloaded = true;
  window.alertsSeen = [];
  new MutationObserver((changes) => {
    for (const added of changes.flatMap((change) => [...change.addedNodes])) {
      if (added.dataset?.alert) window.alertsSeen.push(added.dataset.sequence);
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


def alerts_seen(page: Page) -> list[str]:
    """The sequences of all alerts shown since `COUNT_ALERTS` ran. Fails when the page was reloaded since."""
    assert page.evaluate("window.neverReloaded") is True, "the page was reloaded"
    seen: list[str] = page.evaluate("window.alertsSeen")
    return seen
