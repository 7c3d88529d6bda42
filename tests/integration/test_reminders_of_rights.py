"""Reminders of a right to buy: at half time and two hours before it lapses, unless the seat is bought or gone."""

from datetime import timedelta
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.ledger.operator_acts import why_voided
from cashticket.models import Auction, Award, Notification
from cashticket.models.columns import utcnow
from cashticket.models.outbox import Priority
from cashticket.models.units import in_one_unit
from cashticket.notify.notices import letter_of
from cashticket.settlement import awards
from cashticket.work.closing import close_and_settle
from cashticket.work.reminding import any_due, remind
from tests.staging.auctions import Stage
from tests.staging.every_mail import KEYS
from tests.staging.outbox import messages

BASE = "https://example.org"


@pytest.fixture
def stage(app: Flask) -> Stage:
    """Alice and bob won two seats just now, with 24 hours to buy them."""
    stage = Stage(app, ends_in_ms=-1_000)
    for name, amount in (("carol", 100_000), ("bob", 105_000), ("alice", 110_000)):
        stage.bid(name, amount)
    close_and_settle(stage.engine, stage.id)
    in_one_unit(give_24_hours)
    return stage


def give_24_hours(session: Session) -> None:
    """What the quiet hours add depends on when the test runs."""
    for award in session.scalars(select(Award)):
        award.expires_at = award.offered_at + timedelta(hours=24)
        award.remind_at = award.offered_at + timedelta(hours=12)


def move_back(hours: float) -> None:
    """As if the seats had been won so many hours earlier."""
    span = timedelta(hours=hours)

    def work(session) -> None:
        for award in session.scalars(select(Award)):
            award.offered_at, award.expires_at = award.offered_at - span, award.expires_at - span
            award.remind_at = award.remind_at and award.remind_at - span

    in_one_unit(work)


def run(stage: Stage) -> None:
    remind(stage.engine, Event(), 30)


def given(stage: Stage) -> list[tuple[str, str]]:
    db.session.rollback()
    names = {person: name for name, person in stage.people.items()}
    rows = db.session.scalars(select(Notification).where(Notification.kind == NoticeKind.RIGHT_REMINDER))
    return sorted((names[row.person_id], row.facts["why"]) for row in rows)


def award_of(stage: Stage, name: str) -> int:
    db.session.rollback()
    return db.session.scalars(select(Award.id).where(Award.person_id == stage.people[name])).one()


def test_holders_are_reminded_at_half_time_and_two_hours_before_the_end_once_each(stage: Stage) -> None:
    run(stage)
    assert given(stage) == [] and not any_due(utcnow())
    move_back(12)
    assert any_due(utcnow())
    run(stage)
    run(stage)
    assert given(stage) == [("alice", "half"), ("bob", "half")] and not any_due(utcnow())
    move_back(10)
    run(stage)
    run(stage)
    assert given(stage) == [("alice", "half"), ("alice", "last"), ("bob", "half"), ("bob", "last")]
    mails = messages(kind="right_reminder")
    assert len(mails) == 4 and {mail.priority for mail in mails} == {Priority.CONFIRMATION}
    assert not any_due(utcnow() + timedelta(hours=1))


def test_after_an_outage_a_holder_gets_the_last_reminder_alone(stage: Stage) -> None:
    move_back(22.5)
    run(stage)
    assert given(stage) == [("alice", "last"), ("bob", "last")]


def test_who_has_bought_or_declined_is_not_reminded_and_a_mail_that_waits_does_not_leave(stage: Stage) -> None:
    awards.buy(award_of(stage, "alice"), stage.people["alice"], utcnow())
    move_back(12)
    run(stage)
    assert given(stage) == [("bob", "half")]
    [mail] = messages(kind="right_reminder")
    letter = letter_of(mail.reference, BASE, utcnow(), why_voided, KEYS)
    assert letter and "105,000원" in letter.body and "/me/tickets" in letter.body
    awards.decline(award_of(stage, "bob"), stage.people["bob"], utcnow())
    assert letter_of(mail.reference, BASE, utcnow(), why_voided, KEYS) is None


@pytest.mark.parametrize("hours", [12, 22.5])
def test_the_mail_says_what_the_seat_is(stage: Stage, hours: float) -> None:
    in_one_unit(lambda session: session.execute(update(Auction).values(zone="A구역", face_price=90_000)))
    move_back(hours)
    run(stage)
    letters = [letter_of(mail.reference, BASE, utcnow(), why_voided, KEYS) for mail in messages(kind="right_reminder")]
    assert len(letters) == 2
    assert all(letter and "구역: A구역\n정가: 90,000원\n\n" in letter.body for letter in letters)


def test_a_voided_auction_reminds_nobody(stage: Stage) -> None:
    move_back(12)
    in_one_unit(lambda session: session.execute(update(Award).values(state="voided")))
    assert not any_due(utcnow())
    run(stage)
    assert given(stage) == []


def test_awards_of_the_release_before_are_reminded_from_the_next_round_on(stage: Stage) -> None:
    """The revision of the schema sets their next reminder to the moment of the offer."""
    in_one_unit(lambda session: session.execute(update(Award).values(remind_at=Award.offered_at)))
    run(stage)
    assert given(stage) == []
    db.session.rollback()
    for award in db.session.scalars(select(Award)):
        assert award.remind_at
        assert abs(award.remind_at - award.offered_at - timedelta(hours=12)) < timedelta(milliseconds=1)
