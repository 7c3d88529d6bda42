"""Every card and list in which an auction appears, in each state that the auction can be in: the words of the state
that must be there, and those of other states, which must not. What is void names no moment to come."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask

from cashticket.extensions import db
from cashticket.models import Follow, Person
from cashticket.models.columns import utcnow
from tests.fixtures.people import Browser, sign_in
from tests.staging.claims import said
from tests.web.auction_in_states import STATES, Evening

pytestmark = pytest.mark.sweep
# The kind of database changes nothing of what cards say.
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LANGUAGES = ("ko", "en")
# Card → page, and the id that the card has there. A search asks the live store only about ends that have passed, so it
# knows nothing of a pause, or of an end that a test brings about, before.
FOR_ALL = {
    "home": ("/", "card-{auction}"),
    "home alone": ("/on-now", "card-{auction}"),
    "catalogue": ("/concerts/", "concert-card-{concert}"),
    "catalogue alone": ("/concerts/listing", "concert-card-{concert}"),
    "concert": ("/concerts/{concert}", "own-auction-{auction}"),
    "concert alone": ("/concerts/{concert}/auctions", "own-auction-{auction}"),
    "search": ("/concerts/?q={title}", "concert-card-{concert}"),
}
OWN = {
    "my bids": ("/me/bids", "auction-{auction}"),
    "my page": ("/me", "auction-{auction}"),
    "my page alone": ("/me/running", "auction-{auction}"),
}
LISTED = {
    "watch list": ("/me/watchlist", "followed-{auction}"),
    "alone": ("/me/watchlist/watched", "followed-{auction}"),
}

WORDS = {
    "coming": (r"시작", r"Opens|opens"),
    "live": (r"진행 중", r"\bLive\b"),
    "time left": (r"남은 시간 \d|\d\d:\d\d 마감|마감 \d", r"Time left \d|ends \w|Ends \w"),
    "still": (r"시간 멈춤|잠시 멈췄어요", r"Time stopped|is paused"),
    "closing": (r"마감 처리 중", r"\bClosing\b"),
    "over": (r"입찰이 마감됐어요", r"Bidding is over"),
    "ended": (r"종료|마감됨", r"Settled|\bEnded\b"),
    "price": (r"(?<!최종 )커트라인 [\d,]+원", r"(?<!Final )Cut-off ₩"),
    "void": (r"무효", r"\b[Vv]oid(ed)?\b"),
    "to see": (r"경매 보기", r"See the auction"),
    "to act": (r"알림 신청|금액 올리기|최저가", r"Remind me|Raise my bid|\bFrom\b"),
}
# Phase → what one of its cards must say, each one of these, and what it may say besides. All else it must not.
CARDS = {
    "coming": (({"coming"},), {"to see", "to act"}),
    "open": (({"live"}, {"time left"}), {"price", "to see", "to act"}),
    "paused": (({"live"}, {"still"}), {"price", "to see", "to act"}),
    "closing": (({"closing"},), {"ended", "to see"}),
    "settled": (({"ended"},), set()),
    "voided": (({"void"},), set()),
}
# The reader's own cards say where the reader stands instead of `live`, those of the watch list when bidding ends.
OWN_CARDS = CARDS | {
    "open": (({"time left"},), {"to act"}),
    "paused": (({"still"},), {"to act"}),
    "closing": (({"over"},), set()),
    "settled": (({"ended", "over"},), set()),
}
HEADS = re.compile(r'<meta (?:name|property)="(?:description|og:description)" content="([^"]*)"')


def card_of(html: str, card_id: str) -> str:
    """The list item with this id, with what is inside; "" without one."""
    start = html.find(f'id="{card_id}"')
    if start < 0:
        return ""
    depth = 0
    begin = html.rindex("<li", 0, start)
    for tag in re.finditer(r"<(/?)li\b", html[begin:]):
        depth += -1 if tag[1] else 1
        if not depth:
            return html[begin : begin + tag.start()]
    raise AssertionError(f"{card_id} has no end")


def faults(card: str, language: str, phase: str, table: dict[str, tuple[tuple[set[str], ...], set[str]]]) -> list[str]:
    """What the card lacks, and what it says that is not so."""
    wanted, allowed = table[phase]
    text = said(card)
    found = {name for name, words in WORDS.items() if re.search(words[LANGUAGES.index(language)], text)}
    lacking = [f"lacks {sorted(each)}" for each in wanted if not each & found]
    wrong = sorted(found - set().union(*wanted) - allowed)
    return [f"{fault}: {text}" for fault in (*lacking, *(f"says {each}" for each in wrong))]


def moments_ahead(card: str, concert_at: datetime) -> list[str]:
    """Moments to come other than the concert's own, and anything that counts down."""
    at = [datetime.fromisoformat(each).astimezone(UTC) for each in re.findall(r'<time[^>]*datetime="([^"]+)"', card)]
    ahead = [each.isoformat() for each in at if each > utcnow() and each != concert_at]
    return ahead + re.findall(r"data-(?:ends-at-ms|left-ms|turns)", card)


