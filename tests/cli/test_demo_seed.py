"""The demo's data: a repeat adds nothing, one evening follows the other, and robots bid in demo auctions only."""

from datetime import timedelta

import pytest
from flask import Flask

from cashticket.accounts import people
from cashticket.catalogue.plans import Plan
from cashticket.cli.demo import bidders, running_auction
from cashticket.ledger import queries
from cashticket.models import Person
from cashticket.wiring import current_engine
from cashticket.work.publishing import publish, store_now
from tests.staging.rows import DAY, add_concert


@pytest.fixture(autouse=True)
def few_robots(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing forty passwords for every test would only take time."""
    monkeypatch.setattr(bidders, "ROBOT_COUNT", 2)


def test_a_repeat_adds_nothing(app: Flask) -> None:
    first = running_auction.seed()
    assert (first["people_added"], first["auction_added"]) == (4, True)
    assert running_auction.seed() == {"auction": first["auction"], "people_added": 0, "auction_added": False}


def test_the_auction_runs_on_believable_terms(app: Flask) -> None:
    auction = queries.auction(running_auction.seed()["auction"])
    assert auction is not None
    assert (auction.seats, auction.minimum, auction.step, auction.soft_close_seconds) == (20, 100_000, 5_000, 120)
    assert timedelta(minutes=29) < auction.ends_at - store_now(current_engine()) <= timedelta(minutes=30)
    assert auction.concert.starts_at - store_now(current_engine()) > 30 * DAY


def test_everybody_named_may_bid_and_sign_in(app: Flask) -> None:
    running_auction.seed()
    for email, _ in bidders.GUESTS:
        person = people.authenticate(email, bidders.PASSWORD)
        assert isinstance(person, Person)
        assert person.permission == "ok"


def test_an_evening_that_ends_is_followed_by_the_next(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running_auction, "DURATION", timedelta(seconds=90))
    first = running_auction.seed()
    monkeypatch.setattr(running_auction, "DURATION", timedelta(minutes=30))
    second = running_auction.seed()
    assert second["auction_added"]
    one, other = queries.auction(first["auction"]), queries.auction(second["auction"])
    assert one is not None
    assert other is not None
    # One person may hold one ticket of a concert; the robots that won must be able to win again.
    assert one.concert_id != other.concert_id
    assert running_auction.seed()["auction"] == second["auction"]


def test_robots_leave_the_auctions_of_people_alone(app: Flask) -> None:
    demo = queries.auction(running_auction.seed()["auction"])
    now = store_now(current_engine())
    plan = Plan(add_concert().id, 2, 50_000, 1_000, opens_at=now, closes_at=now + timedelta(hours=1))
    own = queries.auction(publish(current_engine(), plan, now).id)
    assert demo is not None
    assert own is not None
    assert [running_auction.is_demo_auction(auction) for auction in (demo, own)] == [True, False]
