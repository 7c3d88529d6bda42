"""My page: everybody sees their own bids, tickets and notices, and only what is still possible has a form."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, update

from cashticket.auction.values import Accepted, Permission
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.models import Award, Concert, Notification, Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards
from cashticket.wiring import current_engine
from tests.fixtures.people import Browser, sign_in
from tests.staging import auctions
from tests.staging.auctions import HOUR_MS
from tests.staging.rows import DAY, HOUR, add_concert
from tests.staging.settlement import add_ended_auction, award_of, settled

PAGES = ("/me", "/me/bids", "/me/tickets", "/me/notifications")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def open_auction(people: dict[str, Person]) -> int:
    """Open for half an hour more, with one seat: alice bid, then bob bid more. The ledger has none of it yet."""
    auction_id = auctions.open_auction(ends_in_ms=HOUR_MS // 2, seats=1, step=10_000)
    for name, amount in (("alice", 110_000), ("bob", 120_000)):
        bid(auction_id, people[name].id, amount)
    return auction_id


def bid(auction_id: int, person_id: int, amount: int) -> None:
    engine = current_engine()
    engine.introduce(auction_id, person_id, Permission.OK, 1, 1)
    assert isinstance(engine.place_bid(auction_id, person_id, 1, amount, f"request-{amount}"), Accepted)


def text_of(browser: Browser, path: str) -> str:
    answer = browser.get(path + ("&" if "?" in path else "?") + "lang=en")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def words_of(browser: Browser, path: str) -> str:
    """The page's main part without markup."""
    main = text_of(browser, path).partition("<main ")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def forms(page: str) -> set[str]:
    """Where the forms about awards lead."""
    return set(re.findall(r'<form method="post" action="(/awards/[^"]+)"', page))


def set_award(award_id: int, **values: object) -> None:
    in_one_unit(lambda session: session.execute(update(Award).where(Award.id == award_id).values(**values)))


def tell(person_id: int, auction_id: int, kind: str, occasion: int = 0, **facts: Any) -> int:
    def work(session):  # type: ignore[no-untyped-def]
        notice = Notification(person_id=person_id, auction_id=auction_id, kind=kind, occasion=occasion, facts=facts)
        session.add(notice)
        session.flush()
        return notice.id

    return int(in_one_unit(work))


def seen(notice_id: int) -> datetime | None:
    db.session.rollback()
    return db.session.get_one(Notification, notice_id).seen_at


# Who may look


@pytest.mark.parametrize("path", PAGES)
def test_the_anonymous_are_sent_to_sign_in_and_back(client: Browser, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.location) == (303, "/login?next=" + path.replace("/", "%2F"))
    assert client.get(path, headers={"Accept": "application/json"}).status_code == 401


def test_mallory_sees_nothing_of_what_is_alices(
    client: Browser, people: dict[str, Person], settled_auction: int, open_auction: int
) -> None:
    mallory = sign_in(client, "mallory")
    award_id = award_of(settled_auction, people["alice"].id).id
    for path in PAGES:
        page = text_of(mallory, path)
        assert "Spring Night" not in page and f"/awards/{award_id}" not in page and "alice" not in page.lower(), path
    assert "You have no tickets yet." in words_of(mallory, "/me/tickets")
    assert "You have not bid yet." in words_of(mallory, "/me/bids")
    assert "Nothing here yet." in words_of(mallory, "/me/notifications")


@pytest.mark.parametrize("path", PAGES)
def test_a_look_changes_nothing(
    app: Flask, client: Browser, people: dict[str, Person], settled_auction: int, open_auction: int, path: str
) -> None:
    alice = sign_in(client, "alice")
    written: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if statement.split()[0].upper() in ("INSERT", "UPDATE", "DELETE"):
            written.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    text_of(alice, path)
    assert written == []


# What needs me now


def test_what_can_be_bought_stands_on_top_with_its_clock(
    client: Browser, people: dict[str, Person], settled_auction: int, open_auction: int
) -> None:
    page = text_of(sign_in(client, "alice"), "/me")
    award_id = award_of(settled_auction, people["alice"].id).id
    due, running = page.index("1 seat waits for you to buy it"), page.index("Auctions I am in")
    assert due < page.index("Seat VIP-1 is yours to buy at ₩150,000.") < running
    assert f'href="/me/tickets#award-{award_id}"' in page
    left = re.search(r'data-left-ms="(\d+)"', page)
    # Won an hour ago with a day to buy.
    assert left is not None and 22 * 3_600_000 < int(left[1]) <= 23 * 3_600_000


def test_an_auction_i_am_out_of_says_by_how_much_and_what_is_left(
    client: Browser, people: dict[str, Person], open_auction: int
) -> None:
    words = words_of(sign_in(client, "alice"), "/me")
    assert "You are out" in words and "My bid ₩110,000" in words and "2 of 1 seats" in words
    assert "2 of 3" in words and "₩20,000 short of a seat" in words and "Raise my bid" in words


def test_an_auction_i_win_says_my_rank_and_asks_nothing(
    client: Browser, people: dict[str, Person], open_auction: int
) -> None:
    words = words_of(sign_in(client, "bob"), "/me")
    assert "You are winning" in words and "1 of 1 seats" in words and "Raise my bid" not in words


