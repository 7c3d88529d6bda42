"""A paused line: no freed seat is offered, and afterwards all of them at once."""

import pytest
from flask import Flask
from sqlalchemy import select

from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.models import Auction, Notification, OperatorAct
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards, line_pauses
from cashticket.settlement.handover import offer_freed
from cashticket.settlement.leaving import leave
from cashticket.settlement.line_pauses import LinePause, NoLine
from cashticket.settlement.outcomes import outcome_of
from cashticket.settlement.revoking import foresee
from tests.staging.rows import DAY, END, HOUR, add_concert, add_people
from tests.staging.settlement import add_ended_auction, add_settled_auction, award_of, awards_of, holders, position

AMOUNTS = (150_000, 140_000, 130_000, 120_000, 110_000)
LATER = END + HOUR
WHY = "a ring of bidders is looked into"


@pytest.fixture
def people(app: Flask) -> list[int]:
    """Alice, bob, carol, mallory and one more."""
    return add_people(5)


@pytest.fixture
def auction(people: list[int]) -> int:
    """Two seats: alice and bob won them; carol, mallory and one more wait."""
    return add_settled_auction(list(zip(people, AMOUNTS, strict=True)))


def decline(auction: int, person: int) -> None:
    awards.decline(award_of(auction, person).id, person, LATER)


def acts() -> list[tuple[str, str, str, str]]:
    db.session.rollback()
    return [(act.operator, act.act, act.subject, act.why) for act in db.session.scalars(select(OperatorAct))]


def offers_told() -> list[int]:
    rows = select(Notification.person_id).where(Notification.kind == NoticeKind.OFFERED).order_by(Notification.id)
    return list(db.session.scalars(rows))


def test_no_freed_seat_is_offered_until_the_line_goes_on_and_then_all_are(auction: int, people: list[int]) -> None:
    alice, bob, carol, mallory, last = people
    assert line_pauses.pause(auction, WHY, "olga", LATER) == LinePause(auction, LATER)
    decline(auction, bob)
    decline(auction, alice)
    assert holders(auction) == {} and offer_freed(auction, LATER) == [] and offers_told() == []
    assert outcome_of(db.session.get_one(Auction, auction), carol, LATER).paused
    done = line_pauses.resume(auction, "it was none", "olga", LATER + HOUR)
    assert holders(auction) == {1: carol, 2: mallory} and position(auction, last) == 1
    offers = [award_of(auction, person).id for person in (carol, mallory)]
    assert done == LinePause(auction, None, tuple(offers)) and offers_told() == [carol, mallory]
    assert not outcome_of(db.session.get_one(Auction, auction), last, LATER).paused


def test_both_acts_are_kept_with_who_and_why_and_a_repeat_changes_nothing(auction: int) -> None:
    line_pauses.pause(auction, WHY, "olga", LATER)
    assert line_pauses.pause(auction, "again", "otto", LATER + HOUR) == LinePause(auction, LATER, repeated=True)
    line_pauses.resume(auction, "it was none", "otto", LATER + HOUR)
    assert line_pauses.resume(auction, "again", "olga", LATER + HOUR) == LinePause(auction, None, repeated=True)
    subject = f"auction {auction}"
    assert acts() == [
        ("olga", "auction pause-line", subject, WHY),
        ("otto", "auction resume-line", subject, "it was none"),
    ]


def test_rights_to_buy_go_on_while_the_line_is_paused_and_may_run_out(auction: int, people: list[int]) -> None:
    alice, bob, carol, *_ = people
    line_pauses.pause(auction, WHY, "olga", LATER)
    awards.buy(award_of(auction, alice).id, alice, LATER)
    assert awards.lapse_all_expired(award_of(auction, bob).expires_at) == [auction]
    assert award_of(auction, bob).state == "lapsed" and holders(auction) == {1: alice}
    line_pauses.resume(auction, "it was none", "olga", END + 2 * DAY)
    assert holders(auction) == {1: alice, 2: carol}


def test_a_seat_whose_time_ran_out_before_the_pause_is_offered_yet(auction: int, people: list[int]) -> None:
    """Who gets a seat depends on when offers expired and not on when a job noticed."""
    expired = award_of(auction, people[0]).expires_at
    done = line_pauses.pause(auction, WHY, "olga", expired)
    assert holders(auction) == {1: people[2], 2: people[3]} and len(done.offered) == 2


def test_people_leave_a_paused_line_and_the_seat_goes_to_whoever_is_first_then(auction: int, people: list[int]) -> None:
    line_pauses.pause(auction, WHY, "olga", LATER)
    decline(auction, people[0])
    leave(auction, people[2], LATER)
    line_pauses.resume(auction, "it was none", "olga", LATER)
    assert holders(auction) == {1: people[3], 2: people[1]}


def test_revoking_foresees_that_nobody_is_offered_the_seat_now(auction: int, people: list[int]) -> None:
    alice = award_of(auction, people[0]).id
    assert foresee(alice, LATER).next_rank == 3
    line_pauses.pause(auction, WHY, "olga", LATER)
    db.session.rollback()
    assert foresee(alice, LATER).next_rank is None


def test_one_line_is_paused_and_no_other_of_the_concert(people: list[int]) -> None:
    concert = add_concert()
    first = add_settled_auction([(people[0], 150_000), (people[1], 140_000)], concert=concert, seats=1)
    bids = [(people[2], 150_000), (people[3], 140_000)]
    second = add_settled_auction(bids, concert=concert, seats=1, ends_at=END + HOUR)
    line_pauses.pause(first, WHY, "olga", END + 2 * HOUR)
    for auction, person in ((first, people[0]), (second, people[2])):
        awards.decline(award_of(auction, person).id, person, END + 2 * HOUR)
    assert (holders(first), holders(second)) == ({}, {1: people[3]})


def test_no_seat_is_offered_when_the_line_goes_on_after_the_deadline(people: list[int]) -> None:
    concert = add_concert(cancel_until=END + 5 * HOUR)
    auction = add_settled_auction(list(zip(people, AMOUNTS, strict=True)), concert=concert)
    line_pauses.pause(auction, WHY, "olga", LATER)
    decline(auction, people[0])
    assert line_pauses.resume(auction, "too late", "olga", END + 5 * HOUR).offered == ()
    assert holders(auction) == {} and len(awards_of(auction)) == 2


def test_only_a_settled_auction_has_a_line(auction: int, people: list[int]) -> None:
    running = add_ended_auction([(people[0], 150_000)])
    in_one_unit(lambda session: setattr(session.get_one(Auction, auction), "state", "voided"))
    for act in (line_pauses.pause, line_pauses.resume):
        for wrong, message in ((running, "is open"), (auction, "is voided"), (4711, "There is no auction 4711")):
            with pytest.raises(NoLine, match=message):
                act(wrong, WHY, "olga", LATER)
        with pytest.raises(NoLine, match="Say why"):
            act(auction, "", "olga", LATER)
    assert acts() == []
