"""The search of concerts as people use it: on narrow screens, with large text, and without scripts."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.browser.halls import Screens, screens, walk
from tests.browser.test_large_text import check
from tests.fixtures.browser import PAGE_SECONDS
from tests.staging.rows import add_concert

pytestmark = [pytest.mark.sweep, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
expect.set_options(timeout=PAGE_SECONDS * 1000)


@pytest.fixture
def open_page(app: Flask, chromium: Browser) -> Iterator[Screens]:
    add_concert(title="아는 라디오", genre="인디 록과 아주 긴 장르 이름", city="서울")
    add_concert(title="빨간 밤", genre="재즈", city="부산")
    with screens(app, chromium) as opened:
        yield opened


@pytest.mark.parametrize(("width", "text"), [(280, 1.0), (360, 2.0), (1280, 1.0)])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_search_fits_and_can_be_tapped(open_page: Screens, width: int, text: float, language: str) -> None:
    paths = ("/", "/concerts/?city=서울&sort=end", "/concerts/?q=겨울&genre=재즈&page=2")
    for page in walk(open_page, paths, width, text=text, language=language):
        expect(page.get_by_role("searchbox")).to_be_visible()
        check(page)


def test_words_typed_on_the_home_page_find_and_filters_narrow_down(open_page: Screens) -> None:
    page = open_page("/", 360)
    page.get_by_role("searchbox").fill("ㅇㄴㄹ")
    page.get_by_role("search").get_by_role("button").first.click()
    expect(page.get_by_role("status").filter(has_text="공연 1개를 찾았어요")).to_be_visible()
    expect(page).to_have_title("ㅇㄴㄹ · 공연 1개를 찾았어요 · CashTicket")
    expect(page.locator(".listing-title")).to_have_text(["아는 라디오"])
    page.get_by_text("필터와 정렬").click()
    page.get_by_label("지역").select_option("부산")
    page.get_by_role("button", name="공연 보기").click()
    expect(page.get_by_text("필터를 하나 빼거나 기간을 늘려보세요")).to_be_visible()
    expect(page.get_by_label("지역")).to_have_value("부산")
    expect(page.get_by_role("searchbox")).to_have_value("ㅇㄴㄹ")
