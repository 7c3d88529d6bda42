"""While bidding is paused the time stands still: no page calls an auction over whose end passed meanwhile."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from cashticket.accounts import watch_lists
from cashticket.auction.reminder_rules import AuctionReminder
from cashticket.engine.interface import StoreUnavailable
from cashticket.engine.pauses import OPERATOR
from cashticket.extensions import db
from cashticket.models import Auction, Follow, Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.wiring import current_engine, page_cache
from tests.fixtures.people import Browser
from tests.staging.auctions import HOUR_MS, open_auction
from tests.web.auction_in_states import Evening
from tests.web.my_page import add_notice, words_of

# The rows are tested on both databases elsewhere.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LIST, NOTICES, PROFILE = "/me/watchlist", "/me/notifications", "/me/profile"
JSON, HTMX = {"Accept": "application/json"}, {"HX-Request": "true"}
PAUSED, OVER = "Bidding is paused for a moment", "Bidding is over"


@pytest.fixture
def passed(app: Flask, people: dict[str, Person]) -> Evening:
    """An auction in which alice leads. Its end has passed a second ago; the clock of the live store stood still."""
    evening = Evening(people)
    evening.bid_around()
    current_engine().pause(evening.id, OPERATOR)
    end_in_tables(evening.id, timedelta(seconds=-1))
    return evening


def end_in_tables(auction_id: int, from_now: timedelta) -> None:
    row = update(Auction).where(Auction.id == auction_id).values(ends_at=utcnow() + from_now)
    in_one_unit(lambda session: session.execute(row))
    page_cache().drop()


def really_over(evening: Evening) -> None:
    current_engine().resume(evening.id, OPERATOR)
    current_engine().close(evening.id, current_engine().read(evening.id).ends_at_ms)
    page_cache().drop()


def follow(browser: Browser, auction_id: int, headers: dict[str, str]) -> tuple[int, str]:
    form = {"watch": "yes", "csrf_token": browser.token(LIST)}
    answer = browser.post(f"/auctions/{auction_id}/reminder?lang=en", data=form, headers=headers)
    return answer.status_code, answer.get_data(as_text=True)


def test_the_watch_list_says_paused_until_the_auction_is_closed(
    alice: Browser, people: dict[str, Person], passed: Evening
) -> None:
    watch_lists.follow(people["alice"].id, passed.id, utcnow(), goes_on=True)
    words = words_of(alice, LIST)
    assert PAUSED in words and OVER not in words and "Bidding ends" not in words
    current_engine().resume(passed.id, OPERATOR)
    words = words_of(alice, LIST)
    assert "Bidding ends" in words and OVER not in words, (
        "the live store moved the end, the tables have not heard of it"
    )
    really_over(passed)
    assert OVER in words_of(alice, LIST)


@pytest.mark.parametrize("headers", [JSON, HTMX])
def test_what_is_paused_can_be_followed_and_what_is_closed_cannot(
    alice: Browser, bob: Browser, people: dict[str, Person], passed: Evening, headers: dict[str, str]
) -> None:
    status, text = follow(alice, passed.id, headers)
    assert status in (200, 303) and "Bidding is over" not in text
    db.session.rollback()
    (reminded,) = db.session.scalars(select(Follow.reminded)).all()
    assert reminded == AuctionReminder.OPENING, "when the end has moved, alice is reminded of it"
    really_over(passed)
    status, text = follow(bob, passed.id, headers)
    assert "Bidding is over in this auction." in text and status == (409 if headers is JSON else 200)


def test_a_reminder_speaks_of_the_pause_and_then_of_the_past(
    alice: Browser, people: dict[str, Person], passed: Evening
) -> None:
    add_notice(people["alice"].id, passed.id, "auction_reminder", 3, why="minutes", ends_at=utcnow().isoformat())
    words = words_of(alice, NOTICES)
    assert PAUSED in words and OVER not in words and "This was a reminder" not in words
    assert PAUSED in words_of(alice, f"{NOTICES}/latest")
    really_over(passed)
    assert OVER in words_of(alice, NOTICES)


def test_the_profile_says_that_bidding_is_paused_and_not_that_it_is_being_settled(
    alice: Browser, passed: Evening
) -> None:
    words = words_of(alice, PROFILE)
    assert PAUSED in words and "being settled" not in words
    really_over(passed)
    words = words_of(alice, PROFILE)
    assert "being settled" in words and PAUSED not in words


@pytest.mark.parametrize("path", ["/", "/concerts/", "/concerts/?q=공연"])
def test_lists_of_concerts_call_it_live_also_where_a_search_shows_no_figures(
    alice: Browser, passed: Evening, path: str
) -> None:
    text = alice.get(path).get_data(as_text=True)
    assert "badge-open" in text and "badge-closing" not in text and "시간 멈춤" in text
    really_over(passed)
    assert "badge-closing" in alice.get(path).get_data(as_text=True)


def test_nothing_is_over_while_the_live_store_is_silent_or_has_lost_the_auction(
    app: Flask, alice: Browser, people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = open_auction(starts_in_ms=-2 * HOUR_MS, ends_in_ms=-1_000, in_engine=False)
    watch_lists.follow(people["alice"].id, lost, utcnow(), goes_on=True)
    for is_silent in (False, True):
        if is_silent:
            monkeypatch.setattr(type(app.extensions["engine"]), "statuses", silent)
            monkeypatch.setattr(type(app.extensions["engine"]), "read", silent)
        page_cache().drop()
        assert PAUSED in words_of(alice, LIST) and OVER not in words_of(alice, LIST)
        text = alice.get("/").get_data(as_text=True)
        assert "badge-open" in text and "badge-closing" not in text


def silent(*_args: object) -> None:
    raise StoreUnavailable("no answer")
