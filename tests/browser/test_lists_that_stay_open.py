"""Lists of auctions that stay open in a browser: a pause, a new end, the end and the result come to their cards by
themselves, and no card calls an auction over that goes on."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, expect

from cashticket.accounts import watch_lists
from cashticket.engine.pauses import OPERATOR
from cashticket.models import Person
from cashticket.wiring import current_engine
from cashticket.work.giving_back import resume
from lab.waiting import wait_until
from tests.browser.halls import Screens, screens
from tests.fixtures.browser import PAGE_SECONDS
from tests.staging.auctions import HOUR_MS
from tests.web.auction_in_states import Evening

pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True), pytest.mark.sweep]

expect.set_options(timeout=PAGE_SECONDS * 1000)

# Every text that the card ever shows, from now on.
NOTE_EVERY_TEXT = """card => {
  window.said = [card.textContent];
  new MutationObserver(() => window.said.push(document.getElementById(card.id)?.textContent ?? ""))
    .observe(document.body, { subtree: true, childList: true, characterData: true });
}"""
LOOK_AGAIN = "document.dispatchEvent(new Event('visibilitychange'))"
LISTS = {
    "home": ("/", "card-{auction}", "시간 멈춤"),
    "catalogue": ("/concerts/", "concert-card-{concert}", "시간 멈춤"),
    "concert": ("/concerts/{concert}", "own-auction-{auction}", "시간 멈춤"),
    "my-bids": ("/me/bids", "auction-{auction}", "시간 멈춤"),
    "my-page": ("/me", "auction-{auction}", "시간 멈춤"),
    "watch-list": ("/me/watchlist", "followed-{auction}", "입찰이 잠시 멈췄어요"),
}
OVER = "마감 처리 중", "마감됨", "입찰이 마감됐어요", "종료"


@pytest.fixture
def open_page(app: Flask, chromium: Browser) -> Iterator[Screens]:
    with screens(app, chromium) as opening:
        yield opening


class Shown:
    """The card of one auction in one of the lists, which alice has open."""

    def __init__(self, open_page: Screens, evening: Evening, path: str, card: str) -> None:
        names = {"auction": evening.id, "concert": evening.row().concert_id}
        self.page: Page = open_page(path.format(**names), 360, name="alice")
        self.card: Locator = self.page.locator(f"#{card.format(**names)}")
        expect(self.card).to_be_visible()

    def note_every_text(self) -> None:
        self.card.evaluate(NOTE_EVERY_TEXT)

    def ever_said(self) -> list[str]:
        said: list[str] = self.page.evaluate("window.said")
        return said


def ends_in(seconds: int, people: dict[str, Person]) -> Evening:
    """An auction that alice bid in and follows."""
    evening = Evening(people, ends_in_ms=seconds * 1_000)
    evening.bid("alice", 100_000)
    watch_lists.follow(people["alice"].id, evening.id, datetime.now(UTC))
    return evening


def before_its_end(people: dict[str, Person], act: Callable[[Evening], Shown]) -> tuple[Evening, Shown]:
    """What `act` does with an auction that ends soon. A machine that is too slow for it gets more time."""
    for seconds in (20, 80, 320):
        evening = ends_in(seconds, people)
        shown = act(evening)
        if current_engine().clock() < current_engine().read(evening.id).ends_at_ms - 2_000:
            break
    return evening, shown


def shared(name: str) -> Any:
    """One list of everybody and one of a person are CI's share: each takes half a minute of waiting."""
    return pytest.param(name, marks=[] if name in ("home", "my-bids") else [pytest.mark.trial])


@pytest.mark.parametrize("name", [shared(name) for name in LISTS])
def test_a_card_never_calls_over_what_is_paused_at_its_old_end(
    open_page: Screens, people: dict[str, Person], name: str
) -> None:
    path, card, still = LISTS[name]
    engine = current_engine()

    def act(evening: Evening) -> Shown:
        shown = Shown(open_page, evening, path, card)
        shown.note_every_text()
        engine.pause(evening.id, OPERATOR)
        return shown

    evening, shown = before_its_end(people, act)
    old_end = engine.read(evening.id).ends_at_ms
    expect(shown.card).to_contain_text(still)
    wait_until(lambda: engine.clock() > old_end + 4_000, "the old end", 400)
    expect(shown.card).to_contain_text(still)
    assert resume(engine, evening.id, OPERATOR, "", engine.clock())
    shown.page.evaluate(LOOK_AGAIN)
    expect(shown.card).not_to_contain_text(still)
    assert not [text for text in shown.ever_said() if any(word in text for word in OVER)]