def test_a_bid_is_on_my_page_before_the_ledger_has_it(
    client: Browser, people: dict[str, Person], open_auction: int
) -> None:
    assert not queries.bids_of(open_auction, people["bob"].id)
    bob = sign_in(client, "bob")
    assert "My bid ₩120,000" in words_of(bob, "/me/bids")
    assert "bids in 1 auction" in words_of(bob, "/me")


def test_recorded_bids_are_shown_when_the_live_store_does_not_know_the_auction(
    client: Browser, people: dict[str, Person]
) -> None:
    bids = [(people["alice"].id, 110_000), (people["alice"].id, 130_000)]
    add_ended_auction(bids, ends_at=utcnow() + HOUR / 2)
    words = words_of(sign_in(client, "alice"), "/me/bids")
    assert "Place not known now" in words and "My bid ₩130,000" in words and "1 of 3" in words


# My bids


@pytest.mark.parametrize(
    ("name", "rank", "outcome"),
    [
        ("alice", 1, "Seat VIP-1 is yours to buy at ₩150,000."),
        ("bob", 2, "Seat VIP-2 is yours to buy at ₩140,000."),
        ("carol", 3, "You are number 1 in line."),
    ],
)
def test_a_finished_auction_tells_everybody_their_own_outcome(
    client: Browser, people: dict[str, Person], settled_auction: int, name: str, rank: int, outcome: str
) -> None:
    words = words_of(sign_in(client, name), "/me/bids")
    assert outcome in words and f"Final rank {rank}" in words and "Chances used 1 of 3" in words
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
def test_a_page_number_that_means_nothing_is_not_found(client: Browser, people: dict[str, Person], page: str) -> None:
    assert sign_in(client, "alice").get("/me/bids", query_string={"page": page}).status_code == 404


# My tickets


def test_what_is_offered_has_forms_to_buy_and_to_decline(
    client: Browser, people: dict[str, Person], settled_auction: int
) -> None:
    page = text_of(sign_in(client, "alice"), "/me/tickets")
    door = f"/awards/{award_of(settled_auction, people['alice'].id).id}"
    assert forms(page) == {f"{door}/buy", f"{door}/decline"}
    assert page.count(f'action="{door}/buy"') == 1 and 'name="csrf_token" value="' in page
    words = words_of(client, "/me/tickets")
    assert "VIP-1" in words and "₩150,000" in words and "Won by me with rank 1" in words


def test_a_ticket_can_be_cancelled_until_the_deadline_and_not_after(
    client: Browser, people: dict[str, Person], settled_auction: int
) -> None:
    award = award_of(settled_auction, people["alice"].id)
    awards.buy(award.id, people["alice"].id, utcnow())
    alice = sign_in(client, "alice")
    page = text_of(alice, "/me/tickets")
    assert forms(page) == {f"/awards/{award.id}/cancel"} and "You may cancel until" in page
    past = utcnow() - MINUTE
    in_one_unit(lambda session: setattr(session.get_one(Award, award.id).auction.concert, "cancel_until", past))
    page = text_of(alice, "/me/tickets")
    assert not forms(page) and "The cancellation deadline of this concert has passed." in page


@pytest.mark.parametrize("state", ["declined", "lapsed", "cancelled", "voided"])
def test_what_is_over_is_shown_without_any_form(
    client: Browser, people: dict[str, Person], settled_auction: int, state: str
) -> None:
    set_award(award_of(settled_auction, people["alice"].id).id, state=state)
    page = text_of(sign_in(client, "alice"), "/me/tickets")
    assert "VIP-1" in page and not forms(page) and '/buy"' not in page


def test_an_offer_that_ran_out_cannot_be_bought_anywhere(
    client: Browser, people: dict[str, Person], settled_auction: int
) -> None:
    set_award(award_of(settled_auction, people["alice"].id).id, expires_at=utcnow() - MINUTE)
    alice = sign_in(client, "alice")
    page = text_of(alice, "/me/tickets")
    assert not forms(page) and '/buy"' not in page and "The time to buy this seat has run out." in page
    assert "waits for you to buy it" not in text_of(alice, "/me")
    words = words_of(alice, "/me/bids")
    assert "The time to buy this seat has run out." in words and "yours to buy" not in words.lower()


def test_a_place_in_line_is_shown_until_seats_can_no_longer_change_hands(
    client: Browser, people: dict[str, Person], settled_auction: int
) -> None:
    carol = sign_in(client, "carol")
    words = words_of(carol, "/me/tickets")
    assert "In line for a seat" in words and "You are number 1 in line." in words and "₩130,000" in words
    auction = queries.auction(settled_auction)
    assert auction is not None
    concert_id, past = auction.concert_id, utcnow() - MINUTE
    in_one_unit(lambda session: setattr(session.get_one(Concert, concert_id), "cancel_until", past))
    assert "In line for a seat" not in words_of(carol, "/me/tickets")


