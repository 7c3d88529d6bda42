"""Leaving the line: for good, by somebody who waits in it; whoever was behind moves up."""

import pytest
from flask import Flask
from sqlalchemy import select

from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.models import Auction, FinalRank, Notification
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards
from cashticket.settlement.handover import offer_freed
from cashticket.settlement.leaving import Leaving, UnknownLine, leave
from cashticket.settlement.line import first_untrue_rank
from cashticket.settlement.outcomes import Outcome, outcome_of
from tests.staging.rows import END, HOUR, add_concert, add_people, change_person
from tests.staging.settlement import (
    add_ended_auction,
    add_settled_auction,
    award_of,
    awards_of,
    holders,
    position,
    settled,
    tell_everybody,
)

AMOUNTS = (150_000, 140_000, 130_000, 120_000, 110_000)
LATER = END + HOUR


@pytest.fixture
def people(app: Flask) -> list[int]:
    """Alice, bob, carol, mallory and one more."""
    return add_people(5)


@pytest.fixture
def auction(people: list[int]) -> int:
    """Two seats: alice and bob won them; carol, mallory and one more wait."""
    return add_settled_auction(list(zip(people, AMOUNTS, strict=True)))


def positions(auction: int, people: list[int]) -> list[int | None]:
    return [position(auction, person) for person in people]


def own(auction: int, person: int) -> Outcome:
    db.session.rollback()
    return outcome_of(db.session.get_one(Auction, auction), person, LATER)


def test_whoever_leaves_is_skipped_and_everybody_behind_moves_up(auction: int, people: list[int]) -> None:
    alice, bob, carol, mallory, last = people
    assert positions(auction, people) == [None, None, 1, 2, 3]
    assert leave(auction, carol, LATER) == Leaving(LATER)
    assert positions(auction, people) == [None, None, None, 1, 2]
    assert own(auction, carol) == Outcome("left", 3, left_at=LATER)
    assert own(auction, mallory).position == 1
    awards.decline(award_of(auction, alice).id, alice, LATER)
    assert holders(auction) == {1: mallory, 2: bob}
    assert own(auction, last).position == 1


def test_a_freed_seat_stays_unsold_when_everybody_has_left(auction: int, people: list[int]) -> None:
    for person in people[2:]:
        leave(auction, person, LATER)
    awards.decline(award_of(auction, people[0]).id, people[0], LATER)
    assert holders(auction) == {2: people[1]} and offer_freed(auction, LATER) == []


def test_leaving_twice_changes_nothing(auction: int, people: list[int]) -> None:
    leave(auction, people[2], LATER)
    assert leave(auction, people[2], LATER + HOUR) == Leaving(LATER)
    assert own(auction, people[2]).left_at == LATER and positions(auction, people[3:]) == [1, 2]


@pytest.mark.parametrize("unblocked", [True, False])
def test_nobody_comes_back_by_a_change_of_the_account(auction: int, people: list[int], unblocked: bool) -> None:
    carol = people[2]
    leave(auction, carol, LATER)
    change_person(carol, blocked_at=END)
    if unblocked:
        change_person(carol, blocked_at=None)
    assert position(auction, carol) is None and own(auction, carol).kind == "left"
    assert first_untrue_rank(db.session(), auction) is None


def test_whoever_may_buy_or_has_bought_or_had_a_seat_cannot_leave(auction: int, people: list[int]) -> None:
    alice, bob, *_ = people
    awards.buy(award_of(auction, bob).id, bob, LATER)
    assert [leave(auction, person, LATER).refused for person in (alice, bob)] == ["offered", "bought"]
    awards.decline(award_of(auction, alice).id, alice, LATER)
    assert leave(auction, alice, LATER).refused == "had_one"
    assert leave(auction, people[2], LATER).refused == "offered", "she was next in line and declines instead"
    assert holders(auction) == {1: people[2], 2: bob}
    stored = db.session.scalars(select(FinalRank.left_at).where(FinalRank.left_at.is_not(None))).all()
    assert stored == []


def test_whoever_is_passed_over_or_did_not_bid_is_in_no_line(auction: int, people: list[int]) -> None:
    (stranger,) = add_people(1)
    change_person(people[2], blocked_at=END)
    assert [leave(auction, person, LATER).refused for person in (people[2], stranger)] == ["not_waiting"] * 2


def test_there_is_no_line_before_the_settlement_and_none_of_a_voided_auction(people: list[int]) -> None:
    bids = list(zip(people, AMOUNTS, strict=True))
    auction = add_ended_auction(bids)
    assert leave(auction, people[2], LATER).refused == "not_settled"
    settled(auction, bids)
    in_one_unit(lambda session: setattr(session.get_one(Auction, auction), "state", "voided"))
    assert leave(auction, people[2], LATER).refused == "voided"
    with pytest.raises(UnknownLine):
        leave(4711, people[2], LATER)


def test_an_offer_that_expired_before_goes_to_whoever_was_next_then(auction: int, people: list[int]) -> None:
    """Carol was first in line when alice and bob let their offers lapse: she leaves too late."""
    _, _, carol, mallory, last = people
    expired = award_of(auction, people[0]).expires_at
    assert leave(auction, carol, expired) == Leaving(refused="offered", handed_over=True)
    assert holders(auction) == {1: carol, 2: mallory}
    assert leave(auction, last, expired) == Leaving(expired)


def test_one_line_is_left_and_no_other(people: list[int]) -> None:
    concert = add_concert()
    bids = list(zip(people[1:], AMOUNTS[1:], strict=True))
    first, second = (add_settled_auction(bids, concert=concert, seats=1, ends_at=END + n * HOUR) for n in (0, 1))
    assert positions(second, people[1:]) == [None, None, 1, 2]
    leave(first, people[3], END + 2 * HOUR)
    assert (position(first, people[3]), position(second, people[3])) == (None, 1)


def test_whoever_left_before_the_news_came_is_told_nothing_more(auction: int, people: list[int]) -> None:
    leave(auction, people[2], LATER)
    tell_everybody(auction, LATER)
    told = select(Notification.person_id, Notification.kind, Notification.facts).order_by(Notification.person_id)
    rows = [(person, kind, facts.get("position")) for person, kind, facts in db.session.execute(told)]
    won = [(person, NoticeKind.WON, None) for person in people[:2]]
    left = (people[2], NoticeKind.LEFT, None)
    assert rows == [*won, left, (people[3], NoticeKind.NOT_WON, 1), (people[4], NoticeKind.NOT_WON, 2)]


def test_somebody_who_left_may_bid_and_win_elsewhere(auction: int, people: list[int]) -> None:
    leave(auction, people[2], LATER)
    other = add_settled_auction([(people[2], 100_000)])
    assert holders(other) == {1: people[2]} and len(awards_of(auction)) == 2
