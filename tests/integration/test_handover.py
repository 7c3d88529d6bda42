"""Hand-over: the line, who is passed over, when a seat stays unsold, and every seat's lineage."""

import pytest
from flask import Flask

from cashticket.settlement import awards
from cashticket.settlement.handover import offer_freed
from tests.staging.rows import DAY, END, HOUR, add_concert, add_people, change_person
from tests.staging.settlement import add_ended_auction, award_of, awards_of, holders, position, settled


@pytest.fixture
def people(app: Flask) -> list[int]:
    return add_people(6)


def falling(people: list[int]) -> list[tuple[int, int]]:
    """One bid each, every next person 10 000 won lower."""
    return [(person, 190_000 - 10_000 * place) for place, person in enumerate(people)]


def leave(auction: int, person: int) -> None:
    awards.decline(award_of(auction, person).id, person, END + HOUR)


def block(person: int, *, blocked: bool = True) -> None:
    values = {"blocked_at": END if blocked else None}
    change_person(person, **values)


def test_a_seat_wanders_down_the_line_until_it_is_empty(people: list[int]) -> None:
    auction = add_ended_auction(falling(people), seats=1)
    settled(auction, falling(people))
    for person in people:
        assert holders(auction) == {1: person}
        leave(auction, person)
    assert holders(auction) == {}
    lineage = [award.id for award in awards_of(auction)]
    assert [award.previous_id for award in awards_of(auction)] == [None, *lineage[:-1]]
    assert [award.price for award in awards_of(auction)] == [amount for _, amount in falling(people)]


def test_positions_in_line_move_up_as_seats_are_offered(people: list[int]) -> None:
    auction = add_ended_auction(falling(people), seats=2)
    settled(auction, falling(people))
    assert [position(auction, person) for person in people] == [None, None, 1, 2, 3, 4]
    leave(auction, people[1])
    assert [position(auction, person) for person in people] == [None, None, None, 1, 2, 3]


def test_there_is_no_line_before_settlement(people: list[int]) -> None:
    auction = add_ended_auction(falling(people), seats=2)
    assert position(auction, people[3]) is None


def test_under_uniform_pricing_a_handed_over_seat_costs_the_own_bid(people: list[int]) -> None:
    auction = add_ended_auction(falling(people), seats=2, pricing="uniform")
    settled(auction, falling(people))
    leave(auction, people[0])
    assert [award.price for award in awards_of(auction)] == [180_000, 180_000, 170_000]


def test_an_offer_ends_before_the_cancellation_deadline(people: list[int]) -> None:
    auction = add_ended_auction(falling(people), concert=add_concert(cancel_until=END + 5 * HOUR))
    settled(auction, falling(people))
    leave(auction, people[0])
    assert award_of(auction, people[2]).expires_at == END + 5 * HOUR


def test_no_time_left_leaves_the_seat_unsold(people: list[int]) -> None:
    auction = add_ended_auction(falling(people), concert=add_concert(cancel_until=END + 5 * HOUR))
    settled(auction, falling(people))
    assert awards.lapse_all_expired(END + 5 * HOUR) == [auction]
    assert holders(auction) == {} and len(awards_of(auction)) == 2
    assert offer_freed(auction, END + 5 * HOUR) == []


def test_whoever_is_blocked_when_a_seat_is_freed_is_passed_over(people: list[int]) -> None:
    auction = add_ended_auction(falling(people), seats=1)
    settled(auction, falling(people))
    block(people[1])
    leave(auction, people[0])
    assert holders(auction) == {1: people[2]}


def test_whoever_was_passed_over_returns_to_the_line_when_unblocked(people: list[int]) -> None:
    block(people[1])
    auction = add_ended_auction(falling(people), seats=1)
    settled(auction, falling(people))
    assert position(auction, people[1]) is None
    block(people[1], blocked=False)
    assert position(auction, people[1]) == 1
    leave(auction, people[0])
    assert holders(auction) == {1: people[1]}


def test_the_holder_of_a_ticket_from_another_auction_of_the_concert_is_passed_over(people: list[int]) -> None:
    alice, bob, carol, *_ = people
    concert = add_concert()
    bids = [(alice, 150_000), (bob, 140_000), (carol, 130_000)]
    first = add_ended_auction([(bob, 120_000)], concert=concert, seats=1)
    second = add_ended_auction(bids, concert=concert, seats=1, ends_at=END + HOUR)
    settled(first, [(bob, 120_000)])
    settled(second, bids, END + HOUR)
    awards.decline(award_of(second, alice).id, alice, END + 2 * HOUR)
    assert (holders(first), holders(second)) == ({1: bob}, {1: carol})


def test_a_seat_nobody_won_is_not_handed_over(people: list[int]) -> None:
    block(people[2])
    bids = falling(people[:3])
    auction = add_ended_auction(bids, seats=3)
    settled(auction, bids)
    block(people[2], blocked=False)
    assert offer_freed(auction, END + HOUR) == []
    assert holders(auction) == {1: people[0], 2: people[1]}


def test_offering_again_changes_nothing(people: list[int]) -> None:
    auction = add_ended_auction(falling(people))
    settled(auction, falling(people))
    leave(auction, people[0])
    before = holders(auction)
    assert offer_freed(auction, END + 2 * HOUR) == [] and offer_freed(4711, END + DAY) == []
    assert holders(auction) == before


def test_what_time_has_done_is_done_before_a_seat_is_handed_over(people: list[int]) -> None:
    """Bob let his offer in the first auction run out; nobody looked yet when alice gives up her seat in the second."""
    alice, bob, carol, mallory, *_ = people
    concert = add_concert()
    bids = [(alice, 150_000), (bob, 140_000), (mallory, 130_000)]
    first = add_ended_auction([(bob, 120_000), (carol, 110_000)], concert=concert, seats=1)
    second = add_ended_auction(bids, concert=concert, seats=1, ends_at=END + HOUR)
    settled(first, [(bob, 120_000), (carol, 110_000)])
    settled(second, bids, END + HOUR)
    awards.decline(award_of(second, alice).id, alice, END + 24 * HOUR)
    assert (holders(first), holders(second)) == ({1: carol}, {1: bob})


def test_who_let_a_seat_lapse_may_win_in_an_auction_settled_later(people: list[int]) -> None:
    alice = people[0]
    concert, bids = add_concert(), [(alice, 150_000)]
    first = add_ended_auction(bids, concert=concert, seats=1)
    second = add_ended_auction(bids, concert=concert, seats=1, ends_at=END + DAY)
    settled(first, bids)
    settled(second, bids, END + DAY)
    assert (holders(first), holders(second)) == ({}, {1: alice})
