"""Seat histories: each right to each seat in order, how it was got and lost, whom the seat passed over, and unsold."""

from datetime import datetime

import pytest
from flask import Flask

from cashticket.auction.aliases import alias
from cashticket.auction.values import AwardState
from cashticket.extensions import db
from cashticket.ledger import seat_histories
from cashticket.ledger.seat_histories import Right, SeatHistory, Unsold
from cashticket.models import Auction
from cashticket.settlement import awards, line_pauses
from cashticket.settlement.handover import offer_freed
from cashticket.settlement.revoking import revoke
from cashticket.settlement.voiding import void
from tests.staging.final_ranks import add_results, person_of
from tests.staging.rows import DAY, END, HOUR, add_concert, add_people, change_person
from tests.staging.settlement import add_ended_auction, add_settled_auction, award_of, awards_of, settled


@pytest.fixture
def people(app: Flask) -> list[int]:
    return add_people(8)


def falling(people: list[int]) -> list[tuple[int, int]]:
    """One bid each, every next person 10 000 won lower."""
    return [(person, 190_000 - 10_000 * place) for place, person in enumerate(people)]


def history(auction: int, number: int = 1) -> list[SeatHistory]:
    db.session.rollback()
    return seat_histories.page(db.session.get_one(Auction, auction), number)


def of_seat(auction: int, seat: int) -> list[Right]:
    """The rights to one of the first fifty seats."""
    return list(history(auction)[seat - 1].rights)


def passed_over(auction: int) -> dict[int, tuple[str, ...]]:
    """By final rank of whoever got a right: whom the seat passed over."""
    return {right.rank: right.passed_over for seat in history(auction) for right in seat.rights if right.passed_over}


def called(auction: int, people: list[int]) -> tuple[str, ...]:
    salt = db.session.get_one(Auction, auction).alias_salt
    return tuple(alias(salt, auction, person) for person in people)


def buy(auction: int, person: int, at: datetime) -> None:
    awards.buy(award_of(auction, person).id, person, at)


def decline(auction: int, person: int, at: datetime = END + HOUR) -> None:
    awards.decline(award_of(auction, person).id, person, at)


def block(person: int, *, blocked: bool = True) -> None:
    change_person(person, blocked_at=END if blocked else None)


def test_a_seat_tells_each_right_to_it_in_order_and_how_it_ended(people: list[int]) -> None:
    """Won, bought and cancelled; declined; not bought in time; bought and revoked; bought."""
    auction = add_settled_auction(falling(people[:5]), seats=1, offer_hours=2)
    hours = [END + number * HOUR for number in range(10)]
    buy(auction, people[0], hours[1])
    awards.cancel(award_of(auction, people[0]).id, people[0], hours[2])
    decline(auction, people[1], hours[3])
    awards.lapse_all_expired(lapsed_at := END + 2 * DAY)
    buy(auction, people[3], lapsed_at + HOUR)
    revoke(award_of(auction, people[3]).id, "a stolen card", "olga", lapsed_at + 2 * HOUR)
    buy(auction, people[4], lapsed_at + 3 * HOUR)
    [seat] = history(auction)
    assert (seat.number, seat.label, seat.unsold) == (1, "VIP-1", None)
    assert tuple(right.alias for right in seat.rights) == called(auction, people[:5])
    assert [(right.rank, right.handed_over, right.state, right.is_held) for right in seat.rights] == [
        (1, False, "cancelled", False),
        (2, True, "declined", False),
        (3, True, "lapsed", False),
        (4, True, "revoked", False),
        (5, True, "bought", True),
    ]
    expired = award_of(auction, people[2]).expires_at
    assert hours[3] < expired < lapsed_at
    assert [(right.since, right.until, right.bought_at) for right in seat.rights] == [
        (END, hours[2], hours[1]),
        (hours[2], hours[3], None),
        (hours[3], expired, None),
        (lapsed_at, lapsed_at + 2 * HOUR, lapsed_at + HOUR),
        (lapsed_at + 2 * HOUR, None, lapsed_at + 3 * HOUR),
    ]


def test_whoever_may_still_buy_holds_the_seat(people: list[int]) -> None:
    auction = add_settled_auction(falling(people[:2]), seats=1)
    [right] = of_seat(auction, 1)
    assert (right.state, right.is_held, right.until) == (AwardState.OFFERED, True, None)
    assert right.expires_at == award_of(auction, people[0]).expires_at and right.passed_over == ()


