"""The auction page of an auction in which nothing moves is rendered once for everybody, and is never behind."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import redis
from flask import Flask, template_rendered

from cashticket.blueprints.auction import kept_pages
from cashticket.extensions import db
from cashticket.models import Auction
from cashticket.work.cached_pages import renewing_pages
from tests.fixtures.people import Browser
from tests.web.bidding import send

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NOW_MS = re.compile(r'data-now-ms="(\d+)"')


@pytest.fixture(autouse=True)
def long_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page stays fresh for as long as a test takes, however slow the machine is."""
    monkeypatch.setattr(kept_pages, "FRESH_MS", 600_000)


@pytest.fixture
def nothing_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last bid counts as long ago at once."""
    monkeypatch.setattr(kept_pages, "QUIET_MS", 0)


@contextmanager
def renderings(app: Flask) -> Iterator[list[str]]:
    """The names of the auction pages that were rendered."""
    seen: list[str] = []

    def note(sender: Flask, template: object, **_: object) -> None:
        if (name := getattr(template, "name", "")) == "auctions/show.html":
            seen.append(name)

    with template_rendered.connected_to(note, app):
        yield seen


def text(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def moments(page: str) -> set[int]:
    return {int(moment) for moment in NOW_MS.findall(page)}


def test_it_is_rendered_once_for_everybody_and_its_clock_goes_on(
    app: Flask, auction: int, alice: Browser, client: Browser, redis_client: redis.Redis, nothing_moves: None
) -> None:
    with renderings(app) as rendered:
        first = text(client, f"/auctions/{auction}")
        seconds, micros = redis_client.time()
        second = text(alice, f"/auctions/{auction}")
    assert len(rendered) == 1
    assert moments(first) and max(moments(first)) <= seconds * 1_000 + micros // 1_000 <= min(moments(second))
    assert NOW_MS.sub("", first) == NOW_MS.sub("", second)


def test_a_bid_is_on_the_page_at_once(auction: int, alice: Browser, client: Browser, nothing_moves: None) -> None:
    assert "150,000원" not in text(client, f"/auctions/{auction}")
    assert send(alice, auction, 150_000).status_code == 201
    assert "150,000원" in text(client, f"/auctions/{auction}")


def test_while_bids_come_each_page_is_rendered(app: Flask, auction: int, alice: Browser, client: Browser) -> None:
    assert send(alice, auction, 150_000).status_code == 201
    with renderings(app) as rendered:
        pages = [text(client, f"/auctions/{auction}") for _ in range(3)]
    assert len(rendered) == len(pages)


def test_a_change_of_the_concert_is_on_the_page_at_once(auction: int, client: Browser, nothing_moves: None) -> None:
    before = text(client, f"/auctions/{auction}")
    with renewing_pages():
        concert = db.session.get_one(Auction, auction).concert
        old, concert.title = concert.title, "Another evening"
        db.session.commit()
    assert old in before
    after = text(client, f"/auctions/{auction}")
    assert "Another evening" in after and old not in after


@pytest.mark.parametrize("query", ["?amount=987000", "?lang=en", "?x=<script>"])
def test_what_one_reader_asks_for_is_kept_for_nobody(
    auction: int, client: Browser, browser: Callable[[], Browser], nothing_moves: None, query: str
) -> None:
    plain = text(client, f"/auctions/{auction}")
    asked = text(browser(), f"/auctions/{auction}{query}")
    assert NOW_MS.sub("", text(browser(), f"/auctions/{auction}")) == NOW_MS.sub("", plain)
    if query != "?x=<script>":
        assert NOW_MS.sub("", asked) != NOW_MS.sub("", plain)


def test_readers_who_chose_another_language_get_theirs(
    auction: int, browser: Callable[[], Browser], nothing_moves: None
) -> None:
    korean, english = browser(), browser()
    english.get("/?lang=en")
    for _ in range(2):
        assert '<html lang="ko">' in text(korean, f"/auctions/{auction}")
        assert '<html lang="en">' in text(english, f"/auctions/{auction}")
