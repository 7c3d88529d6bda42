"""What a card says of an auction in lists of the home page, in the catalogue and on the page of its concert."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from cashticket.engine.interface import Snapshot
from cashticket.extensions import db
from cashticket.models import Auction, Concert
from cashticket.models.columns import utcnow
from cashticket.wiring import current_engine
from tests.fixtures.people import Browser
from tests.staging.auctions import HOUR_MS, Stage, open_auction
from tests.staging.rows import add_concert

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

DAY_MS = 24 * HOUR_MS
LISTS = ("/", "/concerts/")


def text_of(client: Browser, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return " ".join(answer.get_data(as_text=True).split())


@pytest.mark.parametrize("path", LISTS)
def test_only_an_auction_of_the_next_day_opens_soon_and_later_ones_name_their_day(client: Browser, path: str) -> None:
    open_auction(starts_in_ms=DAY_MS - HOUR_MS)
    later = db.session.get_one(Auction, open_auction(starts_in_ms=20 * DAY_MS))
    text = text_of(client, path)
    seoul = later.opens_at + timedelta(hours=9)
    badges = re.findall(r'badge-scheduled">([^<]*)<', text)
    assert sorted(badges) == sorted(["곧 시작", f"{seoul.month}월 {seoul.day}일 시작"])


def test_the_catalogue_says_how_the_auction_of_a_concert_stands(app: Flask, client: Browser) -> None:
    stage = Stage(app, seats=1)
    stage.bid("alice", 150_000)
    add_concert(title="Without an auction")
    text = text_of(client, "/concerts/")
    assert "badge-open" in text and "150,000원" in text and "남은 시간" in text
    assert text.count("badge-state") == 1 and "아직 예정된 경매가 없어요" in text


def test_the_catalogue_shows_what_ends_next_before_what_comes_and_asks_the_live_store_once_a_concert(
    app: Flask, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = open_auction()
    concert_id = db.session.get_one(Auction, running).concert_id
    open_auction(starts_in_ms=-2 * HOUR_MS, ends_in_ms=3 * HOUR_MS, concert_id=concert_id)
    for _ in range(3):
        open_auction(starts_in_ms=HOUR_MS, concert_id=concert_id)
    read, asked = current_engine().read, list[int]()

    def noted(auction_id: int) -> Snapshot:
        asked.append(auction_id)
        return read(auction_id)

    monkeypatch.setattr(current_engine(), "read", noted)
    assert "badge-open" in text_of(client, "/concerts/")
    assert asked == [running]


def test_a_search_tells_states_and_ends_from_the_tables_and_asks_the_live_store_nothing(
    client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    running, coming = open_auction(), open_auction(starts_in_ms=HOUR_MS)
    titles = [db.session.get_one(Auction, auction).concert.title for auction in (running, coming)]

    def asked(auction_id: int) -> Snapshot:
        raise AssertionError(f"the live store was asked about auction {auction_id}")

    monkeypatch.setattr(current_engine(), "read", asked)
    text = "".join(text_of(client, f"/concerts/?q={title}") for title in titles)
    assert "badge-open" in text and "badge-scheduled" in text and "<dt>마감</dt>" in text
    assert "커트라인" not in text and "가격을 불러올 수 없어요" not in text


def test_the_card_on_a_concerts_own_page_repeats_nothing_of_the_page(client: Browser) -> None:
    auction = db.session.get_one(Auction, open_auction(seats=20))
    concert = db.session.get_one(Concert, auction.concert_id)
    text = text_of(client, f"/concerts/{concert.id}")
    card = text.partition('<li class="listing')[2].partition("</li>")[0]
    assert "VIP 20석" in card and f'href="/auctions/{auction.id}"' in card
    assert concert.title not in card and concert.artist not in card and "poster" not in card


def test_a_near_date_is_one_word_without_a_year_and_a_far_one_keeps_its_year(client: Browser) -> None:
    near, far = (add_concert(starts_at=utcnow() + timedelta(days=days)) for days in (9, 700))
    text = client.get("/concerts/").get_data(as_text=True)
    shown = re.findall(r'<time class="listing-facts"[^>]*>([^<]*)</time>', text)
    assert " " not in shown[0] and "년" not in shown[0] and shown[0].endswith(":" + f"{near.starts_at:%M}")
    assert f"{(far.starts_at + timedelta(hours=9)).year}년" in shown[1] and shown[1].count(" ") == 1


def test_time_stands_still_on_the_card_of_a_paused_auction(client: Browser) -> None:
    auction = open_auction()
    current_engine().pause(auction, "operator")
    text = text_of(client, "/")
    assert "data-ends-at-ms" not in text and "badge-open" in text
