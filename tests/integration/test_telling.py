"""Telling everybody how an auction ended: in batches, next in line first, once, and nothing else waits for it."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from cashticket import jobs
from cashticket.accounts.erasing import erase
from cashticket.extensions import db
from cashticket.models import Auction, FinalRank, Notification, OutboxMessage, Person
from cashticket.models.outbox import Priority
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards, telling
from cashticket.settlement.voiding import void
from cashticket.wiring import current_engine, queue
from cashticket.work import queueing
from cashticket.work.telling import tell
from cashticket.work.watch.due import queue_due
from tests.staging.rows import END, HOUR, add_people, change_person
from tests.staging.settlement import add_ended_auction, award_of, settled


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "BATCH", 3)


def falling(people: list[int]) -> list[tuple[int, int]]:
    """One bid each, every next person 10,000 won lower."""
    return [(person, 1_000_000 - 10_000 * place) for place, person in enumerate(people)]


@pytest.fixture
def people(app: Flask) -> list[int]:
    return add_people(10)


@pytest.fixture
def auction(people: list[int], small_batches: None) -> int:
    """Settled, with two winners; eight people are to be told in batches of three."""
    auction = add_ended_auction(falling(people))
    settled(auction, falling(people))
    return auction


def notices(auction: int) -> list[tuple[int, str, int | None]]:
    """(person, kind, position) of every notice, oldest first."""
    db.session.rollback()
    rows = db.session.scalars(select(Notification).where(Notification.auction_id == auction).order_by(Notification.id))
    return [(row.person_id, row.kind, row.facts.get("position")) for row in rows]


def test_winners_are_told_by_the_settlement_and_others_from_the_head_of_the_line(
    auction: int, people: list[int]
) -> None:
    assert notices(auction) == [(people[0], "won", None), (people[1], "won", None)]
    assert telling.tell_batch(auction, END) == 3
    assert notices(auction)[2:] == [(people[2], "not_won", 1), (people[3], "not_won", 2), (people[4], "not_won", 3)]
    assert [telling.tell_batch(auction, END) for _ in range(3)] == [3, 2, 0]
    assert [person for person, _, _ in notices(auction)] == people
    assert db.session.get_one(Auction, auction).telling_since is None and telling.auctions_to_tell() == []


def test_every_notice_has_a_mail_that_lets_urgent_ones_pass(auction: int) -> None:
    while telling.tell_batch(auction, END):
        pass
    mails = db.session.execute(select(OutboxMessage.kind, OutboxMessage.priority)).all()
    assert sorted(map(tuple, mails)) == [("not_won", Priority.REST)] * 8 + [("won", Priority.URGENT)] * 2


def test_a_run_ends_in_time_and_queues_the_next_one(auction: int) -> None:
    engine, stop = current_engine(), threading.Event()
    assert tell(engine, auction, stop, seconds=0)
    assert len(notices(auction)) == 5
    stop.set()
    assert tell(engine, auction, stop) and len(notices(auction)) == 8
    queueing.tell_on(auction)
    queueing.tell_on(auction)
    assert [job.func_name for job in queue("settlement").jobs] == ["cashticket.jobs.tell"]
    jobs.tell(auction)
    assert len(notices(auction)) == 10


def test_the_watch_finds_what_a_killed_job_left(auction: int) -> None:
    telling.tell_batch(auction, END)
    assert queue_due(current_engine()).tell == [auction]
    # It waits already.
    assert queue_due(current_engine()).tell == []
    jobs.tell(auction)
    assert queue_due(current_engine()).tell == [] and len(notices(auction)) == 10


def test_a_position_is_the_one_at_the_moment_of_telling(auction: int, people: list[int]) -> None:
    change_person(people[2], blocked_at=END)
    awards.decline(award_of(auction, people[0]).id, people[0], END + HOUR)
    while telling.tell_batch(auction, END):
        pass
    outcome = {person: (kind, position) for person, kind, position in notices(auction)}
    assert outcome[people[2]] == ("passed_over", None)
    # Offered the seat: that notice is enough.
    assert outcome[people[3]] == ("offered", None)
    assert outcome[people[4]] == ("not_won", 1)
    assert len(notices(auction)) == 11


def test_whoever_has_the_notice_is_not_told_again(auction: int, people: list[int]) -> None:
    telling.tell_batch(auction, END)
    db.session.execute(db.update(FinalRank).values(told_at=None))
    db.session.commit()
    while telling.tell_batch(auction, END):
        pass
    assert sorted(person for person, kind, _ in notices(auction) if kind == "not_won") == sorted(people[2:])


def test_a_voided_auction_tells_everybody_of_that_alone(auction: int, people: list[int]) -> None:
    telling.tell_batch(auction, END)
    void(auction, "the hall burned down", "olga", END + HOUR)
    assert telling.count_untold(auction) == 8
    jobs.tell(auction)
    stored = notices(auction)
    assert sorted(person for person, kind, _ in stored if kind == "voided") == sorted(people)
    assert sorted(person for person, kind, _ in stored if kind == "not_won") == people[2:5]
    assert db.session.get_one(Auction, auction).telling_since is None


@pytest.mark.parametrize("ahead", [HOUR * 0, HOUR * 5])
def test_voiding_reaches_people_who_were_told_by_a_machine_whose_clock_is_ahead(
    auction: int, people: list[int], ahead: timedelta
) -> None:
    telling.tell_batch(auction, END + HOUR + ahead)
    for _ in range(2):
        void(auction, "the hall burned down", "olga", END + HOUR)
    while telling.tell_batch(auction, END + HOUR):
        pass
    assert sorted(person for person, kind, _ in notices(auction) if kind == "voided") == sorted(people)
    assert telling.count_untold(auction) == 0


def test_nobody_is_told_whose_account_was_closed_meanwhile(auction: int, people: list[int]) -> None:
    closed, blocked = people[3], people[4]
    in_one_unit(lambda session: erase(session, session.get_one(Person, closed)))
    change_person(blocked, blocked_at=END)
    while telling.tell_batch(auction, END):
        pass
    kinds = {person: kind for person, kind, _ in notices(auction)}
    assert closed not in kinds and kinds[blocked] == "passed_over" and len(kinds) == 9
    void(auction, "the hall burned down", "olga", END + HOUR)
    jobs.tell(auction)
    assert closed not in {person for person, _, _ in notices(auction)}
    assert db.session.scalar(select(func.count()).select_from(OutboxMessage)) == 9 + 9
    assert telling.count_untold(auction) == 0
