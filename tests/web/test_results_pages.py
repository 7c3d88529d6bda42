"""Pages of final ranks: the same for everybody, in order, found by alias, and a 304 until something changes."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import object_session

from cashticket.auction.values import State
from cashticket.models import Auction, FinalRank, Person, RecordedBid
from cashticket.models.units import in_one_unit
from tests.fixtures.people import Browser, sign_in
from tests.staging.final_ranks import add_results, alias_of, move_seat, same_alias, void_auction
from tests.staging.rows import HOUR, bid_row
from tests.web.bidding import counting

ROW = re.compile(r'<tr id="rank-(\d+)"')


@pytest.fixture
def ended(people: dict[str, Person]) -> int:
    """An auction of 2 seats with 120 final ranks: three pages."""
    return add_results(120)


def page(browser: Browser, auction: int, query: str = "", status: int = 200) -> str:
    answer = browser.get(f"/auctions/{auction}/results{query}")
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def ranks(text: str) -> list[int]:
    return [int(rank) for rank in ROW.findall(text)]


def test_every_rank_is_on_exactly_one_page(ended: int, client: Browser) -> None:
    pages = [ranks(page(client, ended, f"?page={number}")) for number in (1, 2, 3)]
    assert [rank for each in pages for rank in each] == list(range(1, 121))
    assert [len(each) for each in pages] == [50, 50, 20]
    assert ranks(page(client, ended)) == pages[0]


def test_pages_lead_to_their_neighbours_and_ends_without_a_script(ended: int, client: Browser) -> None:
    def links(number: int) -> dict[str, str]:
        text = page(client, ended, f"?page={number}&lang=en")
        assert f"Page {number} of 3" in text
        return {rel: address for address, rel in re.findall(r'href="([^"]+)" rel="(first|prev|next|last)"', text)}

    path = f"/auctions/{ended}/results"
    second = {"first": f"{path}?lang=en", "prev": f"{path}?lang=en", "next": f"{path}?page=3&amp;lang=en"}
    assert links(2) == {**second, "last": f"{path}?page=3&amp;lang=en"}
    assert set(links(1)) == {"next", "last"} and set(links(3)) == {"first", "prev"}


@pytest.mark.parametrize("number", ["0", "4", "-1", "1e3", "١", "x", "", "01", "9" * 30])
def test_a_page_that_there_is_not_leads_to_those_that_there_are(ended: int, client: Browser, number: str) -> None:
    text = page(client, ended, f"?page={number}&lang=en", status=404)
    assert "The final ranks have 3 pages." in text and f'href="/auctions/{ended}/results?lang=en"' in text


@pytest.mark.parametrize("language", ["", "?lang=en", "?lang=ko"])
def test_everybody_gets_the_same_bytes_and_no_cookie(ended: int, browser: Callable[[], Browser], language: str) -> None:
    answers = [each.get(f"/auctions/{ended}/results{language}") for each in (browser(), sign_in(browser(), "alice"))]
    assert answers[0].data == answers[1].data
    for answer in answers:
        assert answer.headers["Cache-Control"] == "public, max-age=1"
        assert "Set-Cookie" not in answer.headers and "Cookie" not in answer.headers.get("Vary", "")
        assert not answer.headers["ETag"].startswith("W/") and b"csrf" not in answer.data


def test_the_language_is_that_of_the_address_then_of_the_cookie(ended: int, browser: Callable[[], Browser]) -> None:
    reader = browser()
    assert '<html lang="ko">' in page(reader, ended)
    reader.set_cookie("lang", "en")
    assert '<html lang="en">' in page(reader, ended)
    assert '<html lang="ko">' in page(reader, ended, "?lang=ko")


def test_an_unchanged_page_is_answered_by_304_from_one_statement(ended: int, client: Browser) -> None:
    path = f"/auctions/{ended}/results?page=2"
    first = client.get(path)
    with counting() as counted:
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    # SQLite counts the beginning of the transaction as well.
    assert again.status_code == 304 and again.data == b"" and counted["sql"] <= 2
    assert again.headers["ETag"] == first.headers["ETag"] and again.headers["Cache-Control"] == "public, max-age=1"


def test_a_hand_over_and_a_voiding_make_another_page(ended: int, client: Browser) -> None:
    seen = [client.get(f"/auctions/{ended}/results")]
    move_seat(ended, 1, 3)
    seen.append(client.get(f"/auctions/{ended}/results", headers={"If-None-Match": seen[0].headers["ETag"]}))
    void_auction(ended)
    seen.append(client.get(f"/auctions/{ended}/results", headers={"If-None-Match": seen[1].headers["ETag"]}))
    assert [answer.status_code for answer in seen] == [200, 200, 200]
    assert len({answer.headers["ETag"] for answer in seen}) == 3
    assert "주최사가 이 경매를 무효로 처리했어요" in seen[2].get_data(as_text=True)


CHANGES: dict[str, Callable[[Auction], None]] = {
    "title": lambda auction: setattr(auction.concert, "title", "Another <concert>"),
    "artist": lambda auction: setattr(auction.concert, "artist", "Somebody else"),
    "venue": lambda auction: setattr(auction.concert, "venue", "Another hall"),
    "moment": lambda auction: setattr(auction.concert, "starts_at", auction.concert.starts_at + HOUR),
    "end": lambda auction: setattr(auction, "ends_at", auction.ends_at + HOUR),
    "late bids": lambda auction: add_bids(auction, 3),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_the_page_shows_changes_its_etag(ended: int, client: Browser, change: str) -> None:
    before = client.get(f"/auctions/{ended}/results?lang=en")
    in_one_unit(lambda session: CHANGES[change](session.get_one(Auction, ended)))
    after = client.get(f"/auctions/{ended}/results?lang=en", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200 and after.data != before.data


def add_bids(auction: Auction, count: int) -> None:
    """Record bids, as happens when the last bids of a voided auction come in."""
    session = object_session(auction)
    assert session is not None
    people = select(FinalRank.person_id).where(FinalRank.auction_id == auction.id).order_by(FinalRank.rank).limit(count)
    bidders = [session.get_one(Person, person) for person in session.scalars(people)]
    rows = [bid_row(auction, bidder, number) for number, bidder in enumerate(bidders, 1)]
    session.execute(insert(RecordedBid), rows)
    auction.recorded_sequence = count


def test_languages_and_pages_have_different_etags(ended: int, client: Browser) -> None:
    queries = ["", "?page=1", "?page=2", "?lang=en", "?page=2&lang=en", "?alias=000000", "?alias=000001"]
    assert len({client.get(f"/auctions/{ended}/results{query}").headers["ETag"] for query in queries}) == len(queries)


def test_a_seat_is_shown_with_what_became_of_it(ended: int, client: Browser) -> None:
    move_seat(ended, 1, 3)
    rows = page(client, ended, "?lang=en").split("<tr ")
    assert "VIP-1" in rows[1] and "declined" in rows[1]
    assert "VIP-2" in rows[2] and "not bought yet" in rows[2]
    assert "VIP-1" in rows[3] and "not bought yet" in rows[3]
    assert "VIP" not in rows[4]


def test_an_alias_leads_to_its_page_with_the_row_marked(ended: int, client: Browser) -> None:
    alias = alias_of(ended, 77)
    readings = [alias, alias.lower(), f" {alias[:3]} {alias[3:]} ", f"{alias[:3]}-{alias[3:]}"]
    readings += [alias.replace("0", "O").replace("1", "I"), alias.replace("0", "o").replace("1", "l")]
    for typed in readings:
        text = client.get(f"/auctions/{ended}/results", query_string={"alias": typed}).get_data(as_text=True)
        assert ranks(text) == list(range(51, 101))
        assert re.findall(r'id="rank-(\d+)" class="marked-row"', text) == ["77"]


@pytest.mark.parametrize("typed", ["", "ABC12", "ABC1234", "UUUUUU", "가나다라마바", "<b>x</b>", "A" * 5_000, "' OR 1"])
def test_an_alias_that_nobody_has_says_so(ended: int, client: Browser, typed: str) -> None:
    answer = client.get(f"/auctions/{ended}/results", query_string={"alias": typed, "lang": "en"})
    text = answer.get_data(as_text=True).partition("<footer")[0]
    assert answer.status_code == 200 and "No bidder of this auction has the alias" in text
    assert "marked-row" not in text and "<b>x" not in text and "A" * 50 not in text


def test_two_people_with_one_alias_are_both_shown(ended: int, client: Browser) -> None:
    alias = alias_of(ended, 5)
    same_alias(ended, 5, 110)
    text = page(client, ended, f"?alias={alias}&lang=en")
    assert f'href="/auctions/{ended}/results?lang=en#rank-5"' in text
    assert f'href="/auctions/{ended}/results?page=3&amp;lang=en#rank-110"' in text


def test_an_auction_without_bids_says_that_all_seats_stayed_unsold(people: dict[str, Person], client: Browser) -> None:
    assert "all seats stayed unsold" in page(client, add_results(0), "?lang=en")
    voided = page(client, add_results(0, state=State.VOIDED), "?lang=en")
    assert "unsold" not in voided and "The organiser voided this auction" in voided
