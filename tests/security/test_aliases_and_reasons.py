"""What a stranger can learn from public pages: one alias a person and concert, and never why somebody got no seat.

Each test renders whole answers and compares their bytes.
"""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from flask import Flask

from cashticket.auction.aliases import alias
from cashticket.catalogue.plans import Plan
from cashticket.catalogue.publishing import publish_auction
from cashticket.extensions import db
from cashticket.ledger.terms import terms_of
from cashticket.locale import to_moment
from cashticket.models import Auction, Person
from cashticket.models.columns import utcnow
from cashticket.wiring import current_engine
from tests.fixtures.people import Browser, hashed, sign_in
from tests.staging.rows import DAY, END, HOUR, PASSWORD, add_concert, add_person, change_person
from tests.staging.settlement import add_settled_auction, holders
from tests.web.bidding import send
from tests.web.my_page import words_of

SALT = "c:a salt that all tests share"
PUBLIC = ("", "/results", "/history", "/lineage")
REASONS = ("blocked", "closed", "holds a ticket")
SIGNED_AT = re.compile(r'(?:csrf[-_]token" (?:value|content)=|X-CSRFToken": )"[^"]+"')
"""The token of forms, which holds the second in which it was made."""

COLUMNS = {"blocked": "blocked_at", "closed": "closed_at"}


@pytest.fixture
def bidders(app: Flask) -> list[int]:
    """Five people who bid from the highest to the lowest amount; one of them will be passed over."""
    return [add_person(f"person-{number}").id for number in range(5)]


def settled_with(bidders: list[int], passed_over: int, reason: str) -> tuple[int, int]:
    """Ids of a settled auction of 2 seats and of its concert. The bidder of rank `passed_over` could get no seat for
    `reason`; for "" nobody was passed over."""
    concert = add_concert(starts_at=END + 10 * DAY)
    person = bidders[passed_over - 1]
    change(person, blocked_at=None, closed_at=None)
    if reason == "holds a ticket":
        add_settled_auction([(person, 900_000)], concert=concert, ends_at=END - HOUR, seats=1)
    elif reason:
        change(person, **{COLUMNS[reason]: utcnow()})
    bids = [(bidder, 200_000 - 10_000 * rank) for rank, bidder in enumerate(bidders)]
    return add_settled_auction(bids, concert=concert, alias_salt=SALT), concert.id


def change(person_id: int, **values: object) -> None:
    change_person(person_id, **values)


def seen(reader: Browser, auction_id: int, concert_id: int) -> list[str]:
    """What the public addresses of an auction answer, without the ids that tell one auction from another."""
    answers = [reader.get(f"/auctions/{auction_id}{path}") for path in PUBLIC]
    texts = [f"{answer.status_code} {answer.location} {answer.get_data(as_text=True)}" for answer in answers]
    texts = [SIGNED_AT.sub("", text).replace(f"/auctions/{auction_id}", "/auctions/A") for text in texts]
    # The picture of a shared link is named by its concert.
    texts = [re.sub(r"/preview-[0-9a-f]+\.png", "/preview.png", text) for text in texts]
    return [re.sub(rf"/concerts/{concert_id}\b", "/concerts/C", text) for text in texts]


@pytest.mark.parametrize("passed_over", [1, 2])
def test_a_stranger_sees_the_same_bytes_whatever_the_reason(
    browser: Callable[[], Browser], people: dict[str, Person], bidders: list[int], passed_over: int
) -> None:
    stranger, member = browser(), sign_in(browser(), "mallory")
    person, pages = bidders[passed_over - 1], {}
    for reason in REASONS:
        auction_id, concert_id = settled_with(bidders, passed_over, reason)
        assert person not in holders(auction_id).values(), reason
        pages[reason] = [seen(reader, auction_id, concert_id) for reader in (stranger, member)]
    assert pages["blocked"] == pages["closed"] == pages["holds a ticket"]
    results = pages["blocked"][0][1]
    assert alias(SALT, 1, person) in results and "VIP-2" in results


@pytest.mark.parametrize("reason", REASONS)
def test_below_the_seats_nobody_is_seen_to_be_passed_over(
    browser: Callable[[], Browser], bidders: list[int], reason: str
) -> None:
    """Rank 4 of 2 seats: whoever waits in line looks like whoever will never be offered a seat."""
    waiting = seen(browser(), *settled_with(bidders, 4, ""))
    assert waiting == seen(browser(), *settled_with(bidders, 4, reason))


