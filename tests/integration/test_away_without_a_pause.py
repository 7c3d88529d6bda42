"""The live store was away and nobody paused: watch and closing give the time back once (rule 19)."""

from typing import Any

import pytest
import redis
from flask import Flask
from sqlalchemy import select, update

from cashticket import redis_keys
from cashticket.auction.values import State
from cashticket.engine.interface import Closing
from cashticket.engine.pauses import AWAY, OPERATOR, OVERDUE
from cashticket.extensions import db
from cashticket.ledger import outages
from cashticket.ledger.accounted import note_accounted
from cashticket.ledger.recording import record_waiting
from cashticket.locale import to_moment, to_ms
from cashticket.models import Auction, Award
from cashticket.models.columns import utcnow
from cashticket.models.outbox import OutboxMessage
from cashticket.witness.testimony import Record, Testimony
from cashticket.work import orders_taken
from cashticket.work.check.compare import check
from cashticket.work.closing import close_and_settle
from cashticket.work.watch.guard import Guard
from tests.integration.watch.steps import paused
from tests.staging.auctions import HOUR_MS, Stage

LENGTH_MS = 20_000


def be_away(stage: Stage, client: redis.Redis, length_ms: int = LENGTH_MS, ended_ago_ms: int = 500) -> None:
    """As if the live store had taken no orders for a time that ended a moment ago."""
    ended_ms = stage.engine.clock() - ended_ago_ms
    silence = f"{ended_ms - length_ms} {ended_ms}"
    client.hset(redis_keys.BEATS, mapping={"last_ms": stage.engine.clock(), "silences": silence})
    # Bids of the stage are placed now. These were placed before.
    client.hset(redis_keys.state(stage.id), "last_ms", 1)


def end(stage: Stage) -> int:
    return stage.engine.read(stage.id).ends_at_ms


def set_end(stage: Stage, client: redis.Redis, ago_ms: int) -> int:
    """End the auction so long ago, in both stores."""
    ends_at_ms = stage.engine.clock() - ago_ms
    client.hset(redis_keys.state(stage.id), "ends_at_ms", ends_at_ms)
    db.session.execute(update(Auction).where(Auction.id == stage.id).values(ends_at=to_moment(ends_at_ms)))
    db.session.commit()
    return ends_at_ms


def rows(stage: Stage) -> list[Any]:
    stage.row()
    return [outages.value_of(row) for row in outages.outages_of(stage.id)]


@pytest.fixture
def running(app: Flask) -> Stage:
    """An auction that opened an hour ago and has no bids."""
    return Stage(app)


@pytest.fixture
def guard(running: Stage, queue_redis: redis.Redis) -> Guard:
    return Guard(running.engine, queue_redis, (), 0)


def test_the_watch_gives_the_time_back_and_keeps_it(running, queue_redis, redis_client) -> None:
    before = end(running)
    be_away(running, redis_client)
    Guard(running.engine, queue_redis, (), 0).round()
    board = running.engine.read(running.id)
    assert (board.ends_at_ms, board.paused, board.outage.reason) == (before + LENGTH_MS, "", AWAY)
    assert rows(running) == [board.outage] and to_ms(running.row().ends_at) == board.ends_at_ms
    assert check(running.engine, running.id).faults == []


def test_two_watches_and_a_closing_give_it_back_once(running, queue_redis, redis_client) -> None:
    before = end(running)
    be_away(running, redis_client)
    for _ in range(2):
        for guard in (Guard(running.engine, queue_redis, (), 0), Guard(running.engine, queue_redis, (), 0)):
            guard.round()
            close_and_settle(running.engine, running.id)
    assert end(running) == before + LENGTH_MS and len(rows(running)) == 1


def test_what_a_watch_gave_back_before_it_died_is_recorded_by_the_next(running, queue_redis, redis_client) -> None:
    be_away(running, redis_client)
    (silence,) = running.engine.beat().silences
    assert running.engine.give_back(running.id, silence) and rows(running) == []
    Guard(running.engine, queue_redis, (), 0).round()
    assert rows(running) == [running.engine.read(running.id).outage]


def test_closing_before_the_watch_looks_gives_the_time_back_first(running, redis_client) -> None:
    before = set_end(running, redis_client, ago_ms=5_000)
    be_away(running, redis_client)
    close_and_settle(running.engine, running.id)
    assert (end(running), running.row().state) == (before + LENGTH_MS, "open")
    assert len(rows(running)) == 1
    running.bid("alice", 110_000)


def test_an_end_that_came_before_the_store_went_away_stays(running, redis_client) -> None:
    before = set_end(running, redis_client, ago_ms=30_000)
    be_away(running, redis_client)
    close_and_settle(running.engine, running.id)
    assert (end(running), running.row().state) == (before, "settled") and rows(running) == []