class Lists:
    """All lists in which an auction stands, and what is wrong with it there."""

    def __init__(self, evening: Evening) -> None:
        row = evening.row()
        self._concert_at, self._ends_at = row.concert.starts_at, row.ends_at
        self._names = {"auction": row.id, "concert": row.concert_id, "title": row.concert.title}
        self.wrong: list[str] = []

    def read(self, visitor: Browser, cards: dict[str, tuple[str, str]], phase: str, where_due: bool = True) -> None:
        table = CARDS if cards is FOR_ALL else OWN_CARDS
        for (name, (path, card_id)), language in [(each, language) for each in cards.items() for language in LANGUAGES]:
            answer = visitor.get(self._at(path, language))
            assert answer.status_code == 200, (name, answer.status_code)
            card = card_of(answer.text, card_id.format(**self._names))
            if not card:
                self.wrong += [f"{name} in {language}: no card"] if where_due else []
                continue
            is_unasked = name == "search" and phase in ("paused", "closing") and self._ends_at > utcnow()
            known = "open" if is_unasked else phase
            self.wrong += [f"{name} in {language}: {each}" for each in faults(card, language, known, table)]
            if phase == "voided":
                self.wrong += [f"{name} in {language}: ahead {each}" for each in moments_ahead(card, self._concert_at)]

    def heads(self, visitor: Browser, path: str) -> list[str]:
        return HEADS.findall(visitor.get(path.format(**self._names)).text)

    def calendar(self, visitor: Browser) -> str:
        return str(visitor.get("/auctions/{auction}/calendar.ics?lang=ko".format(**self._names)).text)

    def text(self, visitor: Browser, path: str) -> str:
        return said(visitor.get(path.format(**self._names)).text)

    def _at(self, path: str, language: str) -> str:
        address = path.format(**self._names)
        return address + ("&" if "?" in address else "?") + f"lang={language}"


@on_sqlite
@pytest.mark.parametrize("state", STATES)
def test_every_card_says_the_state_and_no_other(
    app: Flask, browser: Callable[[], Browser], people: dict[str, Person], state: str
) -> None:
    evening, facts = STATES[state](people)
    phase = next(iter(facts.values())).phase
    lists, reader = Lists(evening), sign_in(browser(), "carol")
    lists.read(browser(), FOR_ALL, phase)
    if facts["carol"].place != "none":
        is_running = phase in ("open", "paused", "closing")
        lists.read(reader, OWN if is_running else {"my bids": OWN["my bids"]}, phase)
    assert not lists.wrong, "\n".join(lists.wrong)
    is_void = phase == "voided"
    assert ("STATUS:CANCELLED" in lists.calendar(browser())) is is_void
    assert ("BEGIN:VALARM" in lists.calendar(browser())) is not is_void


