"""The judge of the races accepts lawful seats and names each fault that is put into them."""

from collections.abc import Callable
from copy import copy

import pytest
from flask import Flask

from cashticket.models import Award, AwardEvent
from cashticket.settlement import awards
from tests.staging.rows import DAY, END, add_concert, add_people
from tests.storm.seat_races.judging import Found, found_of, judged
from tests.storm.seat_races.races import Round

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

Fault = Callable[[Found], None]


@pytest.fixture
def found(app: Flask) -> Found:
    """Two seats: alice cancelled hers, carol has the offer of it, bob bought his; mallory and one more wait."""
    this = Round(add_people(5), lambda *_calls: [], add_concert())
    auction = this.sold(2)
    awards.cancel(*this.award(auction), END + DAY)
    return found_of(this.concert.id)


def alice(found: Found) -> Award:
    return next(each for each in found.awards.values() if each.state == "cancelled")


def bob(found: Found) -> Award:
    return next(each for each in found.awards.values() if each.state == "bought")


def carol(found: Found) -> Award:
    return next(each for each in found.awards.values() if each.previous_id is not None)


def events(found: Found) -> list[AwardEvent]:
    return found.events[found.auctions[0].id]


def change(found: Found, award: Award, state: str) -> None:
    award.state = state  # type: ignore[assignment]
    number = len(events(found)) + 1
    events(found).append(AwardEvent(auction_id=award.auction_id, number=number, award_id=award.id, state=state))


def test_lawful_seats_are_accepted(found: Found) -> None:
    assert judged(found, END + DAY) == []


def seat_with_two_holders(found: Found) -> None:
    carol(found).seat_id = bob(found).seat_id


def more_holders_than_seats(found: Found) -> None:
    found.auctions[0].seats = 1


def person_with_two_tickets(found: Found) -> None:
    carol(found).person_id = bob(found).person_id


def move_without_event(found: Found) -> None:
    carol(found).state = "bought"  # type: ignore[assignment]


def move_with_two_events(found: Found) -> None:
    change(found, bob(found), "bought")


def gap_in_the_events(found: Found) -> None:
    events(found)[-1].number += 1


def seat_that_was_not_free(found: Found) -> None:
    carol(found).previous_id = bob(found).id


def heir_past_somebody(found: Found) -> None:
    """Carol and mallory change places in the line."""
    third, fourth = found.line[found.auctions[0].id][2:4]
    third.rank, fourth.rank = 4, 3
    found.line[found.auctions[0].id][2:4] = [fourth, third]


def price_of_the_seat(found: Found) -> None:
    carol(found).price = alice(found).price


def back_in_the_line(found: Found) -> None:
    found.line[found.auctions[0].id][0].waiting = True


def left_out_of_the_line(found: Found) -> None:
    found.line[found.auctions[0].id][-1].waiting = False


def seat_that_nobody_is_offered(found: Found) -> None:
    change(found, carol(found), "declined")


def notice_that_is_missing(found: Found) -> None:
    gone = found.notices.pop()
    found.mails.remove((gone[3], gone[2]))


def notice_of_what_did_not_happen(found: Found) -> None:
    auction, person, _, _ = found.notices[0]
    found.notices.append((auction, person, "lapsed", 4_711))
    found.mails.append((4_711, "lapsed"))


def mail_that_is_missing(found: Found) -> None:
    found.mails.pop()


def mail_that_leaves_twice(found: Found) -> None:
    found.mails.append(copy(found.mails[0]))


FAULTS: dict[Fault, str] = {
    seat_with_two_holders: "has 2 holders",
    more_holders_than_seats: "2 holders of 1 seats",
    person_with_two_tickets: "has 2 tickets",
    move_without_event: "its events end with offered",
    move_with_two_events: "went through",
    gap_in_the_events: "are numbered",
    seat_that_was_not_free: "did not free it",
    heir_past_somebody: "past",
    price_of_the_seat: "its person bid",
    back_in_the_line: "the line of auction",
    left_out_of_the_line: "the line of auction",
    seat_that_nobody_is_offered: "are free while",
    notice_that_is_missing: "to be told",
    notice_of_what_did_not_happen: "told in vain",
    mail_that_is_missing: "notices without mail: {(",
    mail_that_leaves_twice: "mails without notice: {(",
}


@pytest.mark.parametrize(("fault", "named"), FAULTS.items(), ids=[fault.__name__ for fault in FAULTS])
def test_a_fault_is_named(found: Found, fault: Fault, named: str) -> None:
    fault(found)
    assert any(named in each for each in judged(found, END + DAY)), judged(found, END + DAY)


def test_a_free_seat_may_wait_while_the_line_is_paused_and_after_the_deadline(found: Found) -> None:
    seat_that_nobody_is_offered(found)
    award = carol(found)
    found.notices.append((award.auction_id, award.person_id, "declined", 4_711))
    found.mails.append((4_711, "declined"))
    assert judged(found, END + DAY) != [] and judged(found, found.deadline) == []
    found.auctions[0].line_paused_at = END
    assert judged(found, END + DAY) == []
