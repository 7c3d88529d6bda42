"""The end of an auction as an open page sees it: counted down by the server's clock, moved by a late bid, and followed
by the result, all without a reload and whatever the reader's own clock says."""

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.browser.evening import (
    COUNT_ALERTS,
    Phones,
    alerts_seen,
    bid,
    own_alerts,
    review_and_bid,
    unread,
    until,
    until_connected,
)
from tests.fixtures.browser import Phone
from tests.staging.installation import acted_before_its_end, is_recorded, open_auction

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

SEOUL = ZoneInfo("Asia/Seoul")
MINUTES_WRONG = (10, -10)
# The reader's clock is off by so many milliseconds; what a page measures without it goes on as always.
WRONG_CLOCK = """
  const Right = Date;
  window.Date = class extends Right {
    constructor(...given) { given.length ? super(...given) : super(Right.now() + (SHIFT)); }
    static now() { return Right.now() + (SHIFT); }
  };
"""
TOLERANCE_SECONDS = 3
SETTLED_MS = 90_000
BEHIND_MS = 900
NOW_MS = re.compile(r'(data-now-ms=)"(\d+)"')
LATE_PAGE = """
  new MutationObserver((_, watcher) => {
    const board = document.getElementById("board");
    if (!board) return;
    watcher.disconnect();
    board.dataset.nowMs -= BEHIND_MS;
  }).observe(document, { childList: true, subtree: true });
"""
# How far the page's clock moves by a moment that comes five seconds late, by one that comes two seconds earlier than
# all before, and by twenty that come as usual.
CLOCK_AFTER_SAMPLES = """() => {
  const { sample, serverNow } = window.auctionClock;
  const ahead = () => serverNow() - performance.now();
  const usual = ahead();
  const moved = (ms, times = 1) => {
    for (let time = 0; time < times; time += 1) sample(usual + performance.now() + ms);
    return Math.round(ahead() - usual);
  };
  return { late: moved(-5000), early: moved(2000), "later on": moved(0, 20) };
}"""
CLOCK = re.compile(r"(?:(\d\d):)?(\d\d):(\d\d)")