def test_an_offered_seat_tells_where_it_came_from_by_ranks_alone(
    client: Browser, people: dict[str, Person], settled_auction: int
) -> None:
    awards.decline(award_of(settled_auction, people["alice"].id).id, people["alice"].id, utcnow())
    page = text_of(sign_in(client, "carol"), "/me/tickets")
    words = words_of(client, "/me/tickets")
    assert words.index("Won by rank 1") < words.index("Declined by rank 1") < words.index("Offered to me, next in line")
    assert forms(page) == {
        f"/awards/{award_of(settled_auction, people['carol'].id).id}/{move}" for move in ("buy", "decline")
    }
    assert "alice" not in page.lower()


def test_the_story_of_a_seat_i_gave_up_ends_with_me(
    client: Browser, people: dict[str, Person], settled_auction: int
) -> None:
    awards.decline(award_of(settled_auction, people["alice"].id).id, people["alice"].id, utcnow())
    words = words_of(sign_in(client, "alice"), "/me/tickets")
    assert "Declined by me" in words and "rank 3" not in words


# Notifications


def test_a_winner_reads_what_was_won_and_until_when(
    client: Browser, people: dict[str, Person], settled_auction: int
) -> None:
    words = words_of(sign_in(client, "alice"), "/me/notifications")
    assert "You won a VIP seat New" in words and "Rank 1, seat VIP-1, at ₩150,000." in words
    assert "1 notice you have not read" in words


@pytest.mark.parametrize(
    ("kind", "facts", "title"),
    [
        ("not_won", {"rank": 3, "amount": 130_000, "position": 1}, "You are in line for a seat"),
        ("passed_over", {"rank": 3, "amount": 130_000, "why": "holds_ticket"}, "one person, one ticket"),
        ("passed_over", {"rank": 3, "amount": 130_000, "why": "account"}, "Your account may not hold tickets"),
        ("voided", {}, "The auction was cancelled"),
        ("rank_out", {}, "You were outbid"),
    ],
)
def test_every_kind_of_notice_is_a_sentence(
    client: Browser, people: dict[str, Person], open_auction: int, kind: str, facts: dict[str, Any], title: str
) -> None:
    tell(people["mallory"].id, open_auction, kind, **facts)
    mallory = sign_in(client, "mallory")
    assert title in words_of(mallory, "/me/notifications")
    assert mallory.get("/me/notifications?lang=ko").status_code == 200


def test_notices_become_read_by_the_form_and_only_those_that_were_shown(
    client: Browser, people: dict[str, Person], open_auction: int
) -> None:
    mallory, alice = people["mallory"].id, people["alice"].id
    others = tell(alice, open_auction, "rank_out", 1)
    shown = tell(mallory, open_auction, "rank_out", 2)
    browser = sign_in(client, "mallory")
    page = text_of(browser, "/me/notifications")
    assert seen(shown) is None
    arrived = tell(mallory, open_auction, "rank_out", 3)
    through = re.search(r'name="through" value="(\d+)"', page)
    assert through is not None
    form = {"csrf_token": browser.token("/me/notifications"), "through": through[1]}
    answer = browser.post("/me/notifications", data=form)
    assert (answer.status_code, answer.location) == (303, "/me/notifications")
    assert seen(shown) is not None and seen(arrived) is None and seen(others) is None
    assert "1 notice you have not read" in words_of(browser, "/me/notifications")


def test_notices_are_not_marked_without_the_token_or_with_a_strange_number(
    client: Browser, people: dict[str, Person], open_auction: int
) -> None:
    waiting = tell(people["mallory"].id, open_auction, "rank_out", 1)
    browser = sign_in(client, "mallory")
    assert browser.post("/me/notifications", data={"through": str(waiting)}).status_code == 400
    for through in ("", "x", "-1", "٣", "9" * 17):
        form = {"csrf_token": browser.token("/me/notifications"), "through": through}
        assert browser.post("/me/notifications", data=form).status_code == 400
    assert seen(waiting) is None


def test_older_notices_are_a_page_further(client: Browser, people: dict[str, Person], open_auction: int) -> None:
    first, *_ = [tell(people["mallory"].id, open_auction, "rank_out", number) for number in range(1, 32)]
    browser = sign_in(client, "mallory")
    page = text_of(browser, "/me/notifications")
    assert page.count("You were outbid") == 30
    older = re.search(r'href="(/me/notifications\?before=\d+)"', page)
    assert older is not None and older[1] == f"/me/notifications?before={first + 1}"
    page = text_of(browser, older[1])
    # All could not be marked by somebody who sees the oldest alone.
    assert page.count("You were outbid") == 1 and 'name="through"' not in page


def test_the_header_counts_for_the_signed_in_alone(
    browser: Callable[[], Browser], people: dict[str, Person], open_auction: int
) -> None:
    for number in (1, 2):
        tell(people["mallory"].id, open_auction, "rank_out", number)

    def header(visitor: Browser) -> str:
        return text_of(visitor, f"/auctions/{open_auction}").partition("<header")[2].partition("</header>")[0]

    assert "2 not read" in header(sign_in(browser(), "mallory"))
    assert "not read" not in header(sign_in(browser(), "carol"))
    assert "not read" not in header(browser())