@pytest.mark.parametrize("name", [shared(name) for name in ("home", "catalogue", "concert")])
def test_a_card_says_that_bidding_opens_and_that_it_is_over(
    open_page: Screens, people: dict[str, Person], name: str
) -> None:
    path, card, _ = LISTS[name]
    evening = Evening(people, starts_in_ms=15_000, ends_in_ms=35_000)
    shown = Shown(open_page, evening, path, card)
    expect(shown.card.locator(".badge-open")).to_have_text("진행 중")
    expect(shown.card).to_contain_text("남은 시간")
    expect(shown.card.locator(".badge-closing")).to_have_text("마감 처리 중")
    evening.void()
    shown.page.evaluate(LOOK_AGAIN)
    expect(shown.card.locator(".badge-voided")).to_have_text("무효")


@pytest.mark.parametrize("name", ["home", "my-bids"])
def test_an_end_that_moved_is_counted_down_to(open_page: Screens, people: dict[str, Person], name: str) -> None:
    path, card, _ = LISTS[name]
    evening = Evening(people, ends_in_ms=600_000, soft_close_seconds=1_200, soft_close_cap_seconds=3_600)
    evening.bid("bob", 110_000)
    engine = current_engine()
    evening.bid("alice", 100_000)
    shown = Shown(open_page, evening, path, card)
    end = shown.card.locator("[data-ends-at-ms]")
    before = int(end.get_attribute("data-ends-at-ms") or 0)
    engine.pause(evening.id, OPERATOR)
    resumes_at = engine.clock() + 2_000
    wait_until(lambda: engine.clock() > resumes_at, "two seconds of pause", 60)
    assert resume(engine, evening.id, OPERATOR, "", engine.clock())
    shown.page.evaluate(LOOK_AGAIN)
    expect(end).not_to_have_attribute("data-ends-at-ms", str(before))
    assert int(end.get_attribute("data-ends-at-ms") or 0) > before


def test_a_list_that_hears_nothing_counts_nothing_down(open_page: Screens, people: dict[str, Person]) -> None:
    evening = Evening(people, ends_in_ms=HOUR_MS)
    page = open_page("/login", 360)
    page.clock.install(time=datetime.now(UTC))
    page.goto(page.url.partition("/login")[0] + "/?lang=ko")
    left = page.locator(f"#card-{evening.id} [data-ends-at-ms]")
    expect(left).to_contain_text("분")
    page.context.set_offline(True)
    page.clock.run_for(timedelta(seconds=70).seconds * 1_000)
    expect(left).to_have_text("확인 중")
    page.context.set_offline(False)
    page.evaluate(LOOK_AGAIN)
    expect(left).to_contain_text("분")


def test_what_others_put_into_a_card_stays(open_page: Screens, people: dict[str, Person]) -> None:
    evening = Evening(people, ends_in_ms=HOUR_MS)
    shown = Shown(open_page, evening, *LISTS["concert"][:2])
    expect(shown.card.locator("form button")).to_have_text("알림 신청")
    time = shown.card.locator("time").first
    time.evaluate("each => { each.dataset.local = '(현지 03:00)'; }")
    evening.bid("bob", 130_000)
    evening.bid("carol", 140_000)
    shown.page.evaluate(LOOK_AGAIN)
    expect(shown.card).to_contain_text("130,000원")
    expect(shown.card.locator("form button")).to_have_text("알림 신청")
    expect(time).to_have_attribute("data-local", "(현지 03:00)")


def test_a_finished_auction_moves_to_its_result_on_my_page(open_page: Screens, people: dict[str, Person]) -> None:
    evening = ends_in(3_600, people)
    shown = Shown(open_page, evening, *LISTS["my-bids"][:2])
    evening.settle()
    shown.page.evaluate(LOOK_AGAIN)
    expect(shown.page.locator("[aria-labelledby=finished-title]")).to_contain_text("구매 전")
    expect(shown.page.locator("#running")).to_have_count(0)