def seconds_shown(page: Page) -> int:
    """What the countdown says is left."""
    found = CLOCK.fullmatch(page.locator("[role=timer]").text_content() or "")
    assert found, "no countdown"
    hours, minutes, seconds = (int(each or 0) for each in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def seconds_left(page: Page) -> float:
    """What is left by the clock of this machine, which is the server's, too."""
    return int(page.locator("#board").get_attribute("data-ends-at-ms") or 0) / 1000 - time.time()


def assert_counts_down_right(page: Page) -> None:
    expect(page.locator("[role=timer]")).to_have_text(CLOCK)
    before = seconds_left(page)
    found = seconds_shown(page)
    after = seconds_left(page)
    assert after - TOLERANCE_SECONDS < found < before + TOLERANCE_SECONDS


def written(moment: float) -> str:
    """As every page writes it: 2026년 11월 22일 (일) 19:00:05."""
    at = datetime.fromtimestamp(moment, SEOUL)
    return f"{at.year}년 {at.month}월 {at.day}일 ({'월화수목금토일'[at.weekday()]}) {at:%H:%M:%S}"


def until_five_minutes_are_left(page: Page) -> None:
    wait_until(lambda: seconds_shown(page) > 240, "a countdown of five minutes")


def with_wrong_clock(made: Phone, minutes: int) -> Phone:
    made.page.add_init_script(WRONG_CLOCK.replace("SHIFT", str(minutes * 60_000)))
    made.sign_in()
    off = made.page.evaluate("Date.now()") / 1000 - time.time()
    assert abs(off - minutes * 60) < TOLERANCE_SECONDS, "the clock of this phone is right"
    return made


@pytest.mark.sweep
def test_clocks_ten_minutes_wrong_count_down_and_close_like_everybodys(
    installation: Installation, phone: Phones
) -> None:
    early, late = [
        with_wrong_clock(phone(name), minutes) for name, minutes in zip(("alice", "bob"), MINUTES_WRONG, strict=True)
    ]

    def both_bid(auction: int) -> None:
        for each in (early, late):
            each.open(f"/auctions/{auction}")
            each.page.evaluate(COUNT_ALERTS)
            until_connected(each.page)
            assert_counts_down_right(each.page)
            expect(each.page.locator("#bid form")).to_be_visible()
        bid(installation, "bob", auction, 100_000)
        # By her own clock the auction was over ten minutes ago; her bid is as good as any.
        review_and_bid(early.page, 110_000)
        until(early.page, "winning")
        until(late.page, "out")

    acted_before_its_end(installation, both_bid, seconds=14, again=early.troubles.clear, seats=1)
    before = unread(early.page)
    # By his own clock it goes on for ten minutes yet.
    for each, outcome in ((early, "VIP-1"), (late, "1")):
        until(each.page, "settled", SETTLED_MS)
        expect(each.page.locator("#standing .outcome")).to_contain_text(outcome)
        expect(each.page.locator("#bid form")).to_have_count(0)
        expect(each.page.locator("[role=timer]")).to_have_text("")
        expect(each.page.locator("#ring")).to_have_count(0)
        expect(own_alerts(each.page)).to_have_count(0)
    wait_until(lambda: unread(early.page) == before + 1, "the notice of having won")
    expect(late.page.locator("#standing .outcome-in_line")).to_be_visible()
    assert (alerts_seen(early.page), alerts_seen(late.page)) == ([], ["2"])


def test_a_late_bid_moves_the_end_on_every_open_page(installation: Installation, concert: int, phone: Phones) -> None:
    auction = open_auction(installation, concert, seats=1, closes="+200s", soft_close=300, cap=1800)
    alice, stranger = phone("alice").sign_in(f"/auctions/{auction}"), phone("carol").open(f"/auctions/{auction}")
    announced = {}
    for each in (alice, stranger):
        until_connected(each.page)
        each.page.evaluate(COUNT_ALERTS)
        assert seconds_shown(each.page) <= 200
        announced[each.name] = each.page.locator("[data-clock-at]").get_attribute("datetime")
    bid(installation, "bob", auction, 100_000)
    for each in (alice, stranger):
        until_five_minutes_are_left(each.page)
        assert_counts_down_right(each.page)
        expect(each.page.locator("[data-clock-at]")).not_to_have_attribute("datetime", announced[each.name] or "")
        ends = int(each.page.locator("#board").get_attribute("data-ends-at-ms") or 0) / 1000
        expect(each.page.locator("[data-clock-at]")).to_have_text(written(ends))
        expect(each.page.locator("#clock .clock-moved")).to_contain_text("연장됨")
        expect(each.page.locator("#board .moved-end")).to_contain_text("마감 직전 입찰로 최대")
        # The first bid, at the minimum price, left the cut-off where it was.
        expect(each.page.locator("#history [data-told]")).to_contain_text("그대로예요")
        expect(each.page.locator("#announcements")).to_contain_text("까지 연장됐어요")
        assert alerts_seen(each.page) == []


def keep_the_clock_behind(page: Page) -> None:
    """As on a slow line: the page and its beats come late, and a board comes at once."""

    def late(beat: str) -> str:
        return NOW_MS.sub(lambda found: f'{found[1]}"{int(found[2]) - BEHIND_MS}"', beat)

    def stand_between(line: WebSocketRoute) -> None:
        server = line.connect_to_server()
        server.on_message(lambda text: line.send(late(str(text)) if 'id="beat"' in text else text))

    page.add_init_script(LATE_PAGE.replace("BEHIND_MS", str(BEHIND_MS)))
    page.route_web_socket(re.compile(r"/live\?lang=\w+$"), stand_between)


def test_a_moved_end_is_announced_where_the_clock_was_behind(
    installation: Installation, concert: int, phone: Phones
) -> None:
    auction = open_auction(installation, concert, seats=1, closes="+200s", soft_close=300, cap=1800)
    carol = phone("carol")
    keep_the_clock_behind(carol.page)
    page = carol.open(f"/auctions/{auction}").page
    until_connected(page)
    bid(installation, "bob", auction, 100_000)
    # The five minutes that are left since follow from the new end, and are not announced instead of it.
    until_five_minutes_are_left(page)
    expect(page.locator("#announcements")).to_contain_text("까지 연장됐어요")


def test_a_page_takes_the_time_that_came_with_the_least_delay_of_the_last_twenty(auction: int, phone: Phones) -> None:
    page = phone("carol").open(f"/auctions/{auction}").page
    until_connected(page)
    assert page.evaluate(CLOCK_AFTER_SAMPLES) == {"late": 0, "early": 2_000, "later on": 0}


@contextmanager
def ledger_held(installation: Installation) -> Iterator[None]:
    """Nobody else can write into the database for as long as this lasts."""
    with closing(sqlite3.connect(installation.folder / "installation.db", isolation_level=None, timeout=30)) as ledger:
        ledger.execute("BEGIN IMMEDIATE")
        yield
        ledger.execute("ROLLBACK")


def test_the_mark_of_a_bid_turns_from_accepted_to_recorded_by_itself(
    installation: Installation, auction: int, phone: Phones
) -> None:
    alice = phone("alice").sign_in(f"/auctions/{auction}")
    page = alice.page
    until_connected(page)
    page.evaluate(COUNT_ALERTS)
    with ledger_held(installation):
        review_and_bid(page, 100_000)
        until(page, "winning")
        expect(page.locator("#standing .mark-accepted")).to_be_visible()
        assert not is_recorded(installation, auction)
        expect(page.locator("#standing .mark-recorded")).to_have_count(0)
    expect(page.locator("#standing .mark-recorded")).to_be_visible()
    expect(page.locator("#standing .mark-accepted")).to_have_count(0)
    assert alerts_seen(page) == []


@pytest.mark.sweep
def test_a_result_whose_first_answer_is_lost_comes_all_the_same(installation: Installation, phone: Phones) -> None:
    alice = phone("alice").sign_in()
    lost: list[str] = []

    def lose_the_first(route: Route) -> None:
        if lost or "settled" not in str(alice.page.locator("#standing").get_attribute("data-position")):
            route.continue_()
        else:
            lost.append(route.request.url)
            route.abort()

    def alice_bids(auction: int) -> None:
        alice.page.unroute("**/standing?lang=ko")
        alice.open(f"/auctions/{auction}")
        until_connected(alice.page)
        alice.page.evaluate(COUNT_ALERTS)
        bid(installation, "alice", auction, 100_000)
        alice.page.route("**/standing?lang=ko", lose_the_first)

    acted_before_its_end(installation, alice_bids, seconds=8, again=lost.clear, seats=1)
    expect(alice.page.locator("#standing .outcome")).to_contain_text("VIP-1", timeout=SETTLED_MS)
    assert lost and alerts_seen(alice.page) == []
    alice.expect_trouble("ERR_FAILED|Failed to fetch")
