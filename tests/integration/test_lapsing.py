"""Lapsed offers: who notices them, and by whose clock."""

from datetime import datetime, timedelta, tzinfo

import pytest
from flask import Flask

from cashticket import jobs
from cashticket.engine.errors import StoreUnavailable
from cashticket.extensions import db
from cashticket.models import Award
from cashticket.models.columns import utcnow
from cashticket.work.closing import close_and_settle
from cashticket.work.watch import due
from cashticket.work.watch.due import queue_due
from tests.staging.auctions import Stage


@pytest.fixture
def stage(app: Flask) -> Stage:
    """Alice and bob win two seats, carol is next in line; the auction ended a second ago."""
    stage = Stage(app, ends_in_ms=-1_000)
    for name, amount in (("carol", 100_000), ("bob", 105_000), ("alice", 110_000)):
        stage.bid(name, amount)
    return stage


def test_the_watch_queues_hand_overs_and_the_job_offers_the_seat_down_the_line(stage) -> None:
    jobs.settle(stage.id)
    db.session.execute(db.update(Award).values(expires_at=utcnow() - timedelta(seconds=1)))
    db.session.commit()
    assert queue_due(stage.engine).hand_over == [stage.id]
    jobs.lapse_and_offer(stage.id)
    offered = db.session.scalars(db.select(Award).where(Award.state == "offered")).all()
    assert [award.person_id for award in offered] == [stage.people["carol"]]
    assert queue_due(stage.engine).hand_over == []


def test_no_offer_lapses_because_the_clock_of_a_machine_runs_ahead(
    stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The watch's clock and the worker's are ten minutes ahead; Alice and Bob still have a minute to buy."""
    jobs.settle(stage.id)
    db.session.execute(db.update(Award).values(expires_at=utcnow() + timedelta(minutes=1)))
    db.session.commit()

    class Ahead(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + timedelta(minutes=10)

    for module in (jobs, due):
        monkeypatch.setattr(module, "datetime", Ahead)
    assert queue_due(stage.engine).hand_over == []
    jobs.lapse_and_offer(stage.id)
    assert caplog.text.count("no offer lapses") == 2
    assert stage.winners() == {"VIP-1": "alice", "VIP-2": "bob"}


def test_settling_with_a_clock_that_runs_ahead_lapses_no_offer_of_the_concert(stage) -> None:
    """Ten minutes ahead: Alice and Bob still have a minute to buy when another auction of their concert is settled."""
    close_and_settle(stage.engine, stage.id)
    db.session.execute(db.update(Award).values(expires_at=utcnow() + timedelta(minutes=1)))
    db.session.commit()
    other = stage.open_auction(ends_in_ms=-500)
    close_and_settle(stage.engine, other, lambda: utcnow() + timedelta(minutes=10))
    assert stage.row(other).state == "settled" and stage.winners() == {"VIP-1": "alice", "VIP-2": "bob"}


def test_offers_lapse_while_the_live_store_is_away(stage, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.settle(stage.id)
    db.session.execute(db.update(Award).values(expires_at=utcnow() - timedelta(seconds=1)))
    db.session.commit()

    def away() -> int:
        raise StoreUnavailable("away")

    monkeypatch.setattr(stage.engine, "clock", away)
    jobs.lapse_and_offer(stage.id)
    assert "carol" in stage.winners().values()
