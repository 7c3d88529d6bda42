"""No auction resumes on another process of the live store before every answered bid is accounted for."""

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from cashticket import redis_keys
from cashticket.engine.interface import Paused
from cashticket.engine.one_store import OneStore
from cashticket.engine.pauses import RESTARTED, UNSOUND, WITNESS
from cashticket.ledger.accounted import accounted_on, note_accounted
from cashticket.ledger.outages import outages_of
from cashticket.locale import to_ms
from cashticket.models.columns import utcnow
from cashticket.witness.testimony import Record, ShelfUnavailable, Testimony
from cashticket.work.watch import accounts
from cashticket.work.watch.guard import Guard
from tests.integration.accounting.steps import BEFORE, Copy, merged, record, record_all, requests, waiting, without
from tests.integration.watch.steps import paused
from tests.staging.auctions import Stage


class Shelf:
    """The records that a test says there are, and how often they were read."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.reads = 0
        self.fails = False

    def read(self) -> Testimony:
        self.reads += 1
        if self.fails:
            raise ShelfUnavailable
        return merged(*self.records)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def stage(app: Flask) -> Stage:
    """Two recorded bids, accounted for on the process that took them."""
    stage = Stage(app)
    stage.bid("carol", 100_000)
    stage.bid("bob", 105_000)
    record_all(stage)
    note_accounted([stage.id], BEFORE)
    return stage


@pytest.fixture
def older(stage: Stage, redis_client, shelf: Shelf) -> Copy:
    """A copy after two bids, of which two more know only the witness and the list that is lost."""
    copy = Copy.of(redis_client, stage.id)
    stage.bid("alice", 110_000)
    stage.bid("mallory", 115_000)
    shelf.records = [record(stage, waiting(stage))]
    return copy


@pytest.fixture
def guard(stage: Stage, queue_redis, shelf: Shelf) -> Guard:
    return Guard(stage.engine, queue_redis, (), 0, read_testimony=shelf.read)


def identity(stage: Stage) -> str:
    return stage.engine.condition().identity


def alive(stage: Stage, heard: str) -> Record:
    return replace(
        record(stage, {}), process="web-2", alive=True, identity=heard, identities=frozenset({BEFORE, heard})
    )


def test_an_auction_resumes_by_itself_with_everything_in_its_place(stage, older, guard, redis_client) -> None:
    older.restore(redis_client, stage.id)
    guard.round()
    assert paused(stage) == "" and accounted_on([stage.id]) == {stage.id: identity(stage)}
    assert stage.bid("mallory", 115_000).replayed
    assert stage.bid("mallory", 120_000).sequence == 5
    record_all(stage)
    assert [number for number, _, _ in requests(stage)] == [1, 2, 3, 4, 5]


def test_nobody_bids_before_every_living_witness_has_written(stage, older, guard, shelf, redis_client, caplog) -> None:
    shelf.records.append(alive(stage, BEFORE))
    older.restore(redis_client, stage.id)
    with caplog.at_level(logging.ERROR):
        guard.round()
        guard.round()
    assert paused(stage) == RESTARTED and stage.engine.read(stage.id).sequence == 2
    assert caplog.text.count("have not written yet which bids they know") == 1 and "web-2" in caplog.text
    with pytest.raises(Paused):
        stage.bid("mallory", 120_000)
    shelf.records[-1] = alive(stage, identity(stage))
    guard.round()
    assert paused(stage) == "" and stage.engine.read(stage.id).sequence == 4


def test_what_the_last_witness_writes_is_put_back_too(stage, older, guard, shelf, redis_client) -> None:
    held = waiting(stage)
    shelf.records = [record(stage, without(held, [4])), alive(stage, BEFORE)]
    older.restore(redis_client, stage.id)
    guard.round()
    shelf.records[-1] = replace(record(stage, held), alive=True, identity=identity(stage))
    guard.round()
    assert paused(stage) == "" and stage.engine.read(stage.id).sequence == 4


def test_where_the_witness_is_gone_too_an_operator_decides(stage, older, guard, shelf, redis_client, caplog) -> None:
    shelf.records = []
    older.restore(redis_client, stage.id)
    guard.round()
    assert paused(stage) == WITNESS
    assert f"auction resume {stage.id}" in caplog.text and f"auction rebuild {stage.id} --yes" in caplog.text
    guard.round()
    assert paused(stage) == WITNESS and stage.engine.read(stage.id).sequence == 2
    assert accounted_on([stage.id]) == {stage.id: BEFORE}


def test_a_witness_of_another_process_alone_is_no_witness(stage, older, guard, shelf, redis_client) -> None:
    later = identity(stage)
    shelf.records = [replace(alive(stage, later), identities=frozenset({later}))]
    older.restore(redis_client, stage.id)
    guard.round()
    assert paused(stage) == WITNESS


def test_a_shelf_that_cannot_be_read_resumes_nothing_and_decides_nothing(
    stage, older, guard, shelf, redis_client, caplog
) -> None:
    shelf.fails = True
    older.restore(redis_client, stage.id)
    guard.round()
    assert paused(stage) == RESTARTED and "cannot be accounted for" in caplog.text
    shelf.fails = False
    guard.round()
    assert paused(stage) == ""


def test_an_auction_that_never_opened_needs_no_operator(app, guard, shelf, queue_redis, redis_client) -> None:
    stage = Stage(app, opens_at=utcnow() + timedelta(minutes=30))
    note_accounted([stage.id], BEFORE)
    redis_client.hset(redis_keys.state(stage.id), "checked_on", BEFORE)
    Guard(stage.engine, queue_redis, (), 0, read_testimony=shelf.read).round()
    assert paused(stage) == ""


def test_an_auction_of_an_earlier_release_needs_no_operator(app, shelf, queue_redis, redis_client) -> None:
    stage = Stage(app)
    stage.bid("carol", 100_000)
    redis_client.hset(redis_keys.state(stage.id), "checked_on", BEFORE)
    Guard(stage.engine, queue_redis, (), 0, read_testimony=shelf.read).round()
    assert paused(stage) == "" and accounted_on([stage.id]) == {stage.id: identity(stage)}


def test_a_running_auction_is_noted_once_and_no_witness_is_asked(app, guard, shelf) -> None:
    stage = Stage(app)
    guard.round()
    assert accounted_on([stage.id]) == {stage.id: identity(stage)} and shelf.reads == 0
    guard.round()
    assert shelf.reads == 0


def test_a_store_that_contradicts_the_ledger_is_unsound(stage, older, guard, shelf, redis_client, caplog) -> None:
    """Bid 3 of the store's own list is another than the recorded bid 3."""
    older.restore(redis_client, stage.id, checked_on=identity(stage))
    stage.bid("carol", 150_000)
    other = Copy.of(redis_client, stage.id)
    record_all(stage)
    older.restore(redis_client, stage.id, checked_on=identity(stage))
    stage.bid("bob", 160_000)
    redis_client.hset(redis_keys.state(stage.id), "checked_on", BEFORE)
    assert other.keys
    guard.round()
    assert paused(stage) == UNSOUND


