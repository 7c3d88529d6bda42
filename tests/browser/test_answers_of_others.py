"""Whatever answers in our place changes no page: a bid is asked for again with the same request id, a form stays."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, Route, expect

from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.browser.evening import until_connected
from tests.fixtures.browser import PAGE_SECONDS, Phone
from tests.inputs.answers_of_others import ANSWERS, FRAMES, Answer
from tests.staging.installation import shown

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]

expect.set_options(timeout=PAGE_SECONDS * 1000)

TROUBLE = r"status of \d|^5\d\d |Failed to fetch|htmx|ERR_|WebSocket|SSL|JSON"
SEND = "#confirm form[action$='/bids'] button[type=submit]"
# Waits between two questions take no time here; a request keeps its 15 seconds.
HURRY = """
  const plain = window.setTimeout;
  window.setTimeout = (call, ms, ...rest) => plain(call, ms === 15000 ? ms : Math.min(ms ?? 0, 100), ...rest);
"""
# What a stranger's answer must leave alone: beats, times and counts beside it go on.
LOOK = """() => ["standing", "own-part", "header", "confirm", "alerts", "needs-place", "flashes", "bidder"]
  .map((id) => document.getElementById(id)?.outerHTML ?? "")
  .concat(document.title, document.body.children.length).join("\\n")"""
IN_FRAME = """(data) => {
  const { socket } = document.getElementById("auction")._htmx.ws.connection;
  const sent = Array.isArray(data) ? new Blob([new Uint8Array(data)]) : data;
  socket.dispatchEvent(new MessageEvent("message", { data: sent }));
}"""
BY_THE_CODE_OF_AN_ENDED_SESSION = """() => {
  const { socket } = document.getElementById("auction")._htmx.ws.connection;
  socket.dispatchEvent(new CloseEvent("close", { code: 1008 }));
}"""
STANDING = (
    '<section id="standing" class="standing" data-version="999999999" data-position="winning">'
    f"<div>{'<p>1</p>' * 40}</div></section>"
)
MOST_IN_TEN_SECONDS = 25
# The page's own socket instead of the browser's shared one, so that a test can speak in its place.
OWN_SOCKET = """
  delete window.SharedWorker;
  const Plain = window.WebSocket;
  window.WebSocket = class extends Plain {
    constructor(...given) { super(...given); window.line = this; }
  };
