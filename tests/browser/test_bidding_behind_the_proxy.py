"""A bid through the real proxy while no web process is there: the same bid is sent again, and counts once."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from lab.servers.installation import Installation
from lab.servers.nginx_server import Nginx
from lab.waiting import wait_until
from tests.browser.evening import Phones, until
from tests.fixtures.browser import PAGE_SECONDS, Phone
from tests.staging.installation import shown

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]

expect.set_options(timeout=PAGE_SECONDS * 1000)

SEND = "#confirm form[action$='/bids'] button[type=submit]"
AGAIN = "form[action$='/bids'] button"
AWAY = r"\b50[234]\b|ERR_CONNECTION|WebSocket|htmx:ws:error"


@pytest.fixture
def proxy(installation: Installation, nginx_program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """nginx with the shipped settings before the two web processes."""
    ports = [web.port for web in installation.webs]
    nginx = Nginx(nginx_program, tmp_path_factory.mktemp("proxy") / "nginx", ports, ports[0])
    yield nginx.start()
    nginx.stop()


def at_the_proxy(phone: Phone, proxy: Nginx, auction: int, language: str = "ko") -> Phone:
    """The phone, signed in and with the review of a bid of 100,000 on the screen."""
    phone.web = proxy
    phone.sign_in(f"/auctions/{auction}?lang={language}")
    phone.page.fill("#amount", "100000")
    phone.page.click("form[action$='/confirm'] button")
    expect(phone.page.locator(SEND)).to_be_visible()
    return phone


def end_all(installation: Installation) -> None:
    for web in installation.webs:
        web.kill()


def start_all(installation: Installation) -> None:
    for web in installation.webs:
        web.start()
    for web in installation.webs:
        wait_until(web.is_ready, web.name)


def test_the_page_keeps_the_form_and_sends_the_same_bid_until_it_is_answered(
    installation: Installation, auction: int, phone: Phones, proxy: Nginx
) -> None:
    alice = at_the_proxy(phone("alice"), proxy, auction)
    sent: list[str | None] = []
    alice.page.on("request", lambda each: sent.append(each.post_data) if "/bids?" in each.url else None)
    end_all(installation)
    try:
        alice.page.click(SEND)
        expect(alice.page.locator("#confirm [data-unknown]")).to_be_visible()
        expect(alice.page.locator("#confirm input[name=request_id]")).to_have_count(1)
        # Asking the page for something lets its events arrive.
        wait_until(lambda: alice.page.title() and len(sent) > 1, "the bid, sent again")
    finally:
        start_all(installation)
    expect(alice.page.locator("main .notice-plain")).to_be_visible()
    until(alice.page, "winning")
    assert len(set(sent)) == 1
    assert shown(installation, auction)["accepted"] == 1
    alice.expect_trouble(AWAY)


@pytest.mark.parametrize(
    ("language", "title"), [("ko", "입찰 결과를 확인하고 있어요"), ("en", "The result of your bid")]
)
def test_without_scripts_the_page_of_the_error_has_a_button_that_sends_the_same_bid(
    installation: Installation, auction: int, phone: Phones, proxy: Nginx, language: str, title: str
) -> None:
    alice = at_the_proxy(phone("alice", scripts=False, language=language), proxy, auction, language)
    request = alice.page.locator("#confirm input[name=request_id]").input_value()
    end_all(installation)
    try:
        for button in (SEND, AGAIN):
            alice.page.click(button)
            expect(alice.page.locator("h1")).to_contain_text(title)
            expect(alice.page.locator("input[name=request_id]")).to_have_value(request)
        assert alice.overflow() == 0
    finally:
        start_all(installation)
    alice.page.click(AGAIN)
    alice.page.wait_for_url("**/me/bids")
    expect(alice.page.locator("main .notice-plain")).to_be_visible()
    assert shown(installation, auction)["accepted"] == 1
    alice.expect_trouble(AWAY)
