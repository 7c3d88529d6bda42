"""Who comes back into a line, because a right to a seat of another auction ended, is offered a seat that stayed unsold
there."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from cashticket.extensions import db
from cashticket.models import Award, Concert, Notification
from cashticket.settlement import awards, cancelling, leaving, line_pauses, voiding
from cashticket.settlement.revoking import revoke
from tests.staging.rows import END, HOUR, add_concert, add_people
from tests.staging.settlement import add_ended_auction, add_settled_auction, award_of, holders, position, settled

LATER = END + 3 * HOUR

Way = Callable[[int, int, datetime], object]


@pytest.fixture
def people(app: Flask) -> list[int]:
    """Alice, bob, carol and mallory."""
    return add_people(4)


@pytest.fixture
def concert(app: Flask) -> Concert:
    return add_concert()


@pytest.fixture
def first(people: list[int], concert: Concert) -> int:
    """An auction of one seat, which bob may buy."""
    return add_settled_auction([(people[1], 120_000)], concert=concert, seats=1)


@pytest.fixture
def second(people: list[int], concert: Concert, first: int) -> int:
    """A later one of the same concert: its seat stayed unsold, as nobody but bob stood behind alice."""
    bids = [(people[0], 150_000), (people[1], 140_000)]
    auction = add_ended_auction(bids, concert=concert, seats=1, ends_at=END + HOUR)
    settled(auction, bids, END + HOUR)
    decline(auction, people[0], END + 2 * HOUR)
    assert holders(auction) == {} and position(auction, people[1]) is None
    return auction


def decline(auction: int, person: int, at: datetime = LATER) -> None:
    awards.decline(award_of(auction, person).id, person, at)


def cancel(auction: int, person: int, at: datetime) -> None:
    award = award_of(auction, person).id
    awards.buy(award, person, at)
    awards.cancel(award, person, at)


def lapse(auction: int, person: int, at: datetime) -> None:
    awards.lapse_all_expired(award_of(auction, person).expires_at)


def take_back(auction: int, person: int, at: datetime) -> None:
    done = revoke(award_of(auction, person).id, "a stolen card", "olga", at)
    [award] = db.session.scalars(select(Award.id).where(Award.person_id == person, Award.live == 1))
    assert done.offered == (award,)


def void(auction: int, person: int, at: datetime) -> None:
    voiding.void(auction, "fraud", "olga", at)


@pytest.mark.parametrize("way", [decline, cancel, lapse, take_back, void])
def test_a_seat_that_stayed_unsold_is_offered_to_whoever_is_back_in_its_line(
    way: Way, first: int, second: int, people: list[int]
) -> None:
    way(first, people[1], LATER)
    assert holders(first) == {} and holders(second) == {1: people[1]}
    told = select(Notification.kind).where(Notification.auction_id == second, Notification.person_id == people[1])
    assert db.session.scalars(told.order_by(Notification.id)).all()[-1] == "offered"


def test_it_waits_while_the_line_is_paused(first: int, second: int, people: list[int]) -> None:
    line_pauses.pause(second, "somebody asked", "olga", LATER)
    decline(first, people[1])
    assert holders(second) == {} and position(second, people[1]) == 1
    line_pauses.resume(second, "all is well", "olga", LATER)
    assert holders(second) == {1: people[1]}


def test_leaving_notices_that_the_time_of_another_seat_ran_out(first: int, second: int, people: list[int]) -> None:
    """Bob is offered the seat of the second auction in the unit in which he wants to leave its line."""
    done = leaving.leave(second, people[1], award_of(first, people[1]).expires_at)
    assert (done.refused, done.handed_over) == ("offered", True) and holders(second) == {1: people[1]}


def test_cancelling_the_concert_offers_nobody_a_seat(
    concert: Concert, first: int, second: int, people: list[int]
) -> None:
    cancelling.cancel(concert.id, "the singer is ill", "olga", LATER)
    assert holders(first) == holders(second) == {}
    assert len(db.session.scalars(select(Award.id)).all()) == 2


def test_a_seat_whose_time_ran_out_before_goes_to_whoever_was_in_line_then(people: list[int], concert: Concert) -> None:
    """Alice's time runs out, then bob cancels before a job has noticed: the first in line gets the seat that was free
    first."""
    bids = [(person, 150_000 - 10_000 * place) for place, person in enumerate(people)]
    auction = add_settled_auction(bids, concert=concert)
    awards.buy(award_of(auction, people[0]).id, people[0], END + HOUR)
    expired = award_of(auction, people[1]).expires_at
    awards.cancel(award_of(auction, people[0]).id, people[0], expired + timedelta(seconds=1))
    assert holders(auction) == {2: people[2], 1: people[3]}


def test_revoking_names_every_offer_of_its_unit(people: list[int], concert: Concert) -> None:
    bids = [(person, 150_000 - 10_000 * place) for place, person in enumerate(people)]
    auction = add_settled_auction(bids, concert=concert)
    awards.buy(award_of(auction, people[0]).id, people[0], END + HOUR)
    done = revoke(award_of(auction, people[0]).id, "x", "olga", award_of(auction, people[1]).expires_at)
    assert done.offered == tuple(award_of(auction, person).id for person in people[2:])
