"""Whom an offer passed over, and why: as it was at that moment, whatever has changed since."""

import pytest
from flask import Flask

from cashticket.ledger.passed_over import LOOKED_AT_MAX, PassedOver, Why, passed_over
from cashticket.settlement import awards, leaving
from tests.staging.rows import END, HOUR, add_concert, add_people, change_person
from tests.staging.settlement import add_ended_auction, add_settled_auction, award_of, settled


@pytest.fixture
def people(app: Flask) -> list[int]:
    """Alice, bob, carol, mallory and four others."""
    return add_people(8)


def falling(people: list[int]) -> list[tuple[int, int]]:
    """One bid each, every next person 10 000 won lower."""
    return [(person, 400_000 - 10_000 * place) for place, person in enumerate(people)]


def decline(auction: int, person: int, hours: int = 3) -> None:
    awards.decline(award_of(auction, person).id, person, END + hours * HOUR)


def by(auction: int, person: int) -> list[PassedOver]:
    """Whom the award of this person passed over."""
    return passed_over(award_of(auction, person))


def test_whoever_had_left_the_line_is_passed_over_for_that(people: list[int]) -> None:
    auction = add_settled_auction(falling(people[:4]), seats=1)
    leaving.leave(auction, people[1], END + HOUR)
    decline(auction, people[0])
    assert by(auction, people[2]) == [PassedOver(2, people[1], Why.LEFT)]


def test_whoever_left_after_an_offer_to_somebody_behind_had_another_reason(people: list[int]) -> None:
    auction = add_settled_auction(falling(people[:4]), seats=1)
    change_person(people[1], blocked_at=END)
    decline(auction, people[0])
    change_person(people[1], blocked_at=None)
    leaving.leave(auction, people[1], END + 4 * HOUR)
    assert by(auction, people[2]) == [PassedOver(2, people[1], Why.ACCOUNT)]


def test_a_block_that_was_lifted_since_is_still_the_reason(people: list[int]) -> None:
    auction = add_settled_auction(falling(people[:4]), seats=1)
    change_person(people[1], blocked_at=END)
    decline(auction, people[0])
    change_person(people[1], blocked_at=None)
    assert by(auction, people[2]) == [PassedOver(2, people[1], Why.ACCOUNT)]


def test_a_ticket_that_was_given_back_since_is_still_the_reason(people: list[int]) -> None:
    alice, bob, carol, *_ = people
    concert = add_concert()
    first = add_ended_auction([(bob, 120_000)], concert=concert, seats=1)
    bids = [(alice, 150_000), (bob, 140_000), (carol, 130_000)]
    second = add_ended_auction(bids, concert=concert, seats=1, ends_at=END + HOUR)
    settled(first, [(bob, 120_000)])
    settled(second, bids, END + HOUR)
    decline(second, alice)
    decline(first, bob, hours=4)
    assert by(second, carol) == [PassedOver(2, bob, Why.HOLDS_TICKET)]


def test_a_ticket_that_was_bought_before_is_the_reason(people: list[int]) -> None:
    alice, bob, carol, *_ = people
    concert = add_concert()
    first = add_settled_auction([(bob, 120_000)], concert=concert, seats=1)
    awards.buy(award_of(first, bob).id, bob, END)
    bids = [(alice, 150_000), (bob, 140_000), (carol, 130_000)]
    second = add_settled_auction(bids, concert=concert, seats=1, ends_at=END + HOUR)
    decline(second, alice)
    assert by(second, carol) == [PassedOver(2, bob, Why.HOLDS_TICKET)]


def test_winners_pass_over_whom_settlement_passed_over(people: list[int]) -> None:
    change_person(people[1], blocked_at=END)
    auction = add_settled_auction(falling(people[:4]), seats=2)
    assert by(auction, people[0]) == []
    assert by(auction, people[2]) == [PassedOver(2, people[1], Why.ACCOUNT)]


def test_whoever_got_an_award_before_was_not_passed_over(people: list[int]) -> None:
    auction = add_settled_auction(falling(people[:4]), seats=1)
    for person in people[:3]:
        decline(auction, person)
        assert by(auction, person) == []


def test_however_many_were_passed_over_the_nearest_are_told(app: Flask) -> None:
    auction = add_settled_auction(falling(crowd := add_people(LOOKED_AT_MAX + 5)), seats=1)
    for person in crowd[1:-1]:
        leaving.leave(auction, person, END + HOUR)
    decline(auction, crowd[0])
    told = by(auction, crowd[-1])
    assert [each.person_id for each in told] == crowd[-1 - LOOKED_AT_MAX : -1]
    assert {each.why for each in told} == {Why.LEFT}