def test_seats_keep_their_order_and_their_own_rights(people: list[int]) -> None:
    auction = add_settled_auction(falling(people[:5]), seats=3)
    decline(auction, people[1])
    decline(auction, people[0])
    assert [[right.rank for right in seat.rights] for seat in history(auction)] == [[1, 5], [2, 4], [3]]
    assert [seat.number for seat in history(auction)] == [1, 2, 3]


def test_an_unsold_seat_says_why(people: list[int]) -> None:
    concert = add_concert()
    auction = add_settled_auction(falling(people[:3]), seats=2, concert=concert)
    short = add_settled_auction([(people[3], 150_000)], seats=2)
    assert [seat.unsold for seat in history(short)] == [None, Unsold.NOBODY_WON]
    decline(auction, people[0])
    decline(auction, people[2])
    assert [seat.unsold for seat in history(auction)] == [Unsold.LINE_EMPTY, None]
    awards.lapse_all_expired(concert.cancel_until)
    assert [seat.unsold for seat in history(auction)] == [Unsold.LINE_EMPTY, Unsold.DEADLINE]


def test_a_seat_that_was_freed_while_the_line_is_paused_is_not_called_unsold(people: list[int]) -> None:
    auction = add_settled_auction(falling(people[:4]), seats=2)
    line_pauses.pause(auction, "a ring is looked into", "olga", END + HOUR)
    decline(auction, people[0])
    assert [seat.unsold for seat in history(auction)] == [Unsold.NOT_OFFERED, None]
    void(auction, "it was a ring", "olga", END + 2 * HOUR)
    assert [seat.unsold for seat in history(auction)] == [Unsold.NOT_OFFERED, None]


def test_a_paused_line_that_goes_on_leaves_nothing_unsold_while_somebody_waits(people: list[int]) -> None:
    auction = add_settled_auction(falling(people[:3]), seats=2)
    line_pauses.pause(auction, "a ring is looked into", "olga", END + HOUR)
    decline(auction, people[1])
    decline(auction, people[0])
    assert [seat.unsold for seat in history(auction)] == [Unsold.NOT_OFFERED, Unsold.NOT_OFFERED]
    line_pauses.resume(auction, "it was none", "olga", END + 2 * HOUR)
    assert [seat.unsold for seat in history(auction)] == [None, Unsold.LINE_EMPTY]


def test_a_line_that_was_paused_when_the_deadline_came_was_offered_nothing_though_it_goes_on_later(
    people: list[int],
) -> None:
    concert = add_concert(cancel_until=END + 3 * HOUR)
    auction = add_settled_auction(falling(people[:4]), seats=2, concert=concert)
    line_pauses.pause(auction, "a ring is looked into", "olga", END + HOUR)
    decline(auction, people[0], END + 2 * HOUR)
    line_pauses.resume(auction, "it was none", "olga", END + 4 * HOUR)
    assert history(auction)[0].unsold is Unsold.NOT_OFFERED
    line_pauses.pause(auction, "it was one after all", "olga", END + 5 * HOUR)
    assert history(auction)[0].unsold is Unsold.NOT_OFFERED


def test_a_seat_that_nobody_waited_for_before_a_pause_was_not_held_back_by_it(people: list[int]) -> None:
    auction = add_settled_auction(falling(people[:2]), seats=2, concert=add_concert(cancel_until=END + 5 * HOUR))
    decline(auction, people[0], END + HOUR)
    line_pauses.pause(auction, "a ring is looked into", "olga", END + 2 * HOUR)
    assert history(auction)[0].unsold is Unsold.LINE_EMPTY
    line_pauses.resume(auction, "it was none", "olga", END + 6 * HOUR)
    assert history(auction)[0].unsold is Unsold.LINE_EMPTY


def test_a_voided_auction_tells_who_held_its_seats_until_then(people: list[int]) -> None:
    auction = add_settled_auction(falling(people[:4]), seats=3)
    buy(auction, people[0], END + HOUR)
    decline(auction, people[1])
    decline(auction, people[3])
    void(auction, "the hall burned down", "olga", END + 2 * HOUR)
    first, second, third = history(auction)
    [right] = first.rights
    assert (right.state, right.until, right.bought_at, right.is_held) == ("voided", END + 2 * HOUR, END + HOUR, False)
    assert [right.state for right in third.rights] == ["voided"]
    assert [seat.unsold for seat in (first, second, third)] == [None, Unsold.LINE_EMPTY, None]
    assert seat_histories.were_awarded(db.session.get_one(Auction, auction))


