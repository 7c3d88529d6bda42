"""The lineage of the seats of a finished auction: who held each and why it moved, by alias, the same for everybody."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from cashticket.auction.aliases import alias
from cashticket.auction.values import State
from cashticket.models import Auction, Person
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards
from cashticket.settlement.revoking import revoke
from cashticket.settlement.voiding import void
from tests.fixtures.people import Browser, sign_in
from tests.staging.auctions import open_auction
from tests.staging.final_ranks import add_results, move_seat
from tests.staging.rows import DAY, END, HOUR, add_people, change_person
from tests.staging.settlement import add_ended_auction, add_settled_auction, award_of
from tests.web.bidding import counting

# Seat histories are read on both kinds of database in tests/integration/test_seat_histories.py.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

WHY = "a stolen card"


def page(browser: Browser, auction: int, query: str = "", status: int = 200) -> str:
    answer = browser.get(f"/auctions/{auction}/lineage{query}")
    assert answer.status_code == status
    return answer.get_data(as_text=True)


def rows(browser: Browser, auction: int, query: str = "?lang=en") -> list[str]:
    """The rows of all seats of a page as their reader sees them, each as one line of words."""
    body = page(browser, auction, query).partition("<tbody>")[2].partition("</tbody>")[0]
    return [" ".join(re.sub("<[^>]+>", " ", row).split()) for row in re.findall("<tr.*?</tr>", body, re.DOTALL)]


def falling(people: list[int]) -> list[tuple[int, int]]:
    """One bid each, every next person 10 000 won lower."""
    return [(person, 190_000 - 10_000 * place) for place, person in enumerate(people)]


def named(auction: int, people: list[int]) -> list[str]:
    salt = in_one_unit(lambda session: session.get_one(Auction, auction).alias_salt)
    return [alias(salt, auction, person) for person in people]


@pytest.fixture
def bidders(app: Flask) -> list[int]:
    return add_people(6)


@pytest.fixture
def ended(app: Flask) -> int:
    """An auction with 120 seats, each won: three pages."""
    return add_results(125, seats=120)


def test_each_right_to_a_seat_says_whose_it_was_how_it_came_and_why_it_moved(
    bidders: list[int], client: Browser
) -> None:
    auction = add_settled_auction(falling(bidders), seats=1)
    award = lambda number: award_of(auction, bidders[number]).id  # noqa: E731
    awards.buy(award(0), bidders[0], END + HOUR)
    awards.cancel(award(0), bidders[0], END + 2 * HOUR)
    awards.decline(award(1), bidders[1], END + 3 * HOUR)
    awards.lapse_all_expired(END + 2 * DAY)
    revoke(award(3), WHY, "olga", END + 2 * DAY + HOUR)
    awards.buy(award(4), bidders[4], END + 2 * DAY + 2 * HOUR)
    names = named(auction, bidders)
    assert rows(client, auction) == [
        f"VIP-1 {names[0]} won no. 1 cancelled 1 May 21:00 to 1 May 23:00 bought 1 May 22:00",
        f"VIP-1 {names[1]} offered no. 2 declined 1 May 23:00 to 2 May 00:00",
        f"VIP-1 {names[2]} offered no. 3 time ran out 2 May 00:00 to 2 May 20:00",
        f"VIP-1 {names[3]} offered no. 4 revoked 3 May 21:00 to 3 May 22:00",
        f"VIP-1 {names[4]} current holder offered no. 5 bought since 3 May 22:00 bought 3 May 23:00",
    ]
    # Why a seat was revoked is for its holder alone.
    assert WHY not in page(client, auction) and WHY not in page(client, auction, "?lang=en")


def test_an_offer_says_until_when_it_may_be_bought_in_both_languages(bidders: list[int], client: Browser) -> None:
    auction = add_settled_auction(falling(bidders[:1]), seats=1)
    [name] = named(auction, bidders[:1])
    assert rows(client, auction) == [
        f"VIP-1 {name} current holder won no. 1 not bought yet since 1 May 21:00 buy by 2 May 21:00"
    ]
    assert rows(client, auction, "") == [
        f"VIP-1 {name} 현재 보유자 낙찰 1위 구매 전 5월 1일 21:00부터 구매 기한 5월 2일 21:00"
    ]


def test_a_seat_that_nobody_holds_says_why(bidders: list[int], client: Browser) -> None:
    auction = add_settled_auction(falling(bidders[:2]), seats=3)
    awards.decline(award_of(auction, bidders[1]).id, bidders[1], END + HOUR)
    first, second, left, never = rows(client, auction)
    assert "not bought yet" in first and "declined" in second
    assert left == "VIP-2 – – unsold nobody was left on the waitlist"
    assert never == "VIP-3 – – unsold nobody was left to win it"
    awards.lapse_all_expired(END + 9 * DAY)
    assert "VIP-1 – – unsold the cancellation deadline had passed" in rows(client, auction)


def test_who_was_passed_over_is_said_and_never_why(bidders: list[int], client: Browser) -> None:
    for number, fact in ((0, "blocked_at"), (1, "closed_at"), (3, "blocked_at")):
        change_person(bidders[number], **{fact: END})
    auction = add_settled_auction(falling(bidders), seats=2)
    names = named(auction, bidders)
    assert [row.partition(" not bought")[0] for row in rows(client, auction)] == [
        f"VIP-1 {names[2]} current holder won no. 3 passed over: {names[0]}, {names[1]}",
        f"VIP-2 {names[4]} current holder won no. 5 passed over: {names[3]}",
    ]
    said = [*rows(client, auction, "?lang=ko"), *rows(client, auction)]
    assert not re.search("block|closed|already hold|차단|탈퇴|이미", " ".join(said))


def test_a_voided_auction_tells_its_reason_and_who_held_its_seats(bidders: list[int], client: Browser) -> None:
    auction = add_settled_auction(falling(bidders), seats=1)
    void(auction, "the hall burned down", "olga", END + HOUR)
    text = page(client, auction, "?lang=en")
    assert "The organiser voided this auction." in text and "Reason given: the hall burned down" in text
    [row] = rows(client, auction)
    assert row.endswith("won no. 1 void 1 May 21:00 to 1 May 22:00")


def test_an_auction_that_was_voided_before_has_no_seats_to_tell_of(bidders: list[int], client: Browser) -> None:
    auction = add_ended_auction(falling(bidders), seats=60)
    void(auction, "the hall burned down", "olga", END)
    text = page(client, auction, "?lang=en")
    assert "voided before any seat was won" in text and "VIP-1" not in text and "the hall burned down" in text
    assert "The seat history has 1 page." in page(client, auction, "?page=2&lang=en", status=404)


def test_there_is_no_lineage_before_the_end(app: Flask, client: Browser) -> None:
    auction = open_auction()
    answer = client.get(f"/auctions/{auction}/lineage")
    assert (answer.status_code, answer.location) == (302, f"/auctions/{auction}")
    assert client.get("/auctions/999999/lineage").status_code == 404


def test_nobody_is_named_and_whoever_left_stays_an_alias(people: dict[str, Person], client: Browser) -> None:
    ids = [people[name].id for name in ("alice", "bob", "carol")]
    auction = add_settled_auction(falling(ids), seats=2)
    awards.decline(award_of(auction, ids[0]).id, ids[0], END + HOUR)
    before = page(client, auction)
    change_person(ids[1], closed_at=END + 2 * HOUR, name="")
    assert page(client, auction) == before
    assert not re.search("alice|bob|carol|@", before.partition("<main")[2])
    assert all(name in before for name in named(auction, ids))


@pytest.mark.parametrize("query", ["", "?page=2&lang=en"])
def test_everybody_gets_the_same_bytes_and_no_cookie(
    ended: int, people: dict[str, Person], browser: Callable[[], Browser], query: str
) -> None:
    answers = [each.get(f"/auctions/{ended}/lineage{query}") for each in (browser(), sign_in(browser(), "alice"))]
    assert answers[0].data == answers[1].data and answers[0].status_code == 200
    for answer in answers:
        assert answer.headers["Cache-Control"] == "public, max-age=1"
        assert "Set-Cookie" not in answer.headers and "Cookie" not in answer.headers.get("Vary", "")
        assert b"csrf" not in answer.data


def test_an_unchanged_page_is_answered_by_304_from_one_statement(ended: int, client: Browser) -> None:
    path = f"/auctions/{ended}/lineage?page=2"
    tag = client.get(path).headers["ETag"]
    with counting() as counted:
        again = client.get(path, headers={"If-None-Match": tag})
    # SQLite counts the beginning of the transaction as well.
    assert (again.status_code, again.data) == (304, b"") and counted["sql"] <= 2
    assert again.headers["ETag"] == tag and again.headers["Cache-Control"] == "public, max-age=1"


def test_a_hand_over_and_a_voiding_make_another_page(ended: int, client: Browser) -> None:
    path, tags = f"/auctions/{ended}/lineage", list[str]()
    voided = lambda: in_one_unit(lambda s: setattr(s.get_one(Auction, ended), "state", State.VOIDED))  # noqa: E731
    for change in (lambda: None, lambda: move_seat(ended, 1, 121), voided):
        change()
        answer = client.get(path, headers={"If-None-Match": ", ".join(tags)})
        assert answer.status_code == 200
        tags.append(answer.headers["ETag"])
    assert len(set(tags)) == 3


def test_every_seat_is_on_exactly_one_page(ended: int, client: Browser) -> None:
    seats = [re.findall(r'id="seat-(\d+)"', page(client, ended, f"?page={number}")) for number in (1, 2, 3)]
    assert [int(seat) for each in seats for seat in each] == list(range(1, 121))
    assert [len(each) for each in seats] == [50, 50, 20]
    links = dict(re.findall(r'href="([^"]+)" rel="(first|prev|next|last)"', page(client, ended, "?page=2&lang=en")))
    path = f"/auctions/{ended}/lineage"
    assert links == {f"{path}?lang=en": "prev", f"{path}?page=3&amp;lang=en": "last"}


@pytest.mark.parametrize("number", ["0", "4", "-1", "1e3", "x", "", "01", "9" * 30])
def test_a_page_that_there_is_not_leads_to_those_that_there_are(ended: int, client: Browser, number: str) -> None:
    answer = client.get(f"/auctions/{ended}/lineage?page={number}&lang=en")
    assert answer.status_code == 404 and answer.headers["Cache-Control"] == "no-store"
    text = answer.get_data(as_text=True)
    assert "The seat history has 3 pages." in text and f'href="/auctions/{ended}/lineage?lang=en"' in text


@pytest.mark.parametrize("query", ["", "?lang=en"])
def test_results_and_record_lead_to_the_lineage_and_it_leads_back(ended: int, client: Browser, query: str) -> None:
    def links(part: str) -> set[str]:
        text = client.get(f"/auctions/{ended}/{part}{query}").get_data(as_text=True)
        return set(re.findall(rf'href="/auctions/{ended}/(\w+){re.escape(query)}"', text))

    assert "lineage" in links("results") & links("record") and {"results", "record"} <= links("lineage")


def test_the_page_names_itself_and_its_concert(ended: int, client: Browser) -> None:
    text = page(client, ended, "?lang=en")
    assert "<title>한여름 밤의 공연 · Seat history · CashTicket</title>" in text
    assert f'/auctions/{ended}/lineage">' in "".join(re.findall('<meta property="og:url".*?>', text))
    assert "og:image" in text and "og:description" in text