def test_whoever_waits_sees_the_own_place_and_nobody_elses(
    browser: Callable[[], Browser], people: dict[str, Person], bidders: list[int]
) -> None:
    ranked = [bidders[0], bidders[1], people["alice"].id, people["bob"].id]
    bids = [(person, 200_000 - 10_000 * rank) for rank, person in enumerate(ranked)]
    path = f"/auctions/{add_settled_auction(bids, ends_at=utcnow() - HOUR)}"
    for name, place in (("alice", 1), ("bob", 2)):
        reader = sign_in(browser(), name)
        assert re.findall(r"Waitlist no\. (\d)", words_of(reader, f"{path}/outcome")) == [str(place)]
        assert "Waitlist no." not in words_of(reader, f"{path}/results")
    assert "Waitlist no." not in words_of(browser(), f"{path}/outcome")


def test_why_one_was_passed_over_is_told_to_oneself(
    browser: Callable[[], Browser], people: dict[str, Person], bidders: list[int]
) -> None:
    auction_id, _ = settled_with([people["alice"].id, *bidders], 1, "holds a ticket")
    path = f"/auctions/{auction_id}/outcome"
    assert "You already hold a ticket" in words_of(sign_in(browser(), "alice"), path)
    assert "already hold" not in words_of(sign_in(browser(), "bob"), path)


def test_no_public_answer_holds_a_field_of_a_bidder(
    app: Flask, browser: Callable[[], Browser], people: dict[str, Person], auction: int
) -> None:
    facts = {"email": "hidden@example.com", "phone": "+821098765432"}
    login = {"password_hash": hashed(PASSWORD), "verified_at": utcnow()}
    hidden = add_person("Wilhelmina", id=730_918_274, birth_date=date(1987, 6, 5), **facts, **login)
    bidder = sign_in(browser(), "hidden")
    bidder.get(f"/auctions/{auction}")
    assert send(bidder, auction, 100_000).status_code == 201
    settled = add_settled_auction([(hidden.id, 150_000)])
    paths = [f"/auctions/{auction}{part}" for part in ("", "/board", "/standing", "/history")]
    after = ("/results", "/outcome", "/history", "/record", "/record.csv", "/lineage")
    paths += [f"/auctions/{settled}{part}" for part in after]
    for reader in (browser(), sign_in(browser(), "mallory")):
        for path in paths:
            page = reader.get(path).get_data(as_text=True)
            seen_facts = re.findall(r"Wilhelmina|hidden@|98765432|9876-5432|730918274|1987", page)
            assert not seen_facts, path


def test_auctions_of_one_concert_that_are_published_at_once_get_one_salt(app: Flask) -> None:
    engine, concert_id = current_engine(), add_concert().id
    now = to_moment(engine.clock())
    plan = Plan(concert_id, 2, 100_000, 5_000, now, now + timedelta(hours=1))

    def publish(_: int) -> str:
        with app.app_context():
            return publish_auction(plan, now, lambda auction: engine.open(terms_of(auction))).alias_salt

    with ThreadPoolExecutor(4) as pool:
        salts = set(pool.map(publish, range(4)))
    assert len(salts) == 1 and salts.pop().startswith("c:")


def test_a_person_has_one_alias_in_all_auctions_of_a_concert_and_another_elsewhere(
    app: Flask, browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    engine, alice = current_engine(), sign_in(browser(), "alice")
    now = to_moment(engine.clock())
    concerts = [add_concert().id, add_concert().id]
    shown = []
    for concert_id in (*concerts, *concerts):
        plan = Plan(concert_id, 2, 100_000, 5_000, now, now + timedelta(hours=1))
        auction: Auction = publish_auction(plan, now, lambda row: engine.open(terms_of(row)))
        db.session.remove()
        assert send(alice, auction.id, 100_000).status_code == 201
        board = browser().get(f"/auctions/{auction.id}/board").get_data(as_text=True)
        shown.append(re.findall(r'data-alias="(\w{6})"', board))
    assert shown[0] == shown[2] and shown[1] == shown[3]
    assert len(shown[0]) == 1 and shown[0] != shown[1]
