"""An auction on a phone when things are not as they should be: no connection, no JavaScript, a narrow screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Route, expect

from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.fixtures.browser import Phone
from tests.staging.installation import open_auction, shown
from tests.story.visitor import Visitor

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]

LOST_CONNECTION = r"ERR_CONNECTION|WebSocket|htmx:ws:error|Failed to fetch|status of 503|^503 "


def test_a_lost_connection_is_said_and_the_page_catches_up_by_itself(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    first, second = installation.webs
    alice = phone("alice").sign_in(f"/auctions/{auction}")
    banner = alice.page.locator("#connection")
    expect(alice.page.locator("#board")).to_be_visible()
    expect(banner).to_be_hidden()
    alice.page.evaluate("window.neverReloaded = true")
    first.stop()
    try:
        expect(banner).to_be_visible()
        assert Visitor("bob").sign_in(second).bid(second, auction, 100_000).status == 201
    finally:
        first.start()
        wait_until(first.is_ready, "the web process that was away")
    expect(banner).to_be_hidden()
    expect(alice.page.locator("#board [data-figure=cutoff]")).to_have_text("100,000원")
    assert alice.page.evaluate("window.neverReloaded") is True
    # The socket is back as well: the next bid is seen without polling.
    assert Visitor("bob").sign_in(second).bid(second, auction, 110_000).status == 201
    expect(alice.page.locator("#board [data-figure=cutoff]")).to_have_text("110,000원")
    alice.expect_trouble(LOST_CONNECTION)


def test_the_page_connects_also_when_its_last_script_arrives_late(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    page = phone("carol").page
    late: list[Route] = []
    page.route("**/hx-ws*.js*", lambda route: late.append(route))
    page.goto(f"{installation.webs[0].url}/auctions/{auction}", wait_until="commit")
    wait_until(lambda: page.evaluate("'htmx' in window") and late, "htmx without its extension")
    # Whatever htmx puts off to the next turn has happened after this one.
    page.evaluate("new Promise(done => setTimeout(() => setTimeout(done)))")
    with page.expect_websocket() as opened:
        late[0].continue_()
    assert opened.value.url.endswith(f"/auctions/{auction}/live?lang=ko")
    expect(page.locator("#connection")).to_be_hidden()


def test_without_javascript_everything_is_done_by_plain_forms(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    alice = phone("alice", scripts=False).open(f"/auctions/{auction}")
    page = alice.page
    page.click("#bid a[href^='/login']")
    alice.fill_sign_in()
    page.wait_for_url(f"**/auctions/{auction}")
    expect(page.locator("#clock time")).to_contain_text("일")
    page.fill("#amount", "95000")
    page.click("form[action$='/confirm'] button")
    expect(page.get_by_role("alert")).to_contain_text("100,000원")
    page.click("#confirm a")
    page.fill("#amount", "110000")
    page.click("form[action$='/confirm'] button")
    expect(page.locator("#confirm")).to_contain_text("십일만 원")
    page.click("form[action$='/bids'] button[type=submit]")
    page.wait_for_url("**/me/bids")
    expect(page.locator("main .notice-plain")).to_contain_text("110,000원")
    page.click("form[action='/logout'] button")
    expect(page.locator("header a[href^='/login']")).to_be_visible()
    assert shown(installation, auction)["accepted"] == 1


def test_no_page_is_wider_than_a_phone(installation: Installation, concert: int, phone: Callable[..., Phone]) -> None:
    auction = open_auction(installation, concert, seats=1, maximum=2_000_010_000)
    ended = open_auction(installation, concert, seats=2, closes="+2s")
    bob = Visitor("bob").sign_in(installation.webs[1])
    assert bob.bid(installation.webs[1], auction, 2_000_000_000).status == 201
    facts = shown(installation, auction)
    public = [
        "/",
        "/help",
        "/terms",
        "/privacy",
        "/refunds",
        "/concerts/",
        f"/concerts/{facts['concert_id']}",
        f"/auctions/{auction}",
        "/login",
        "/nowhere",
    ]
    review = f"/auctions/{auction}/confirm?amount=2000010000"
    private = ["/me", "/me/tickets", "/me/bids", f"/auctions/{auction}", review]
    wait_until(lambda: shown(installation, ended)["state"] == "settled", "a settled auction")
    for language in ("ko", "en"):
        stranger, alice = phone("carol"), phone("alice").sign_in()
        finished = [f"/auctions/{ended}/{part}" for part in ("results", "record", "lineage")]
        _assert_fits(stranger, [*public, *finished], language)
        _assert_fits(alice, private, language)


def _assert_fits(phone: Phone, paths: list[str], language: str) -> None:
    phone.open(f"/?lang={language}")
    for path in paths:
        phone.open(path)
        assert phone.page.locator("html").get_attribute("lang") == language, path
        assert phone.overflow() <= 0, f"{path} is {phone.overflow()} pixels too wide ({language})"
    phone.expect_trouble("status of 404")