@pytest.mark.parametrize("verb", ["tail", "statuses", "peek", "put_back", "resume"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_watch_that_dies_anywhere_is_followed_by_one_that_ends_in_the_same_state(
    stage, older, shelf, queue_redis, redis_client, verb, when
) -> None:
    held = waiting(stage)
    shelf.records = [record(stage, without(held, [3]))]
    older.restore(redis_client, stage.id)

    class Crash(BaseException):
        pass

    class Dying(OneStore):
        def __getattr__(self, name: str) -> Any:
            call = getattr(stage.engine, name)
            if name != verb:
                return call

            def dying(*arguments: Any, **options: Any) -> Any:
                if when == "after":
                    call(*arguments, **options)
                raise Crash

            return dying

    with pytest.raises(Crash):
        Guard(Dying(), queue_redis, (), 0, read_testimony=shelf.read).round()  # type: ignore[arg-type]
    Guard(stage.engine, queue_redis, (), 0, read_testimony=shelf.read).round()
    assert paused(stage) == ""
    record_all(stage)
    assert [number for number, _, _ in requests(stage)] == [1, 2, 4]
    assert stage.bid("alice", 130_000).sequence == 5


def test_an_auction_that_cannot_be_accounted_for_holds_up_no_other(
    stage, older, shelf, queue_redis, redis_client, caplog
) -> None:
    held = waiting(stage)
    other = stage.open_auction()
    note_accounted([other], BEFORE)
    redis_client.hset(redis_keys.state(other), "checked_on", BEFORE)
    older.restore(redis_client, stage.id)
    shelf.records = [record(stage, held)]

    class Failing(OneStore):
        def __getattr__(self, name: str) -> Any:
            call = getattr(stage.engine, name)

            def failing(auction_id: int, *arguments: Any) -> Any:
                if auction_id == stage.id:
                    raise ValueError
                return call(auction_id, *arguments)

            return failing if name == "put_back" else call

    Guard(Failing(), queue_redis, (), 0, read_testimony=shelf.read).round()  # type: ignore[arg-type]
    assert paused(stage) == RESTARTED and stage.engine.read(other).paused == ""
    assert f"the account of auction {stage.id} fails" in caplog.text


def test_a_watch_that_dies_once_all_is_accounted_for_is_followed_by_one_that_gives_all_the_time_back(
    app, shelf, queue_redis, redis_client, monkeypatch
) -> None:
    """The second asks no witness any more; the first kept when one heard the former process last."""
    stage = Stage(app)
    before_ms = stage.engine.clock() - 60_000
    copy = Copy.of(redis_client, stage.id)
    stage.bid("alice", 110_000, now_ms=before_ms)
    shelf.records = [replace(record(stage, waiting(stage)), beat_ms=before_ms)]
    note_accounted([stage.id], BEFORE)
    copy.restore(redis_client, stage.id)

    def noted(*arguments: Any) -> None:
        note_accounted(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(accounts, "note_accounted", noted)
        Guard(stage.engine, queue_redis, (), 0, read_testimony=shelf.read).round()
    Guard(stage.engine, queue_redis, (), 0, read_testimony=shelf.read).round()
    (outage,) = outages_of(stage.id)
    assert paused(stage) == "" and shelf.reads == 1
    assert to_ms(outage.ends_after) - to_ms(outage.ends_before) >= 60_000
