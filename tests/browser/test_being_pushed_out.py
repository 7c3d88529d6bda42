"""Being pushed out is seen: in a hidden tab, on another device, after a lost connection, and outside of the page."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.browser.evening import own_alerts
from tests.fixtures.browser import PAGE_SECONDS, Phone
from tests.staging.installation import is_recorded
from tests.story.visitor import Visitor

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]

expect.set_options(timeout=PAGE_SECONDS * 1000)

# A test cannot look at the notifications of the system, so they are kept where it can. Everything before them is real.
KEEP_NOTIFICATIONS = """
  window.kept = [];
  window.Notification = class {
    static permission = "default";
    static async requestPermission() { return (this.permission = "granted"); }
    constructor(title, options) { window.kept.push({ title, ...options }); }
    close() {}
  };
"""
HIDE = """
  Object.defineProperty(document, "hidden", { configurable: true, value: true });
  Object.defineProperty(document, "visibilityState", { configurable: true, value: "hidden" });
  document.dispatchEvent(new Event("visibilitychange"));
"""
LOST_CONNECTION = r"ERR_CONNECTION|WebSocket|htmx:ws:error|Failed to fetch|status of 503|^503 "


def bid(installation: Installation, name: str, auction: int, amount: int) -> None:
    answer = Visitor(name).sign_in(installation.webs[1]).bid(installation.webs[1], auction, amount)
    assert answer.status == 201, answer.text


def until_winning(page: Page) -> None:
    expect(page.locator("#standing[data-position=winning]")).to_be_visible()


def notifications(page: Page, auction: int) -> list[dict[str, str]]:
    """What was shown outside of the page about this auction. A process that was away tells late of others."""
    kept: list[dict[str, str]] = page.evaluate("window.kept")
    return [each for each in kept if each["tag"] == f"rank_out-{auction}"]


def unread(page: Page) -> int:
    """How many notices the header says wait to be read."""
    badge = page.locator("#unread .badge")
    return int(badge.text_content() or 0) if badge.count() else 0


@pytest.fixture
def alice(installation: Installation, auction: int, phone: Callable[..., Phone]) -> Phone:
    """Alice on the auction's page, winning."""
    bid(installation, "alice", auction, 100_000)
    made = phone("alice")
    made.page.add_init_script(KEEP_NOTIFICATIONS)
    made.sign_in(f"/auctions/{auction}")
    until_winning(made.page)
    expect(made.page.locator("#connection")).to_be_hidden()
    return made


def test_a_hidden_tab_says_so_in_its_title(installation: Installation, auction: int, alice: Phone) -> None:
    title = alice.page.title()
    alice.page.evaluate(HIDE)
    bid(installation, "bob", auction, 110_000)
    expect(alice.page).to_have_title(f"[순위 밖] {title}")
    expect(own_alerts(alice.page)).to_have_count(1)
    assert notifications(alice.page, auction) == [], "nobody asked for it"


def test_every_device_shows_it_and_counts_it_until_it_was_read(
    installation: Installation, auction: int, alice: Phone, phone: Callable[..., Phone]
) -> None:
    other = phone("alice", web=2).sign_in(f"/auctions/{auction}")
    until_winning(other.page)
    # Its sign-in was a notice too, which the page opened before does not show yet.
    before = unread(other.page)
    bid(installation, "bob", auction, 110_000)
    for each in (alice, other):
        expect(own_alerts(each.page)).to_have_attribute("data-sequence", "2")
        expect(each.page.locator("#unread .badge")).to_have_text(str(before + 1))
    own_alerts(alice.page).locator("[data-dismiss]").click()
    expect(own_alerts(alice.page)).to_have_count(0)
    wait_until(lambda: unread(alice.page) == before, "the notice to be read")
    other.open(f"/auctions/{auction}")
    expect(other.page.locator("#standing[data-position=out]")).to_be_visible()
    assert unread(other.page) == before
    # Nothing is pending that could bring the alert back: the socket has shown the board.
    bid(installation, "carol", auction, 120_000)
    expect(other.page.locator("#board [data-figure=cutoff]")).to_have_text("120,000원")
    expect(own_alerts(other.page)).to_have_count(0)


def test_what_happened_while_offline_is_told_on_coming_back(
    installation: Installation, auction: int, alice: Phone
) -> None:
    alice.page.evaluate("window.neverReloaded = true")
    first = installation.webs[0]
    first.stop()
    try:
        expect(alice.page.locator("#connection")).to_be_visible()
        bid(installation, "bob", auction, 110_000)
        wait_until(lambda: is_recorded(installation, auction), "bob's bid in the ledger")
    finally:
        first.start()
        wait_until(first.is_ready, "the web process that was away")
    expect(own_alerts(alice.page)).to_have_attribute("data-sequence", "2")
    assert alice.page.evaluate("window.neverReloaded") is True
    alice.expect_trouble(LOST_CONNECTION)


def test_who_asks_for_it_is_rung_outside_of_the_page_once(
    installation: Installation, auction: int, alice: Phone
) -> None:
    page = alice.page
    ring = page.locator("#ring button")
    expect(ring).to_have_attribute("aria-pressed", "false")
    ring.click()
    expect(ring).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#ring [role=status]")).to_contain_text("알림")
    page.evaluate(HIDE)
    bid(installation, "bob", auction, 110_000)
    [notice] = wait_until(lambda: notifications(page, auction), "a notification")
    assert notice["body"] == "한강의 밤" and "밀려" in notice["title"]
    # The page is loaded again: the alert is still news, the noise is not.
    alice.open(f"/auctions/{auction}")
    expect(own_alerts(page)).to_have_count(1)
    expect(ring).to_have_attribute("aria-pressed", "true")
    assert notifications(page, auction) == []
    ring.click()
    expect(ring).to_have_attribute("aria-pressed", "false")


def test_without_javascript_nothing_is_offered_that_would_not_work(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    alice = phone("alice", scripts=False).sign_in(f"/auctions/{auction}")
    expect(alice.page.locator("#ring")).to_be_hidden()