"""
ON_LINE = """(data) => window.line.onmessage({ data: Array.isArray(data) ? new Uint8Array(data).buffer : data })"""
ALERT = '<div data-alert="rank-out" data-sequence="7" data-auction="9"><p><strong>x</strong></p></div>'


def answer(route: Route, other: Answer, ours: str) -> None:
    route.fulfill(status=other.status, body=other.text(ours), content_type=other.kind, headers=other.headers)


def review(page: Page, amount: int) -> None:
    page.locator("#amount").press_sequentially(str(amount))
    page.click("form[action$='/confirm'] button")
    expect(page.locator(SEND)).to_be_visible()


def test_a_bid_is_asked_for_again_with_the_same_request_id_until_we_answer(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    alice = phone("alice")
    alice.page.add_init_script(HURRY)
    page = alice.sign_in(f"/auctions/{auction}").page
    sent: list[str | None] = []
    looks: list[bool] = []
    others = list(ANSWERS.values())

    def in_our_place(route: Route) -> None:
        sent.append(route.request.post_data)
        if len(sent) > len(others):
            route.continue_()
            return
        ours = (
            f'<section id="standing" class="standing" data-version="{10**9}" data-position="winning"><p>1</p></section>'
        )
        answer(route, others[len(sent) - 1], ours)

    review(page, 100_000)
    page.route("**/bids?lang=ko", in_our_place)
    page.click(SEND)

    def is_over() -> bool:
        looks.append(page.locator(SEND).count() == 1)
        return len(sent) > len(others)

    wait_until(is_over, "an answer of ours")
    expect(page.locator("#standing[data-position=winning] .chances")).to_contain_text("2")
    assert len(set(sent)) == 1 and len(sent) == len(others) + 1
    assert all(looks[:-2]), "the form stays"
    assert shown(installation, auction)["accepted"] == 1
    alice.expect_trouble(TROUBLE)


@pytest.mark.parametrize("name", ANSWERS)
def test_no_piece_is_taken_from_others(
    installation: Installation, auction: int, phone: Callable[..., Phone], name: str
) -> None:
    alice = phone("alice")
    page = alice.sign_in(f"/auctions/{auction}").page
    until_connected(page)
    expect(page.locator("#header form")).to_be_visible()
    before = page.evaluate(LOOK)
    asked: list[str] = []

    def in_our_place(route: Route) -> None:
        asked.append(route.request.url)
        answer(route, ANSWERS[name], STANDING)

    page.route(lambda url: any(part in url for part in ("/standing", "/board", "/me/", "/confirm")), in_our_place)
    page.evaluate("""async () => {
      document.getElementById("own-part").dispatchEvent(new CustomEvent("again"));
      document.dispatchEvent(new CustomEvent("signed-out"));
      document.getElementById("bell").open = true;
      await window.auctionPieces.fetchPieces();
    }""")

    def all_asked() -> bool:
        # Routes answer only while the page is looked at.
        page.evaluate("0")
        return len({url.split("?")[0] for url in asked}) >= 5

    wait_until(all_asked, "five questions")
    page.evaluate("document.getElementById('bell').open = false")
    expect(page.locator("#header form")).to_be_visible()
    after = page.evaluate(LOOK)
    page.unroute_all()
    assert after.replace(' open=""', "") == before.replace(' open=""', "")
    alice.expect_trouble(TROUBLE)


def test_a_form_that_got_no_answer_stays_and_says_so(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    alice = phone("alice")
    page = alice.sign_in(f"/auctions/{auction}").page
    button = page.locator(f"#reminder-{auction} button")
    before = button.text_content()
    others = iter(ANSWERS.values())
    page.route("**/reminder?lang=ko", lambda route: answer(route, next(others), f'<div id="reminder-{auction}"></div>'))
    for _ in ANSWERS:
        with page.expect_response("**/reminder?lang=ko"):
            button.click()
        expect(page.locator("#alerts [data-no-answer]")).to_have_count(1)
        expect(button).to_have_text(before or "")
    page.unroute_all()
    button.click()
    expect(button).not_to_have_text(before or "")
    expect(page.locator("#alerts [data-no-answer]")).to_have_count(0)
    alice.expect_trouble(TROUBLE)


def test_no_frame_is_taken_from_others(installation: Installation, auction: int, phone: Callable[..., Phone]) -> None:
    page = phone("alice").sign_in(f"/auctions/{auction}").page
    until_connected(page)
    expect(page.locator("#header form")).to_be_visible()
    version = "() => Number(document.getElementById('board').dataset.version)"
    before, seen = page.evaluate(LOOK), page.evaluate(version)
    for name, frame in FRAMES.items():
        page.evaluate(IN_FRAME, list(frame) if isinstance(frame, bytes) else frame)
        page.evaluate("new Promise((done) => setTimeout(done, 50))")
        assert page.evaluate(LOOK) == before, name
        assert page.evaluate(version) == seen, name
    page.evaluate("window.neverReloaded = true")
    with page.expect_response("**/me/header?next=*"):
        page.evaluate(BY_THE_CODE_OF_AN_ENDED_SESSION)
    page.wait_for_timeout(300)
    assert page.evaluate("window.neverReloaded") is True, "the session has not ended"


def test_no_frame_is_taken_from_others_on_pages_without_an_auction(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    alice = phone("alice")
    alice.page.add_init_script(OWN_SOCKET)
    page = alice.sign_in("/me/bids").page
    wait_until(lambda: page.evaluate("window.line?.readyState === WebSocket.OPEN"), "the line of a person")
    before = page.evaluate(LOOK)
    alone = {"an alert alone": ALERT, "an alert in a page": f"<!doctype html><html><body>{ALERT}</body></html>"}
    for name, frame in (FRAMES | alone).items():
        page.evaluate(ON_LINE, list(frame) if isinstance(frame, bytes) else frame)
        assert page.evaluate(LOOK) == before, name
    page.evaluate(ON_LINE, f'<div hx-swap-oob="beforeend:#alerts">{ALERT}</div>')
    expect(page.locator("#alerts [data-alert]")).to_have_count(1)
    # By the code of an ended session, which has not ended.
    with page.expect_response("**/me/header?next=*"):
        page.evaluate("window.line.onclose({ code: 1008 })")
    page.wait_for_timeout(300)
    expect(page.locator("#alerts [data-alert]")).to_have_count(1)


def test_questions_without_an_answer_are_few(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    alice = phone("alice")
    page = alice.sign_in(f"/auctions/{auction}").page
    until_connected(page)
    review(page, 100_000)
    asked: list[str] = []

    def count(request: Request) -> None:
        if "/static/" not in request.url:
            asked.append(request.url)

    page.route(lambda url: "/static/" not in url, lambda route: answer(route, ANSWERS["a full proxy"], ""))
    page.on("request", count)
    page.on("websocket", lambda socket: asked.append(socket.url))
    installation.webs[0].stop()
    try:
        page.click(SEND)
        page.wait_for_timeout(10_000)
        assert 3 <= len(asked) <= MOST_IN_TEN_SECONDS, asked
        assert sum("/bids" in url for url in asked) <= 6
    finally:
        page.unroute_all()
        installation.webs[0].start()
        wait_until(installation.webs[0].is_ready, "the web process that was away")
    expect(page.locator("#standing[data-position=winning]")).to_be_visible()
    alice.expect_trouble(TROUBLE)
