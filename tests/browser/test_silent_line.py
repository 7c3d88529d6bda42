"""A line that is up and says too little: between browser and server stands somebody who swallows frames."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import WebSocketRoute, expect

from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.fixtures.browser import Phone
from tests.story.visitor import Visitor

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]


class Censor:
    """Passes frames on to the page of `phone` but those that match `swallowed`. `lines` are its sockets so far."""

    def __init__(self, phone: Phone) -> None:
        self.swallowed: str | None = None
        self.lines: list[WebSocketRoute] = []
        phone.page.route_web_socket(re.compile(r"/live\?lang=\w+$"), self._stand_between)

    def _stand_between(self, line: WebSocketRoute) -> None:
        self.lines.append(line)
        server = line.connect_to_server()

        def pass_on(frame: str | bytes) -> None:
            if self.swallowed is None or not re.search(self.swallowed, str(frame)):
                line.send(frame)

        server.on_message(pass_on)


# Waits for another line are short here.
HURRY = """
  const plain = window.setTimeout;
  window.setTimeout = (call, ms, ...rest) => plain(call, ms > 3000 && ms < 7000 ? 500 : ms, ...rest);
"""
LINE = "document.querySelector('#auction')._htmx?.ws?.connection"


def is_up(phone: Phone) -> bool:
    return bool(phone.page.evaluate(f"{LINE}?.socket?.readyState === WebSocket.OPEN"))


def cutoff(phone: Phone, amount: str) -> None:
    expect(phone.page.locator("#board [data-figure=cutoff]")).to_have_text(amount)


def outbid(installation: Installation, auction: int, amount: int) -> None:
    assert Visitor("bob").sign_in(installation.webs[1]).bid(installation.webs[1], auction, amount).status == 201


def test_after_three_silent_seconds_the_present_is_fetched_and_a_sign_of_life_ends_the_alarm(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    carol = phone("carol")
    censor = Censor(carol)
    carol.open(f"/auctions/{auction}")
    banner = carol.page.locator("#connection")
    wait_until(lambda: is_up(carol), "the line")
    censor.swallowed = "."
    with carol.page.expect_request(lambda request: request.url.endswith(f"/auctions/{auction}/board?lang=ko")):
        outbid(installation, auction, 100_000)
    expect(banner).to_be_visible()
    cutoff(carol, "100,000원")
    censor.swallowed = None
    expect(banner).to_be_hidden()
    assert len(censor.lines) == 1, "the line had been up all the time"


def test_a_lost_line_promises_bidding_only_while_the_live_store_is_known_to_answer(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    carol = phone("carol")
    censor = Censor(carol)
    carol.page.route("**/board?*", lambda route: route.fulfill(status=503))
    carol.open(f"/auctions/{auction}")
    banner = carol.page.locator("#connection")
    wait_until(lambda: is_up(carol), "the line")
    censor.swallowed = "."
    expect(banner).to_contain_text("계속 다시 연결하고 있어요", timeout=45_000)
    assert "입찰은 계속할 수 있어요" not in (banner.text_content() or "")
    carol.page.unroute("**/board?*")
    expect(banner).to_contain_text("입찰은 계속할 수 있어요", timeout=45_000)
    carol.expect_trouble("503")


def test_a_beat_that_knows_of_more_than_the_page_shows_has_the_present_fetched(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    carol = phone("carol")
    censor = Censor(carol)
    censor.swallowed = '<section id="board"'
    carol.open(f"/auctions/{auction}")
    cutoff(carol, "100,000원")
    outbid(installation, auction, 120_000)
    cutoff(carol, "120,000원")
    expect(carol.page.locator("#connection")).to_be_hidden()


def test_a_line_that_somebody_closed_by_another_code_is_opened_again(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    carol = phone("carol")
    carol.page.add_init_script(HURRY)
    censor = Censor(carol)
    carol.open(f"/auctions/{auction}")
    for code in (1000, 1008):
        wait_until(lambda: is_up(carol), "the line")
        censor.lines[-1].close(code=code)
        wait_until(lambda: not is_up(carol), "the end of the line")
    wait_until(lambda: is_up(carol), "the line")
    assert len(censor.lines) == 3
    expect(carol.page.locator("#connection")).to_be_hidden()


def test_who_is_asked_to_come_back_does_so_a_little_later_than_others(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    carol = phone("carol")
    censor = Censor(carol)
    carol.open(f"/auctions/{auction}")
    delays = set()
    for opened in range(1, 4):
        wait_until(lambda: is_up(carol), "the line")
        assert len(censor.lines) == opened
        censor.lines[-1].close(code=1012)
        wait_until(lambda: not is_up(carol), "the end of the line")
        delays.add(carol.page.evaluate(f"{LINE}.config.reconnectDelay"))
    assert len(delays) == 3 and all(0 <= delay <= 3000 for delay in delays)
    wait_until(lambda: is_up(carol), "the line")
    expect(carol.page.locator("#connection")).to_be_hidden()


@pytest.mark.sweep
def test_a_line_that_stays_silent_is_given_up_for_a_new_one(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    carol = phone("carol")
    censor = Censor(carol)
    carol.open(f"/auctions/{auction}")
    wait_until(lambda: is_up(carol), "the line")
    censor.swallowed = "."

    def begun_anew() -> bool:
        # Asking the page lets the browser's own events through.
        carol.page.evaluate("1")
        return len(censor.lines) == 2

    wait_until(begun_anew, "another line", 45)
    censor.swallowed = None
    expect(carol.page.locator("#connection")).to_be_hidden()
