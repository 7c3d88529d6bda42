"""Being pushed out is written down with the bid that did it: for exactly the right person, once, whatever breaks."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from cashticket.auction.values import Entry, Permission, PoisonEntry
from cashticket.extensions import db
from cashticket.ledger.displacements import notify_displaced_if_possible
from cashticket.ledger.recording import record_waiting
from cashticket.locale import to_ms
from cashticket.models import Notification
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.notify.inbox import acknowledge_rank_out, unseen_rank_outs_since
from tests.staging.auctions import Stage


@pytest.fixture
def stage(app: Flask) -> Stage:
    """One seat, running."""
    return Stage(app, seats=1)


def record(stage: Stage) -> None:
    while record_waiting(stage.engine, stage.id):
        pass


def notified(stage: Stage) -> list[tuple[str, int]]:
    """Who has a notice of which bid, oldest first."""
    db.session.remove()
    names = {person: name for name, person in stage.people.items()}
    rows = db.session.scalars(select(Notification).order_by(Notification.id)).all()
    assert {row.kind for row in rows} <= {"rank_out"} and {row.auction_id for row in rows} <= {stage.id}
    return [(names[row.person_id], row.occasion) for row in rows]


def test_whoever_is_pushed_out_finds_it_written_with_its_facts(stage) -> None:
    stage.bid("alice", 100_000)
    pushing = stage.bid("bob", 110_000)
    record(stage)
    assert notified(stage) == [("alice", 2)]
    row = db.session.scalars(select(Notification)).one()
    own = {"why": "own_bid", "own": 100_000, "enough": 115_000, "at": pushing.at_ms}
    assert row.facts == {"amount": 110_000, "cutoff": 110_000, **own}
    assert (to_ms(row.created_at), row.seen_at, row.mailed_at) == (pushing.at_ms, None, None)


def test_each_displacement_names_the_bid_that_was_pushed_out_by_it(stage) -> None:
    for name, amount in (("alice", 100_000), ("bob", 105_000), ("alice", 110_000), ("bob", 120_000)):
        stage.bid(name, amount)
    record(stage)
    rows = db.session.scalars(select(Notification).order_by(Notification.id)).all()
    assert [(row.facts["own"], row.facts["enough"]) for row in rows] == [
        (100_000, 110_000),
        (105_000, 115_000),
        (110_000, 125_000),
    ]


def test_where_every_winning_bid_stands_at_the_ceiling_no_amount_is_named(app: Flask) -> None:
    stage = Stage(app, seats=1, maximum=110_000)
    stage.bid("alice", 100_000)
    stage.bid("bob", 110_000)
    record(stage)
    assert db.session.scalars(select(Notification)).one().facts == {"amount": 110_000, "cutoff": 110_000}


def test_every_displacement_is_told_once_and_nothing_else_is(stage) -> None:
    stage.bid("alice", 100_000)
    stage.bid("alice", 105_000)
    stage.bid("bob", 110_000)
    stage.bid("carol", 105_000)
    stage.bid("carol", 120_000)
    stage.bid("bob", 125_000)
    record(stage)
    assert notified(stage) == [("alice", 3), ("bob", 5), ("carol", 6)]


def test_who_has_no_chance_left_is_not_told(stage) -> None:
    for amount in (100_000, 105_000, 110_000):
        stage.bid("alice", amount)
    stage.bid("bob", 120_000)
    record(stage)
    assert notified(stage) == []


def test_reading_the_same_bids_again_tells_nobody_twice(stage) -> None:
    stage.bid("alice", 100_000)
    stage.bid("bob", 110_000)
    waiting = stage.engine.peek(stage.id, 10)
    record(stage)

    class Again:
        """The list as it was before it was trimmed."""

        def peek(self, auction_id: int, count: int) -> list[Entry | PoisonEntry]:
            return waiting

        def trim(self, auction_id: int, through_sequence: int) -> int:
            return 0

        def discard(self, auction_id: int, raw: str) -> bool:
            return False

    record_waiting(Again(), stage.id)
    assert notified(stage) == [("alice", 2)] and len(stage.recorded()) == 2


def test_a_bid_that_is_set_aside_takes_no_notice_of_others_with_it(stage) -> None:
    """A stranger to the ledger outbids alice: that bid is set aside, and bob still gets his notice."""
    stage.engine.introduce(stage.id, 999_999, Permission.OK, 1, 1)
    stage.bid("alice", 100_000)
    stage.engine.place_bid(stage.id, 999_999, 1, 110_000, "nobody")
    stage.bid("bob", 120_000)
    stage.bid("carol", 130_000)
    record(stage)
    # Bob displaced the stranger, so his bid cannot be recorded as it stands either.
    assert [row.sequence for row in stage.recorded()] == [1, 4]
    assert notified(stage) == [("bob", 4)]


def test_a_notice_that_is_there_already_holds_up_no_bid(stage) -> None:
    stage.bid("alice", 100_000)
    pushing = stage.bid("bob", 110_000)
    db.session.add(
        Notification(
            person_id=stage.people["alice"], auction_id=stage.id, kind="rank_out", occasion=pushing.sequence, facts={}
        )
    )
    db.session.commit()
    record(stage)
    assert [row.sequence for row in stage.recorded()] == [1, 2] and notified(stage) == [("alice", 2)]


def test_a_notice_for_nobody_is_left_out_and_its_unit_goes_on(stage) -> None:
    stage.bid("alice", 100_000)
    stage.bid("bob", 110_000)
    entry = stage.engine.peek(stage.id, 2)[1]
    assert isinstance(entry, Entry)

    def work(session) -> None:
        notify_displaced_if_possible(session, stage.id, replace(entry, displaced=999_999))
        notify_displaced_if_possible(session, stage.id, entry)

    in_one_unit(work)
    assert notified(stage) == [("alice", 2)]


def test_what_was_recorded_since_and_is_unread_is_found_for_many_people_at_once(stage: Stage) -> None:
    """Alice was pushed out twice, bob once and has read it, carol never was."""
    for name, amount in (("alice", 100_000), ("bob", 105_000), ("alice", 110_000), ("carol", 120_000)):
        stage.bid(name, amount)
    record(stage)
    alice, bob, carol = (stage.people[name] for name in ("alice", "bob", "carol"))
    now = utcnow()
    acknowledge_rank_out(bob, stage.id, 3, now)
    assert unseen_rank_outs_since([alice, bob, carol], now - timedelta(minutes=1)) == [(alice, stage.id, 4)]
    assert unseen_rank_outs_since([carol], now - timedelta(minutes=1)) == []
    assert unseen_rank_outs_since([alice], now + timedelta(minutes=1)) == []
