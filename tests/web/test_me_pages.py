"""My page and my bids: everybody sees only their own, and a look changes nothing."""

import re

import pytest
from flask import Flask
from sqlalchemy import delete, event

from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.locale import to_ms
from cashticket.models import Person, RecordedBid
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from tests.fixtures.people import Browser, sign_in
from tests.staging.rows import DAY, HOUR, add_concert
from tests.staging.settlement import add_ended_auction, add_settled_auction, award_of, settled
from tests.web.my_page import text_of, words_of

PAGES = ("/me", "/me/bids", "/me/tickets", "/me/notifications")


@pytest.mark.parametrize("path", PAGES)
def test_the_anonymous_are_sent_to_sign_in_and_back(client: Browser, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.location) == (303, "/login?next=" + path.replace("/", "%2F"))
    assert client.get(path, headers={"Accept": "application/json"}).status_code == 401


def test_mallory_sees_nothing_of_alices_pages(
    client: Browser, people: dict[str, Person], settled_auction: int, contested_auction: int
) -> None:
    mallory = sign_in(client, "mallory")
    award_id = award_of(settled_auction, people["alice"].id).id
    for path in PAGES:
        page = text_of(mallory, path)
        assert "Spring Night" not in page and f"/awards/{award_id}" not in page and "alice" not in page.lower(), path
    assert "You have no tickets yet." in words_of(mallory, "/me/tickets")
    assert "You haven’t bid in any auction yet." in words_of(mallory, "/me/bids")
    assert "Nothing here yet." in words_of(mallory, "/me/notifications")


@pytest.mark.parametrize("path", PAGES)
def test_opening_a_page_changes_nothing(
    app: Flask, client: Browser, people: dict[str, Person], settled_auction: int, contested_auction: int, path: str
) -> None:
    alice = sign_in(client, "alice")
    written: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if statement.split()[0].upper() in ("INSERT", "UPDATE", "DELETE"):
            written.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    text_of(alice, path)
    assert written == []


# The overview


def test_a_seat_to_buy_is_on_top_with_the_time_left(
    client: Browser, people: dict[str, Person], settled_auction: int, contested_auction: int
) -> None:
    page = text_of(sign_in(client, "alice"), "/me")
    award = award_of(settled_auction, people["alice"].id)
    award_id, ms_left = award.id, to_ms(award.expires_at) - to_ms(utcnow())
    due, running = page.index("You have 1 seat to buy"), page.index("Auctions I’m in")
    assert due < page.index("Seat VIP-1 is yours to buy at ₩150,000.") < running
    assert f'href="/me/tickets#award-{award_id}"' in page
    left = re.search(r'data-left-ms="(\d+)"', page)
    # At night the time to buy has not begun yet, so its end is asked of the award.
    assert left is not None and 0 <= int(left[1]) - ms_left < 60_000


def test_an_auction_i_am_out_of_says_by_how_much_and_what_is_left(
    client: Browser, people: dict[str, Person], contested_auction: int
) -> None:
    words = words_of(sign_in(client, "alice"), "/me")
    assert "You’re out" in words and "My bid ₩110,000" in words and "No. 2 (1 VIP seat)" in words
    assert "2 of 3" in words and "₩20,000 short of a seat" in words and "Raise my bid" in words


def test_an_auction_i_win_says_my_rank_and_asks_nothing(
    client: Browser, people: dict[str, Person], contested_auction: int
) -> None:
    words = words_of(sign_in(client, "bob"), "/me")
    assert "You’re winning" in words and "No. 1 (1 VIP seat)" in words and "Raise my bid" not in words


def test_a_bid_is_on_my_page_before_the_ledger_has_it(
    client: Browser, people: dict[str, Person], contested_auction: int
) -> None:
    assert not queries.bids_of(contested_auction, people["bob"].id)
    bob = sign_in(client, "bob")
    assert "My bid ₩120,000" in words_of(bob, "/me/bids")
    assert "bids in 1 auction" in words_of(bob, "/me")


def test_recorded_bids_are_shown_when_the_live_store_does_not_know_the_auction(
    client: Browser, people: dict[str, Person]
) -> None:
    bids = [(people["alice"].id, 110_000), (people["alice"].id, 130_000)]
    add_ended_auction(bids, ends_at=utcnow() + HOUR / 2)
    words = words_of(sign_in(client, "alice"), "/me/bids")
    assert "Rank not known right now" in words and "My bid ₩130,000" in words and "1 of 3" in words


@pytest.mark.parametrize(("is_over", "count"), [(False, "1 of 3"), (True, "Chances used 2 of 3")])
def test_the_newest_bid_says_how_many_chances_are_used_where_an_earlier_one_was_given_up(
    client: Browser, people: dict[str, Person], is_over: bool, count: str
) -> None:
    alice, ends_at = people["alice"].id, utcnow() + (-HOUR if is_over else HOUR / 2)
    bids = [(alice, 110_000), (alice, 130_000)]
    auction_id = (add_settled_auction if is_over else add_ended_auction)(bids, ends_at=ends_at)
    first = delete(RecordedBid).where(RecordedBid.auction_id == auction_id, RecordedBid.nth == 1)
    in_one_unit(lambda session: session.execute(first))
    browser = sign_in(client, "alice")
    if is_over:
        form = {"amount": 140_000, "request_id": "late", "csrf_token": browser.token("/no-such-page")}
        answer = browser.post(f"/auctions/{auction_id}/bids", data=form, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.get_json()["chances_left"]) == (422, 1)
    assert count in words_of(browser, "/me/bids")


# My bids


@pytest.mark.parametrize(
    ("name", "rank", "outcome"),
    [
        ("alice", 1, "You won seat VIP-1 and can buy it for ₩150,000."),
        ("bob", 2, "You won seat VIP-2 and can buy it for ₩140,000."),
        ("carol", 3, "Waitlist no. 1."),
    ],
)
def test_a_finished_auction_tells_everybody_their_own_outcome(
    client: Browser, people: dict[str, Person], settled_auction: int, name: str, rank: int, outcome: str
) -> None:
    words = words_of(sign_in(client, name), "/me/bids")
    assert outcome in words and f"Final rank No. {rank}" in words and "Chances used 1 of 3" in words
    assert words.count("Spring Night") == 1


def test_finished_auctions_come_page_by_page_the_latest_first(client: Browser, people: dict[str, Person]) -> None:
    alice, concert = people["alice"].id, add_concert()
    for number in range(11):
        bids = [(alice, 100_000 + number * 10_000)]
        auction_id = add_ended_auction(bids, concert=concert, ends_at=utcnow() - (12 - number) * DAY)
        settled(auction_id, bids, utcnow())
    browser = sign_in(client, "alice")
    first, second = words_of(browser, "/me/bids"), words_of(browser, "/me/bids?page=2")
    assert first.index("₩200,000") < first.index("₩110,000") and "₩100,000" not in first
    assert "₩100,000" in second and "₩110,000" not in second
    assert "There is nothing older." in words_of(browser, "/me/bids?page=3")


@pytest.mark.parametrize("page", ["0", "-1", "x", "٣", "1001", "9" * 40, ""])
def test_a_malformed_page_number_is_not_found(client: Browser, people: dict[str, Person], page: str) -> None:
    assert sign_in(client, "alice").get("/me/bids", query_string={"page": page}).status_code == 404