def test_bids_meanwhile_show_that_the_store_took_orders(running, queue_redis, redis_client) -> None:
    before, now = end(running), running.engine.clock()
    for number, name in enumerate(("alice", "bob", "carol", "mallory", "alice", "bob", "carol", "mallory")):
        running.bid(name, 110_000 + number * 5_000, now_ms=now - LENGTH_MS + number * 2_500)
    record_waiting(running.engine, running.id)
    be_away(running, redis_client)
    redis_client.hset(redis_keys.state(running.id), "last_ms", now)
    Guard(running.engine, queue_redis, (), 0).round()
    assert end(running) == before and rows(running) == []


@pytest.mark.parametrize("is_recorded", [True, False])
def test_the_first_bid_afterwards_does_not_hide_the_outage(running, queue_redis, redis_client, is_recorded) -> None:
    before = end(running)
    be_away(running, redis_client)
    first_ms = running.bid("alice", 110_000, now_ms=running.engine.clock() - 700).at_ms
    if is_recorded:
        record_waiting(running.engine, running.id)
    Guard(running.engine, queue_redis, (), 0).round()
    (outage,) = rows(running)
    assert outage.ended_ms == first_ms and LENGTH_MS - 2_000 < end(running) - before <= LENGTH_MS


def test_a_pause_that_covers_it_counts_alone(running, guard, redis_client) -> None:
    before, now = end(running), running.engine.clock()
    running.engine.pause(running.id, OPERATOR, now_ms=now - LENGTH_MS - 5_000)
    be_away(running, redis_client)
    running.engine.resume(running.id, OPERATOR, now_ms=now)
    guard.round()
    guard.round()
    assert end(running) == before + LENGTH_MS + 5_000 and len(rows(running)) == 1


def test_an_operator_is_asked_when_more_is_lost_than_the_end_may_move(running, redis_client) -> None:
    redis_client.hset(redis_keys.terms(running.id), "opens_at_ms", 1_000)
    before = set_end(running, redis_client, ago_ms=HOUR_MS)
    be_away(running, redis_client, 5 * HOUR_MS)
    close_and_settle(running.engine, running.id)
    assert paused(running) == OVERDUE and end(running) > before
    assert running.engine.read(running.id).state is State.OPEN


def test_a_closing_that_waits_between_its_question_and_its_command_ends_nothing(running, redis_client) -> None:
    before = set_end(running, redis_client, ago_ms=1_000)
    answer = running.engine.close(running.id, known_ms=running.engine.clock() - 6_000)
    assert answer == Closing(False, before, 0)


def test_after_a_restart_the_last_beat_counts_if_it_is_newer_than_the_last_look(
    running, queue_redis, redis_client
) -> None:
    before, now = end(running), running.engine.clock()
    be_away(running, redis_client, 10_000, ended_ago_ms=0)
    redis_client.hset(redis_keys.state(running.id), "checked_on", "the-one-before master")
    orders_taken.note(queue_redis, {running.id: now - 40_000})
    Guard(running.engine, queue_redis, (), 0).round()
    (outage,) = rows(running)
    assert now - 10_000 <= outage.began_ms <= now - 8_000 and outage.reason == "restarted"
    assert end(running) == before + outage.moved_ms


def test_after_a_restart_the_last_beat_of_a_witness_counts_if_it_is_newer(running, queue_redis, redis_client) -> None:
    """Beats on the process that answers now say nothing of the outage."""
    before, now, former = end(running), running.engine.clock(), "the-one-before master"
    redis_client.hset(redis_keys.state(running.id), mapping={"checked_on": former, "last_ms": 1})
    note_accounted([running.id], former)
    orders_taken.note(queue_redis, {running.id: now - 40_000})
    present = running.engine.condition().identity
    records = [
        Record("web-1", False, now - 12_000, former, frozenset({former}), {}),
        Record("web-2", False, now - 15_000, former, frozenset({former}), {}),
        Record("web-3", True, now, present, frozenset({former, present}), {}),
    ]
    Guard(running.engine, queue_redis, (), 0, read_testimony=lambda: Testimony(records)).round()
    (outage,) = rows(running)
    assert outage.began_ms == now - 12_000 and end(running) == before + outage.moved_ms
    assert 12_000 <= outage.moved_ms < 30_000


# A clock that made a step


def test_a_settlement_counts_from_the_time_of_its_own_machine(app, monkeypatch) -> None:
    """The store's clock may have made a step: no purchase window is longer for it, and no mail waits for it."""
    stage = Stage(app, ends_in_ms=-1)
    stage.bid("alice", 100_000)
    stepped = stage.engine.clock() + 10 * 60_000
    monkeypatch.setattr(stage.engine, "clock", lambda: stepped)
    close_and_settle(stage.engine, stage.id)
    award, now = db.session.scalars(select(Award)).one(), utcnow()
    assert award.offered_at <= now and stage.row().settled_at <= now
    mails = db.session.scalars(select(OutboxMessage)).all()
    assert mails and all(mail.due_at <= now for mail in mails)
