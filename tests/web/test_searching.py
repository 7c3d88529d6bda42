"""Looking for concerts: by words and initials, by genre, city and days, in three orders, page by page."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import text

from cashticket.auction.values import State
from cashticket.catalogue.browsing import PAGE
from cashticket.extensions import db
from cashticket.models import Concert
from cashticket.models.columns import utcnow
from cashticket.wiring import page_cache
from tests.fixtures.people import Browser
from tests.staging.rows import add_auction, add_concert
from tests.web.test_concert_pages import counted_statements

SPRING = datetime(2041, 4, 10, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def search(browser: Browser, **fields: str) -> str:
    answer = browser.get("/concerts/", query_string={key.rstrip("_"): value for key, value in fields.items()})
    assert answer.status_code == 200
    return unescape(answer.get_data(as_text=True))


def titles(page: str) -> list[str]:
    return re.findall(r'<strong class="listing-title">(.*?)</strong>', page)


@pytest.fixture
def season(app: Flask) -> None:
    """Three concerts, of which the last one was added first and none has an auction."""
    add_concert(title="빨간 밤", artist="등불", venue="한강홀", genre="재즈", city="서울", starts_at=SPRING + 2 * DAY)
    add_concert(
        title="아는 라디오", artist="The Lanterns", venue="영도 무대", genre="록", city="부산", starts_at=SPRING
    )
    add_concert(title="Piano", artist="윤서하", venue="한내홀", genre="클래식", city="서울", starts_at=SPRING + DAY)


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("ㅇㄴㄹ", ["아는 라디오"]),
        ("ㅇ는 ㄹㄷㅇ", ["아는 라디오"]),
        ("ㅃㄱ", ["빨간 밤"]),
        ("lanterns 라디오", ["아는 라디오"]),
        ("ㅎㄴㅎ", ["Piano"]),
        ("부산", ["아는 라디오"]),
        ("홀", ["Piano", "빨간 밤"]),
        ("%", []),
        ("_", []),
        ("' OR 1=1 --", []),
        ("\u202e\u200b", ["아는 라디오", "Piano", "빨간 밤"]),
        ("x" * 5_000, []),
    ],
)
def test_words_and_initials_find(season: None, client: Browser, words: str, shown: list[str]) -> None:
    assert titles(search(client, q=words)) == shown


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({"genre": "록"}, ["아는 라디오"]),
        ({"city": "서울"}, ["Piano", "빨간 밤"]),
        ({"city": "서울", "genre": "록"}, []),
        ({"from_": "2041-04-11"}, ["Piano", "빨간 밤"]),
        ({"to": "2041-04-11"}, ["아는 라디오", "Piano"]),
        ({"from_": "2041-04-11", "to": "2041-04-11"}, ["Piano"]),
        ({"from_": "2041-04-12", "to": "2041-04-11"}, []),
        ({"q": "홀", "city": "서울", "from_": "2041-04-12"}, ["빨간 밤"]),
        ({"sort": "new"}, ["Piano", "아는 라디오", "빨간 밤"]),
    ],
)
def test_filters_leave_out_and_orders_order(
    season: None, client: Browser, fields: dict[str, str], shown: list[str]
) -> None:
    assert titles(search(client, **fields)) == shown


@pytest.mark.parametrize(
    "fields",
    [
        {"from_": "2041-02-31", "to": "9999-12-31"},
        {"from_": "20410411", "sort": "'; DROP"},
        {"page": "0", "sort": ""},
        {"page": "١"},
        {"page": "99999999999999999999"},
        {"page": "-1", "genre": "\u200b\u202e"},
    ],
)
def test_what_is_no_such_thing_is_as_if_it_were_empty(season: None, client: Browser, fields: dict[str, str]) -> None:
    assert len(titles(search(client, **fields))) == 3


def test_control_characters_are_refused_or_stand_for_spaces(season: None, client: Browser) -> None:
    assert client.get("/concerts/", query_string={"q": "\x00"}).status_code == 400
    assert titles(search(client, q="Pia\x1fno\x7f\n")) == ["Piano"]


def test_a_day_is_one_of_seoul(app: Flask, client: Browser) -> None:
    add_concert(title="midnight", starts_at=datetime(2041, 4, 9, 15, 0, tzinfo=UTC))
    add_concert(title="before", starts_at=datetime(2041, 4, 9, 14, 59, tzinfo=UTC))
    assert titles(search(client, from_="2041-04-10")) == ["midnight"]
    assert titles(search(client, to="2041-04-09")) == ["before"]


def test_auctions_that_end_next_come_first_and_ended_ones_do_not_count(app: Flask, client: Browser) -> None:
    now = utcnow()
    for title, ends in (("late", [5]), ("soon", [2, 9]), ("over", [-1]), ("none", [])):
        concert = add_concert(title=title)
        for hours in ends:
            state = State.OPEN if hours > 0 else State.SETTLED
            closes = now + timedelta(hours=hours)
            add_auction(concert, opens_at=now - 2 * DAY, closes_at=closes, ends_at=closes, state=state)
    assert titles(search(client, sort="end")) == ["soon", "late", "over", "none"]


def test_the_form_keeps_what_was_asked_for_and_escapes_it(season: None, client: Browser) -> None:
    raw = client.get("/concerts/?q=%3Cb%3E&genre=%3Ci%3E&city=서울&from=2041-04-11&sort=end").get_data(as_text=True)
    assert "<b>" not in raw and "<i>" not in raw
    page = unescape(raw)
    assert 'name="q" type="search" maxlength="80" value="<b>"' in page and "<option selected><i></option>" in page
    assert "<option selected>서울</option>" in page and 'value="2041-04-11"' in page and '"end" selected' in page
    assert '<details class="filters" open>' in page


def test_what_was_found_is_announced_and_nothing_says_what_to_do(season: None, client: Browser) -> None:
    page = search(client, q="홀")
    assert "<title>홀 · 공연 2개를 찾았어요 · CashTicket</title>" in page and 'role="status">공연 2개를' in page
    nothing = search(client, q="겨울", city="서울")
    assert (
        "초성(ㅇㄴㄹ)으로 찾아보세요" in nothing and "필터를 하나 빼거나" in nothing and 'href="/concerts/"' in nothing
    )


def test_further_pages_keep_the_search_and_show_every_concert_once(app: Flask, client: Browser) -> None:
    for number in range(2 * PAGE + 3):
        add_concert(title=f"밤 {number}", genre="R&B", city="서울")
    first = search(client, q="밤", genre="R&B", sort="new")
    assert "공연 51개를 찾았어요" in first
    shown = []
    address = "/concerts/?q=밤&genre=R%26B&sort=new"
    while address:
        page = client.get(address).get_data(as_text=True)
        shown += titles(page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        address = unescape(following[1]) if following else ""
    assert shown == [f"밤 {number}" for number in reversed(range(2 * PAGE + 3))]
    assert '<a href="/concerts/?q=%EB%B0%A4">첫 쪽으로</a>' in search(client, q="밤", page="9")


@pytest.mark.parametrize("query", [{}, {"q": "홀"}, {"q": "홀", "city": "서울"}])
def test_behind_the_last_page_nobody_reads_that_there_is_no_such_concert(
    season: None, client: Browser, query: dict[str, str]
) -> None:
    page = search(client, **query, page="9")
    assert "이 쪽까지 이어지지 않아요" in page and "첫 쪽으로" in page
    assert "0개" not in page and "맞는 공연이 없어요" not in page


def test_the_catalogue_itself_goes_on_on_a_second_page(app: Flask, client: Browser) -> None:
    for number in range(PAGE + 1):
        add_concert(title=f"{number}")
    page_cache().drop()
    assert 'href="/concerts/?page=2"' in search(client) and len(titles(search(client))) == PAGE
    assert titles(search(client, page="2")) == [str(PAGE)]


@pytest.mark.parametrize("count", [1, 300])
def test_a_search_costs_two_statements_and_a_page_of_rows_however_many_concerts_there_are(
    app: Flask, browser: Callable[[], Browser], count: int
) -> None:
    db.session.add_all(
        Concert(title=f"아는 밤 {number}", artist="A", venue="B", starts_at=SPRING, cancel_until=SPRING)
        for number in range(count)
    )
    db.session.commit()
    client = browser()
    search(client, q="warm")
    for fields in ({"q": "ㅇㄴ"}, {"q": "ㅇㄴ", "sort": "end"}, {"genre": "x"}, {"q": "ㅇ " * 40}):
        with counted_statements() as statements:
            page = search(client, **fields)
        assert len(statements) <= 3 and len(titles(page)) <= PAGE and len(page) < 60_000


def test_a_concert_of_the_release_before_is_found_by_words(season: None, client: Browser) -> None:
    db.session.execute(text("UPDATE concerts SET search_text = NULL"))
    db.session.commit()
    assert titles(search(client, q="lanterns 라디오")) == ["아는 라디오"] and titles(search(client, q="ㅇㄴㄹ")) == []


def test_the_home_page_searches_too(app: Flask, client: Browser) -> None:
    page = client.get("/").get_data(as_text=True)
    assert '<form method="get" action="/concerts/" role="search"' in page and 'name="q"' in page