def test_no_seat_was_awarded_where_the_auction_was_voided_before(people: list[int]) -> None:
    auction = add_ended_auction(falling(people[:4]), seats=60)
    void(auction, "the hall burned down", "olga", END)
    row = db.session.get_one(Auction, auction)
    assert not seat_histories.were_awarded(row) and seat_histories.page_count(row) == 1


def test_whoever_settlement_passed_over_is_named_at_the_seat_that_went_on(people: list[int]) -> None:
    for person in (people[1], people[2]):
        block(person)
    auction = add_ended_auction(falling(people), seats=3)
    settled(auction, falling(people))
    assert passed_over(auction) == {4: called(auction, people[1:3])}
    assert [seat.rights[0].rank for seat in history(auction)] == [1, 4, 5]


def test_at_most_three_are_named_and_the_others_are_hinted_at(people: list[int]) -> None:
    for person in people[:4]:
        block(person)
    auction = add_ended_auction(falling(people), seats=1)
    settled(auction, falling(people))
    [right] = of_seat(auction, 1)
    assert (right.passed_over, right.and_others) == (called(auction, people[1:4]), True)
    decline(auction, people[4])
    assert of_seat(auction, 1)[1].passed_over == ()


def test_whoever_a_hand_over_passed_over_is_named_once(people: list[int]) -> None:
    auction = add_settled_auction(falling(people), seats=2)
    block(people[2])
    decline(auction, people[0])
    decline(auction, people[1])
    assert [[right.rank for right in seat.rights] for seat in history(auction)] == [[1, 4], [2, 5]]
    assert passed_over(auction) == {4: called(auction, [people[2]])}


def test_whoever_was_passed_over_and_offered_a_seat_later_was_passed_over_all_the_same(people: list[int]) -> None:
    auction = add_settled_auction(falling(people), seats=2)
    block(people[2])
    decline(auction, people[0])
    block(people[2], blocked=False)
    decline(auction, people[1])
    assert [[right.rank for right in seat.rights] for seat in history(auction)] == [[1, 4], [2, 3]]
    assert passed_over(auction) == {4: called(auction, [people[2]])}
    block(people[4])
    decline(auction, people[3])
    assert [[right.rank for right in seat.rights] for seat in history(auction)] == [[1, 4, 6], [2, 3]]
    assert passed_over(auction) == {4: called(auction, [people[2]]), 6: called(auction, [people[4]])}


def test_seats_that_are_free_at_once_pass_nobody_over(people: list[int]) -> None:
    auction = add_settled_auction(falling(people[:6]), seats=3)
    awards.lapse_all_expired(END + 2 * DAY)
    assert [[right.rank for right in seat.rights] for seat in history(auction)] == [[1, 4], [2, 5], [3, 6]]
    assert passed_over(auction) == {}


def test_a_later_hand_over_of_an_unsold_seat_goes_on_with_its_history(people: list[int]) -> None:
    block(people[1])
    auction = add_settled_auction(falling(people[:2]), seats=1)
    decline(auction, people[0])
    assert history(auction)[0].unsold is Unsold.LINE_EMPTY
    block(people[1], blocked=False)
    offer_freed(auction, END + 2 * HOUR)
    assert history(auction)[0].unsold is None and [right.rank for right in of_seat(auction, 1)] == [1, 2]


def test_every_seat_is_on_exactly_one_page_and_pages_meet_without_a_gap(app: Flask) -> None:
    auction = add_results(130, seats=120)
    pages = [history(auction, number) for number in (1, 2, 3)]
    assert [seat.number for each in pages for seat in each] == list(range(1, 121))
    assert [len(each) for each in pages] == [50, 50, 20] and history(auction, 4) == []
    assert seat_histories.page_count(db.session.get_one(Auction, auction)) == 3
    # Rank 50, directly before the first seat of the second page, holds a seat of the first one.
    [right] = pages[1][0].rights
    assert (right.rank, right.passed_over) == (51, ())
    assert right.alias == called(auction, [person_of(auction, 51)])[0]


def test_rights_and_ranks_of_other_auctions_are_not_shown(people: list[int]) -> None:
    concert = add_concert()
    auction = add_ended_auction(falling(people[:3]), seats=1, concert=concert)
    other = add_settled_auction([(people[0], 150_000)], seats=1, concert=concert, ends_at=END - HOUR)
    settled(auction, falling(people[:3]))
    later = add_settled_auction([(people[5], 150_000)], seats=1)
    assert [award.person_id for each in (other, later) for award in awards_of(each)] == [people[0], people[5]]
    assert [(right.rank, right.passed_over) for right in of_seat(auction, 1)] == [(2, called(auction, [people[0]]))]
