"""Past results of artist and venue on the page of a concert."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from cashticket.models import Person
from cashticket.wiring import page_cache
from tests.fixtures.people import Browser, sign_in
from tests.staging.final_ranks import add_results
from tests.staging.rows import add_concert

# The kind of database changes nothing here: tests/integration/test_past_results.py has both.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ARTIST, VENUE = "Seoul <Quartet>", "올림픽홀"


def add_past(count: int, artist: str = ARTIST, venue: str = VENUE) -> None:
    """Settled auctions of other concerts, won for 1,000,000 and 999,000 won."""
    for _ in range(count):
        add_results(3, seats=2, concert=add_concert(artist=artist, venue=venue))


def page(client: Browser, lang: str = "ko") -> str:
    concert = add_concert(artist=ARTIST, venue=VENUE).id
    page_cache().drop()
    return client.get(f"/concerts/{concert}?lang={lang}").text


def test_two_auctions_say_nothing(app: Flask, client: Browser) -> None:
    add_past(2)
    assert "past-title" not in page(client)


def test_three_auctions_are_told_in_a_sentence_and_a_table_in_both_languages(app: Flask, client: Browser) -> None:
    add_past(3)
    korean, english = page(client), page(client, "en")
    assert "Seoul &lt;Quartet&gt;의 지난 VIP 경매 3건에서는 999,000원부터 1,000,000원까지 낙찰됐어요." in korean
    assert "올림픽홀에서 열린 공연의 지난 VIP 경매 3건에서는" in korean
    for words in ("같은 아티스트", "같은 공연장", "낙찰가 중앙값", "최종 커트라인 중앙값", "999,500원"):
        assert words in korean
    assert "In the last 3 VIP auctions of Seoul &lt;Quartet&gt;, seats were won for ₩999,000 to ₩1,000,000." in english
    assert "Median final cut-off" in english and "₩999,500" in english


def test_the_table_says_of_artist_and_venue_what_it_was_in_which_row(app: Flask, client: Browser) -> None:
    add_past(3)
    for _ in range(3):
        add_results(6, seats=3, concert=add_concert(artist="Somebody Else", venue=VENUE))
    table = page(client, "en").partition('<table class="past">')[2].partition("</table>")[0]
    assert re.findall(r'<th scope="col">(.*?)</th>', table) == ["Same artist", "Same venue"]
    rows = [re.findall(r">([^<]+)</t[hd]>", row) for row in table.partition("<tbody>")[2].split("</tr>")[:-1]]
    assert rows == [
        ["Lowest winning price", "₩999,000", "₩998,000"],
        ["Median winning price", "₩999,500", "₩999,250"],
        ["Highest winning price", "₩1,000,000", "₩1,000,000"],
        ["Median final cut-off", "₩999,000", "₩998,500"],
    ]


def test_only_the_name_with_enough_auctions_has_a_column(app: Flask, client: Browser) -> None:
    add_past(3, artist="Somebody Else")
    shown = page(client)
    assert "같은 공연장" in shown and "같은 아티스트" not in shown and "의 지난 VIP 경매 3건" in shown


def test_everybody_reads_the_same(app: Flask, browser: Callable[[], Browser], people: dict[str, Person]) -> None:
    add_past(3)
    concert = add_concert(artist=ARTIST, venue=VENUE).id
    page_cache().drop()
    shown = [
        each.get(f"/concerts/{concert}").text.partition('aria-labelledby="past-title"')[2].partition("</section>")[0]
        for each in (browser(), sign_in(browser(), "alice"), sign_in(browser(), "bob"))
    ]
    assert shown[0] and shown[0] == shown[1] == shown[2]