@on_sqlite
@pytest.mark.parametrize("state", ["coming", "bid_in", "paused", "paused_past_the_end", "closing", "settled"])
def test_the_watch_list_says_the_state_and_no_other(
    app: Flask, browser: Callable[[], Browser], people: dict[str, Person], state: str
) -> None:
    evening, facts = STATES[state](people)
    phase = facts["mallory"].phase
    watched(evening, people["mallory"].id)
    lists, reader = Lists(evening), sign_in(browser(), "mallory")
    lists.read(reader, LISTED, phase)
    assert not lists.wrong, "\n".join(lists.wrong)


@on_sqlite
def test_the_watch_list_and_the_reminder_of_a_void_auction_offer_nothing_to_come(
    app: Flask, browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    evening, _ = STATES["coming"](people)
    watched(evening, people["mallory"].id)
    evening.void()
    lists = Lists(evening)
    lists.read(sign_in(browser(), "mallory"), LISTED, "voided")
    assert not lists.wrong, "\n".join(lists.wrong)
    reminder = lists.text(sign_in(browser(), "alice"), "/auctions/{auction}/reminder?lang=ko")
    assert "입찰이 끝난 경매예요." in reminder and "알림 신청" not in reminder


@on_sqlite
@pytest.mark.parametrize("state", ["bid_in", "voided_before_the_opening", "voided_while_open", "cancelled_concert"])
def test_what_is_shared_of_a_void_auction_says_that_it_is_void(
    app: Flask, browser: Callable[[], Browser], people: dict[str, Person], state: str
) -> None:
    evening, facts = STATES[state](people)
    lists, is_void = Lists(evening), facts["mallory"].phase == "voided"
    auction = lists.heads(browser(), "/auctions/{auction}?lang=ko")
    assert len(auction) == 2 and all(("무효" in each) is is_void for each in auction)
    concert = lists.heads(browser(), "/concerts/{concert}?lang=en")
    assert len(concert) == 2 and all(("cancelled" in each) is (state == "cancelled_concert") for each in concert)
    page = lists.text(browser(), "/concerts/{concert}?lang=ko")
    assert ("취소 마감" in page) is (state != "cancelled_concert")


@on_sqlite
def test_a_void_auction_with_a_later_end_does_not_hide_one_that_was_settled(
    app: Flask, browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    evening, _ = STATES["settled"](people)
    concert = evening.row().concert_id
    Evening(people, starts_in_ms=3_600_000, ends_in_ms=36_000_000, concert_id=concert).void()
    lists = Lists(evening)
    lists.read(browser(), {"catalogue": FOR_ALL["catalogue"]}, "settled")
    assert not lists.wrong, "\n".join(lists.wrong)


def watched(evening: Evening, person: int) -> None:
    """Somebody follows the auction, whatever has become of it."""
    db.session.add(Follow(person_id=person, auction_id=evening.id, reminded=0, created_at=utcnow()))
    db.session.commit()


@pytest.mark.parametrize(
    ("phase", "words", "is_right"),
    [
        ("voided", "무효 결과 티켓을 판매하지 않아요", True),
        ("voided", "무효 마감됨 12월 3일", False),
        ("voided", "무효 남은 시간 3분", False),
        ("paused", "진행 중 남은 시간 시간 멈춤", True),
        ("paused", "마감 처리 중", False),
        ("open", "진행 중 커트라인 100,000원 남은 시간 3분", True),
        ("open", "진행 중 시간 멈춤", False),
        ("settled", "종료 최종 커트라인 100,000원", True),
        ("coming", "곧 시작 최저가 100,000원", True),
    ],
)
def test_contradicting_words_are_seen(phase: str, words: str, is_right: bool) -> None:
    assert (not faults(f"<li>{words}</li>", "ko", phase, CARDS)) is is_right
