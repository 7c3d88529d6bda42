"""Every page of a signed-in person hears what concerns them: by one socket of the browser, by one of its own where
there are no shared workers, and by asking where there are no sockets."""

import re
from http.client import HTTPConnection

import pytest
from playwright.sync_api import Page, expect

from lab.servers.installation import Installation, WebProcess
from lab.waiting import wait_until
from tests.browser.axe import violations
from tests.browser.evening import ALERT, Phones, bid, every_seat_taken, unread, until, until_connected
from tests.staging.installation import acted_before_its_end, is_recorded, open_auction, shown
from tests.story.visitor import Visitor

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]

NO_SHARED_WORKERS = "delete window.SharedWorker;"
SOCKETS = re.compile(r"^cashticket_sockets\{[^}]*\} ([0-9.]+)", re.MULTILINE)
OUT, TO_BUY = "#needs .need-out", "#needs .need-buy"


def sockets(web: WebProcess) -> int:
    """How many sockets the process serves."""
    connection = HTTPConnection("127.0.0.1", web.port, timeout=20)
    try:
        connection.request("GET", "/metrics")
        counted = SOCKETS.search(connection.getresponse().read().decode())
        return int(float(counted[1])) if counted else 0
    finally:
        connection.close()


def alert_of(page: Page, auction: int) -> str:
    """The one alert of this auction on a page, as plain words."""
    alert = page.locator(f"{ALERT}[data-auction='{auction}']")
    expect(alert).to_have_count(1)
    return " ".join(alert.inner_text().split())


def counted(page: Page) -> int:
    """How many notices are unread, once the page has counted."""
    expect(page.locator("#unread")).not_to_have_attribute("data-uncounted", "")
    return unread(page)


@pytest.fixture
def led(installation: Installation, auction: int) -> int:
    """An auction that alice leads, as the ledger knows."""
    bid(installation, "alice", auction, 100_000)
    wait_until(lambda: is_recorded(installation, auction), "her bid in the ledger")
    return auction


@pytest.mark.parametrize("prepare", ["", NO_SHARED_WORKERS], ids=["one-socket-a-browser", "one-socket-a-page"])
def test_being_pushed_out_is_heard_on_the_home_page(
    installation: Installation, led: int, phone: Phones, prepare: str
) -> None:
    alice = phone("alice")
    if prepare:
        alice.page.add_init_script(prepare)
    page = alice.sign_in("/").page
    before = counted(page)
    bid(installation, "bob", led, 110_000)
    words = alert_of(page, led)
    assert "밀려" in words and "한강의 밤" in words and "100,000원" in words and "110,000" not in words
    expect(page.locator(OUT).filter(has=page.locator(f"[href^='/auctions/{led}#']"))).to_contain_text("100,000원")
    wait_until(lambda: unread(page) == before + 1, "one notice more")
    assert alice.overflow() <= 0 and not violations(page)
    page.click(f"{ALERT}[data-auction='{led}'] [data-dismiss]")
    expect(page.locator(f"{ALERT}[data-auction='{led}']")).to_have_count(0)
    wait_until(lambda: unread(page) == before, "the notice to be read")
    # Whoever is out and has read of it is reminded by the piece alone.
    alice.open("/concerts/")
    expect(page.locator(OUT).first).to_be_visible()
    expect(page.locator(f"{ALERT}[data-auction='{led}']")).to_have_count(0)


def test_two_pages_share_a_socket_and_each_shows_the_alert_once(
    installation: Installation, led: int, phone: Phones
) -> None:
    first = installation.webs[0]
    wait_until(lambda: sockets(first) == 0, "the sockets of earlier tests to end")
    home = phone("alice").sign_in("/").page
    tickets = home.context.new_page()
    tickets.goto(f"{first.url}/me/tickets")
    wait_until(lambda: sockets(first) == 1, "one socket for both")
    bid(installation, "bob", led, 110_000)
    for page in (home, tickets):
        alert_of(page, led)
    # A later displacement takes the place of the first, and is the proof that nothing of the first came again.
    bid(installation, "alice", led, 120_000)
    bid(installation, "bob", led, 130_000)
    for page in (home, tickets):
        expect(page.locator(f"{ALERT}[data-auction='{led}']")).to_have_attribute("data-sequence", "4")
        assert "120,000원" in alert_of(page, led)
    assert sockets(first) == 1


