"""Which displacements are mailed where notices alone do not say it: the live store is asked how somebody stands."""

from datetime import timedelta

import pytest
from flask import Flask

from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.models import Notification, OutboxMessage
from cashticket.models.columns import utcnow
from cashticket.wiring import queue_redis
from cashticket.work import rank_outs
from tests.staging.auctions import Stage


@pytest.fixture
def stage(app: Flask) -> Stage:
    """An open auction of one seat."""
    return Stage(app, seats=1)


def keep_displacement(stage: Stage, sequence: int) -> int:
    """Keep a notice that the bid `sequence` displaced alice six seconds ago. Returns its id."""
    notice = Notification(
        person_id=stage.people["alice"],
        auction_id=stage.id,
        kind=NoticeKind.RANK_OUT,
        occasion=sequence,
        facts={"amount": 0, "cutoff": 0},
        created_at=utcnow() - timedelta(seconds=6),
    )
    db.session.add(notice)
    db.session.commit()
    return notice.id


def mailed(stage: Stage) -> list[int]:
    """Decide what is due. Returns the ids of the displacements that are mailed; nothing may be left undecided."""
    rank_outs.decide(stage.engine, queue_redis(), utcnow())
    db.session.remove()
    assert not rank_outs.any_due(utcnow())
    return [message.reference for message in db.session.scalars(db.select(OutboxMessage))]


def test_who_has_no_chance_left_is_not_mailed(stage: Stage) -> None:
    """Whatever wrote the notice, there is nothing that she could do about it."""
    for amount in (100_000, 105_000, 110_000):
        stage.bid("alice", amount)
    displacing = stage.bid("bob", 115_000)
    record_waiting(stage.engine, stage.id)
    keep_displacement(stage, displacing.sequence)
    assert mailed(stage) == []


def test_two_displacements_without_a_bid_between_them_are_one_mail_about_the_newest(stage: Stage) -> None:
    """A bid above hers was withdrawn, which put her in again, and another one pushed her out."""
    stage.bid("alice", 100_000)
    first, second = stage.bid("bob", 110_000), stage.bid("carol", 120_000)
    keep_displacement(stage, first.sequence)
    newest = keep_displacement(stage, second.sequence)
    assert mailed(stage) == [newest]
