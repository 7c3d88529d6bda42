"""A day after the end every key of an auction leaves the live store, whatever dies in between; the ledger serves on."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import redis
from flask import Flask
from sqlalchemy import insert, update

from cashticket import jobs, redis_keys
from cashticket.auction.values import State
from cashticket.engine.interface import UnknownAuction
from cashticket.extensions import db
from cashticket.ledger import queries, results
from cashticket.models import Auction, Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards
from cashticket.wiring import queue_redis
from cashticket.work import ending_keys, handing_over, queueing
from cashticket.work.check.compare import check
from cashticket.work.closing import close_and_settle
from cashticket.work.ending_keys import NotForgettable, forget
from cashticket.work.figures import figures_of
from cashticket.work.rebuilding import NotRebuildable
from cashticket.work.rebuilding_alone import rebuild_alone
from cashticket.work.voiding import void
from cashticket.work.watch.due import queue_due
from lab.filling.auctions import fill_auction
from tests.staging.auctions import Stage, keys_of_auctions

DAY = timedelta(days=1)
BIDS = (("carol", 100_000), ("bob", 105_000), ("alice", 110_000))


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def ended(app: Flask) -> Stage:
    """A settled auction of two seats, in which alice and bob won and carol is next."""
    stage = Stage(app, ends_in_ms=-1_000)
    for name, amount in BIDS:
        stage.bid(name, amount)
    close_and_settle(stage.engine, stage.id)
    return stage


@pytest.fixture
def keys(redis_client: redis.Redis) -> Callable[[], list[str]]:
    """The keys that auctions have in the live store now."""
    return lambda: keys_of_auctions(redis_client)


def leave(stage: Stage, later: timedelta = DAY) -> bool:
    return forget(stage.engine, queue_redis(), stage.id, utcnow() + later)


def age(auction_id: int, by: timedelta) -> None:
    """Let the auction have ended longer ago."""
    ended = {name: utcnow() - by for name in ("settled_at", "voided_at")}
    in_one_unit(lambda session: session.execute(update(Auction).where(Auction.id == auction_id).values(**ended)))
    db.session.remove()


def test_no_key_of_a_settled_auction_is_left_and_the_ledger_knows_when(ended: Stage, keys) -> None:
    assert queueing.settle(ended.id)
    moment = utcnow()
    assert forget(ended.engine, queue_redis(), ended.id, moment)
    assert keys() == [] and ended.row().keys_left_at == moment
    assert queue_redis().keys(f"{{auction:{ended.id}}}:*") == []
    assert not leave(ended) and ended.row().keys_left_at == moment, "once"


def test_an_auction_that_is_not_over_keeps_its_keys(app: Flask, keys) -> None:
    stage = Stage(app)
    stage.bid("alice", 100_000)
    before = keys()
    with pytest.raises(NotForgettable, match="open: keys leave only after"):
        leave(stage)
    assert keys() == before
    with pytest.raises(NotForgettable, match="There is no auction"):
        forget(stage.engine, queue_redis(), stage.id + 1, utcnow())


def test_bids_that_wait_for_the_ledger_keep_the_keys(ended: Stage, redis_client: redis.Redis, keys) -> None:
    redis_client.rpush(redis_keys.bids(ended.id), "an entry")
    with pytest.raises(NotForgettable, match="wait to be recorded"):
        leave(ended)
    assert redis_keys.standings(ended.id) in keys()


def test_bids_that_the_ledger_has_not_keep_the_keys(ended: Stage, redis_client: redis.Redis) -> None:
    redis_client.hset(redis_keys.state(ended.id), "sequence", "9")
    with pytest.raises(NotForgettable, match="auction check"):
        leave(ended)
    assert ended.row().keys_left_at is None


def test_a_half_voided_auction_is_voided_first(app: Flask, monkeypatch: pytest.MonkeyPatch, keys) -> None:
    stage = Stage(app)
    stage.bid("alice", 100_000)

    def die(*facts: object) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(type(stage.engine), "finish", die)
        void(stage.engine, stage.id, "fraud", "ops", utcnow())
    with pytest.raises(NotForgettable, match="repeat `flask auction void"):
        leave(stage)
    void(stage.engine, stage.id, "fraud", "ops", utcnow())
    assert leave(stage) and keys() == []


@pytest.mark.parametrize("verb", ["statuses", "finish", "forget"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_process_that_dies_at_a_step_leaves_an_auction_that_is_found_again(
    ended: Stage, verb: str, after: bool, monkeypatch: pytest.MonkeyPatch, redis_client: redis.Redis, keys
) -> None:
    """Settlement died too, before the live store showed the end."""
    redis_client.hset(redis_keys.state(ended.id), "state", "closing")
    redis_client.sadd(redis_keys.LIVE_AUCTIONS, ended.id)
    real = getattr(type(ended.engine), verb)

    def die(self: Any, *facts: Any, **named: Any) -> None:
        if after:
            real(self, *facts, **named)
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(type(ended.engine), verb, die)
        leave(ended)
    assert ended.row().keys_left_at is None
    age(ended.id, DAY)
    assert ending_keys.due(utcnow()) == [ended.id]
    assert leave(ended) and keys() == []


def test_keys_that_came_back_halfway_in_the_index_go_with_the_next_try(
    ended: Stage, redis_client: redis.Redis, keys
) -> None:
    """The process died between the keys of the auction and the index of live auctions."""
    redis_client.delete(*keys())
    redis_client.sadd(redis_keys.LIVE_AUCTIONS, ended.id)
    assert leave(ended) and keys() == []


def test_settling_beside_it_changes_nothing_and_ends_well(ended: Stage, keys) -> None:
    assert leave(ended)
    close_and_settle(ended.engine, ended.id)
    assert keys() == []


def test_seats_change_hands_after_the_keys_left(ended: Stage, keys) -> None:
    assert leave(ended)
    assert ended.winners() == {"VIP-1": "alice", "VIP-2": "bob"}
    bought = results.results(ended.id, 1, 2)
    assert [result.awarded for result in bought] == ["offered", "offered"]
    award_id = db.session.scalar(db.select(awards.Award.id).where(awards.Award.person_id == ended.people["bob"]))
    awards.decline(award_id, ended.people["bob"], utcnow())
    handing_over.lapse_and_offer(ended.id, utcnow())
    assert "carol" in ended.winners().values() and keys() == []


def test_operators_are_served_by_the_ledger_and_told_what_cannot_be_done(ended: Stage, keys) -> None:
    before = figures_of(ended.engine, ended.row())
    assert leave(ended)
    assert figures_of(ended.engine, ended.row()) == before
    report = check(ended.engine, ended.id)
    assert (report.findings, report.accepted, report.recorded) == ([], 3, 3)
    with pytest.raises(NotRebuildable, match="the ledger alone counts"):
        rebuild_alone(ended.engine, queue_redis(), ended.id, "why", "ops", replace=True, backlog_max=10)
    void(ended.engine, ended.id, "the concert is cancelled", "ops", utcnow())
    assert ended.row().state is State.VOIDED and keys() == []
    with pytest.raises(UnknownAuction):
        ended.engine.read(ended.id)


def test_keys_are_due_a_day_after_settlement_or_voiding(ended: Stage) -> None:
    assert ending_keys.due(utcnow() + DAY - timedelta(minutes=1)) == []
    assert ending_keys.due(utcnow() + DAY) == [ended.id] and ending_keys.any_due(utcnow() + DAY)
    age(ended.id, 2 * DAY)
    void(ended.engine, ended.id, "fraud", "ops", utcnow())
    assert not ending_keys.any_due(utcnow()), "a day after it was voided"


def test_the_watch_queues_it_once_in_a_while_and_the_job_does_it(ended: Stage, caplog, keys) -> None:
    assert not queue_due(ended.engine).forget
    age(ended.id, DAY)
    assert queue_due(ended.engine).forget and not queue_due(ended.engine).forget
    jobs.forget_ended()
    assert keys() == [] and ended.row().keys_left_at is not None
    assert not caplog.messages


def test_the_job_names_the_auctions_whose_keys_stay(ended: Stage, redis_client: redis.Redis, caplog) -> None:
    redis_client.rpush(redis_keys.bids(ended.id), "an entry")
    age(ended.id, DAY)
    jobs.forget_ended()
    assert (
        len([message for message in caplog.messages if f"keys of auction {ended.id} stay in the live store" in message])
        == 1
    )


@pytest.fixture
def crowd(app: Flask) -> Iterator[list[int]]:
    """Ids of 10,000 verified people."""
    common = {"password_hash": "no log-in", "verified_at": utcnow()}
    rows = [{"email": f"fan{n}@example.org", "name": f"fan{n}", **common} for n in range(10_000)]
    db.session.execute(insert(Person), rows)
    db.session.commit()
    yield sorted(db.session.scalars(db.select(Person.id)))


@pytest.mark.slow
def test_a_season_of_a_hundred_auctions_leaves_the_live_store_empty(app: Flask, crowd: list[int], keys) -> None:
    engine = app.extensions["engine"]
    season = [fill_auction(engine, crowd, 20, bids_each=range(1, 2), ends_in_ms=-1_000).id]
    season += [fill_auction(engine, crowd[n : n + 5], 2, ends_in_ms=-1_000).id for n in range(99)]
    for number, auction_id in enumerate(season):
        if number % 10 == 9:
            void(engine, auction_id, "the concert is cancelled", "ops", utcnow())
        else:
            close_and_settle(engine, auction_id)
    assert len(keys()) >= 300
    ids = ending_keys.due(utcnow() + DAY)
    assert ids == sorted(season)
    forgotten = ending_keys.forget_all(engine, queue_redis(), ids, utcnow() + DAY, threading.Event(), 60)
    assert (forgotten.ids, forgotten.refused, keys()) == (ids, {}, [])
    lasting = [key for key in queue_redis().keys("*") if queue_redis().ttl(key) < 0 and not key.startswith(b"rq:")]
    of_all = {b"{pages}:generation", redis_keys.SETTLEMENT_COUNTS.encode()}
    assert set(lasting) <= of_all, "what the queue store holds of auctions ends by itself"
    assert queries.recorded_sequence(season[0]) == 10_000
