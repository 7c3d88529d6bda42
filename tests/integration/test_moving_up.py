"""Moving up in the line is told once among the first and once when next, and leaving it is confirmed."""

import pytest
from flask import Flask
from sqlalchemy import select

from cashticket.auction.notice_topics import Topic
from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.locale import iso
from cashticket.models import FinalRank, Notification, OutboxMessage
from cashticket.models.outbox import Channel
from cashticket.notify import preferences
from cashticket.notify.preferences import Preferences
from cashticket.settlement import awards, line_pauses, moving_up
from cashticket.settlement.leaving import leave
from tests.staging.rows import END, HOUR, add_concert, add_people, change_person
from tests.staging.settlement import add_settled_auction, award_of, tell_everybody

LATER = END + HOUR
OPERATOR = ("a phone call", "olga")


@pytest.fixture
def people(app: Flask) -> list[int]:
    """Ten people: the first two win, the others wait at places 1 to 8."""
    return add_people(10)


def falling(people: list[int]) -> list[tuple[int, int]]:
    """One bid each, every next person 10,000 won lower."""
    return [(person, 1_000_000 - 10_000 * place) for place, person in enumerate(people)]


@pytest.fixture
def auction(people: list[int]) -> int:
    """Two seats, so that the first two places of the line are near. Everybody was told the result."""
    auction = add_settled_auction(falling(people))
    tell_everybody(auction)
    return auction


def told(auction: int, kind: NoticeKind = NoticeKind.MOVED_UP) -> list[tuple[int, str | None, int | None]]:
    """(person, why, position) of every notice of a kind, oldest first."""
    db.session.rollback()
    rows = select(Notification).where(Notification.auction_id == auction, Notification.kind == kind)
    return [
        (row.person_id, row.facts.get("why"), row.facts.get("position"))
        for row in db.session.scalars(rows.order_by(Notification.id))
    ]


def decline(auction: int, person: int) -> None:
    awards.decline(award_of(auction, person).id, person, LATER)


def test_whoever_comes_among_the_first_places_and_whoever_is_next_is_told(auction: int, people: list[int]) -> None:
    decline(auction, people[0])
    assert told(auction) == [(people[3], "next", None), (people[4], "near", 2)], "places 1 and 2 of 2 seats"


def test_nobody_is_told_twice_of_the_same_and_one_person_twice_at_most(auction: int, people: list[int]) -> None:
    decline(auction, people[0])
    leave(auction, people[7], LATER)
    assert len(told(auction)) == 2, "nobody near has moved"
    leave(auction, people[3], LATER)
    assert told(auction)[2:] == [(people[4], "next", None), (people[5], "near", 2)]
    decline(auction, people[1])
    assert [each for each in told(auction) if each[0] == people[4]] == [
        (people[4], "near", 2),
        (people[4], "next", None),
    ]


def test_whoever_read_at_the_end_to_be_first_or_near_is_not_told_it_again(auction: int, people: list[int]) -> None:
    leave(auction, people[9], LATER)
    assert told(auction) == [], "places 1 and 2 were told by the result"
    leave(auction, people[3], LATER)
    assert told(auction) == [(people[4], "near", 2)], "place 1 was told by the result"


def test_whoever_is_not_told_the_result_yet_reads_the_place_there_alone(people: list[int]) -> None:
    auction = add_settled_auction(falling(people))
    decline(auction, people[0])
    assert told(auction) == []
    tell_everybody(auction, LATER)
    assert [position for _, _, position in told(auction, NoticeKind.NOT_WON)] == list(range(1, 8))
    assert told(auction) == []


def test_a_person_between_two_moves_of_one_unit_is_told_the_end_alone(auction: int, people: list[int]) -> None:
    """Both seats are given up while the line is paused: two offers at once when it goes on."""
    line_pauses.pause(auction, *OPERATOR, LATER)
    for person in people[:2]:
        decline(auction, person)
    assert told(auction) == []
    line_pauses.resume(auction, *OPERATOR, LATER)
    assert told(auction) == [(people[4], "next", None), (people[5], "near", 2)]


def test_a_line_moves_when_one_of_it_gets_a_seat_in_another_auction_of_the_concert(people: list[int]) -> None:
    concert = add_concert()
    first = add_settled_auction(falling(people), concert=concert, seats=1)
    tell_everybody(first)
    add_settled_auction(falling(people[1:3]), concert=concert, seats=2, ends_at=LATER)
    assert told(first) == [(people[3], "next", None)]


def test_a_blocked_person_moves_the_line_and_the_next_move_tells_it(auction: int, people: list[int]) -> None:
    change_person(people[2], blocked_at=END)
    leave(auction, people[9], LATER)
    assert told(auction) == [(people[3], "next", None), (people[4], "near", 2)]


def test_no_seat_is_offered_after_the_deadline_so_nobody_is_told_then(auction: int, people: list[int]) -> None:
    award = award_of(auction, people[0])
    leave(auction, people[2], award.auction.concert.cancel_until)
    assert told(auction) == []


def test_a_long_line_costs_few_notices_however_many_seats(people: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving_up, "NEAR_MAX", 3)
    auction = add_settled_auction(falling(people), seats=4)
    tell_everybody(auction)
    decline(auction, people[0])
    assert told(auction) == [(people[5], "next", None), (people[7], "near", 3)]


def test_a_move_is_mailed_unless_its_topic_is_muted_and_leaving_always(auction: int, people: list[int]) -> None:
    for person in (people[2], people[4]):
        topics = frozenset((Channel.MAIL, topic) for topic in Topic)
        preferences.save(person, Preferences(topics))
    leave(auction, people[3], LATER)
    leave(auction, people[2], LATER)
    mails = select(OutboxMessage.kind, Notification.person_id).join(
        Notification, Notification.id == OutboxMessage.reference
    )
    rows = db.session.execute(mails.where(OutboxMessage.created_at == LATER).order_by(OutboxMessage.id)).all()
    left = [("left", people[3]), ("left", people[2])]
    assert sorted(map(tuple, rows)) == sorted([*left, ("moved_up", people[5])]), "the fifth muted the line"
    assert [person for person, _, _ in told(auction)] == [people[4], people[4], people[5]]


def test_whoever_leaves_has_it_confirmed_once(auction: int, people: list[int]) -> None:
    for hours in range(2):
        leave(auction, people[2], LATER + hours * HOUR)
    assert told(auction, NoticeKind.LEFT) == [(people[2], None, None)]
    notice = db.session.scalars(select(Notification).where(Notification.kind == NoticeKind.LEFT)).one()
    rank = db.session.scalars(select(FinalRank.rank).filter_by(auction_id=auction, person_id=people[2])).one()
    assert notice.facts == {"rank": rank, "left_at": iso(LATER)}


def test_whoever_may_not_leave_is_told_of_no_leaving(auction: int, people: list[int]) -> None:
    assert leave(auction, people[0], LATER).refused == "offered"
    assert told(auction, NoticeKind.LEFT) == []