def test_the_page_of_another_auction_says_which_concert_it_is_about(
    installation: Installation, led: int, concert: int, phone: Phones
) -> None:
    page = phone("alice").sign_in(f"/auctions/{open_auction(installation, concert, seats=1)}").page
    until(page, "watching")
    until_connected(page)
    bid(installation, "bob", led, 110_000)
    words = alert_of(page, led)
    assert "한강의 밤" in words and "100,000원" in words
    page.click(f"{ALERT}[data-auction='{led}'] a")
    page.wait_for_url(f"**/auctions/{led}*")
    until(page, "out")


def test_without_sockets_a_page_asks_and_shows_what_needs_its_reader(
    installation: Installation, led: int, phone: Phones
) -> None:
    alice = phone("alice").sign_in("/")
    page = alice.page
    page.goto("about:blank")
    with every_seat_taken(installation, "alice", led):
        alice.open("/")
        before = counted(page)
        bid(installation, "bob", led, 110_000)
        wait_until(lambda: unread(page) == before + 1, "one notice more")
        row = page.locator(OUT).filter(has=page.locator(f"[href^='/auctions/{led}#']"))
        expect(row).to_contain_text("100,000원")
        expect(page.locator(f"{ALERT}[data-auction='{led}']")).to_have_count(0)
    # With a place it hears again, first of all what it missed.
    alert_of(page, led)


def test_an_offer_is_heard_on_the_home_page(installation: Installation, phone: Phones) -> None:
    web = installation.webs[1]

    def two_bids(auction: int) -> None:
        bid(installation, "carol", auction, 120_000)
        bid(installation, "mallory", auction, 110_000)

    auction = acted_before_its_end(installation, two_bids, seconds=8, seats=1)
    wait_until(lambda: shown(installation, auction)["state"] == "settled", "a settled auction")
    concert = shown(installation, auction)["concert_id"]
    carol = Visitor("carol").sign_in(web)
    mallory = phone("mallory").sign_in("/")
    page = mallory.page
    before = counted(page)
    [award] = carol.buyable(web, concert)
    assert carol.decide(web, award, "decline").status == 303
    row = page.locator(TO_BUY).filter(has_text="110,000원")
    expect(row).to_contain_text("VIP-1")
    assert unread(page) > before
    assert mallory.overflow() <= 0 and not violations(page)
    row.locator("a").click()
    page.wait_for_url("**/me/tickets*")


def test_a_page_whose_session_ends_elsewhere_shows_the_way_to_sign_in(
    installation: Installation, phone: Phones
) -> None:
    page = phone("alice").sign_in("/").page
    expect(page.locator("#header form")).to_have_count(1)
    elsewhere = Visitor("alice").sign_in(installation.webs[1])
    token = elsewhere.token(installation.webs[1], "/me/profile")
    answer = elsewhere.post(installation.webs[1], "/me/profile/sign-out-elsewhere", {"csrf_token": token})
    assert answer.status == 303
    expect(page.locator("#header a[href^='/login']")).to_be_visible()
    expect(page.locator("#bell")).to_have_count(0)


def test_what_a_whole_hall_is_told_is_counted_without_asking(installation: Installation, phone: Phones) -> None:
    page = phone("carol").sign_in("/me").page
    before = counted(page)
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    for number in (1, 2):
        frame = '<i id="told" hidden data-version="1" data-more="1"></i>'
        page.evaluate("(text) => document.dispatchEvent(new CustomEvent('heard', { detail: { text } }))", frame)
        assert unread(page) == before + number
    expect(page.locator("#bell summary")).to_contain_text(f"안 읽음 {before + 2}건")
    assert requests == []


def test_who_signs_out_in_one_page_leaves_nothing_of_theirs_in_the_others(
    installation: Installation, phone: Phones
) -> None:
    def one_bid(auction: int) -> None:
        bid(installation, "alice", auction, 100_000)

    auction = acted_before_its_end(installation, one_bid, seconds=8, seats=1)
    alice = phone("alice").sign_in("/")
    results, tickets = alice.page.context.new_page(), alice.page.context.new_page()
    ended = f"{alice.web.url}/auctions/{auction}/results"
    wait_until(lambda: alice.page.request.get(ended, max_redirects=0).status == 200, "the results", 300)
    results.goto(ended)
    expect(results.locator("#outcome")).to_contain_text("VIP-1")
    tickets.goto(f"{alice.web.url}/me/tickets")
    # Each has heard what it joined.
    for page in (results, tickets):
        expect(page.locator("#unread")).not_to_have_attribute("data-uncounted", "")
    results.wait_for_timeout(2_000)
    alice.page.click("form[action='/logout'] button")
    expect(results.locator("#outcome a[href^='/login']")).to_be_visible()
    expect(results.locator("#outcome")).not_to_contain_text("VIP-1")
    tickets.wait_for_url("**/login?next=**")
