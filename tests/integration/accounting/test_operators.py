"""Operators resume and rebuild: what witnesses hold comes first, and what nobody witnessed is decided by name."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from cashticket import redis_keys
from cashticket.auction.values import Permission
from cashticket.engine.pauses import OPERATOR, WITNESS
from cashticket.ledger.accounted import accounted_on, note_accounted
from cashticket.ledger.given_up_bids import given_up_bids
from cashticket.witness.testimony import Testimony
from cashticket.work import pausing
from cashticket.work.check.compare import check
from cashticket.work.pausing import NotPausable
from cashticket.work.rebuilding import NotRebuildable, Rebuilt, rebuild
from cashticket.work.witnesses import NOBODY
from tests.integration.accounting.steps import BEFORE, Copy, merged, record, record_all, requests, waiting, without
from tests.integration.watch.steps import paused
from tests.staging.auctions import Stage
from tests.staging.engine import order_of

WAITING_MAX = 1_000


@pytest.fixture
def stage(app: Flask) -> Stage:
    """Two recorded bids, accounted for on the process that took them; then two that wait."""
    stage = Stage(app)
    stage.bid("carol", 100_000)
    stage.bid("bob", 105_000)
    record_all(stage)
    note_accounted([stage.id], BEFORE)
    return stage


@pytest.fixture
def older(stage: Stage, redis_client) -> Copy:
    copy = Copy.of(redis_client, stage.id)
    stage.bid("alice", 110_000)
    stage.bid("mallory", 115_000)
    return copy


def rebuilt(stage: Stage, testimony: Testimony, *, replace: bool = True) -> Rebuilt:
    acts: list[dict[str, Any]] = []
    choices: dict[str, Any] = {"replace": replace, "backlog_max": WAITING_MAX, "account_for": acts.append}
    return rebuild(stage.engine, stage.id, testimony=testimony, **choices)


def resume(stage: Stage, testimony: Testimony) -> None:
    pausing.resume(stage.engine, stage.id, "a test", "operator", lambda: testimony)


def bid_again(stage: Stage, name: str, amount: int) -> int:
    stage.engine.introduce(stage.id, stage.people[name], Permission.OK, 1, 1)
    return stage.bid(name, amount).sequence


# Rebuilding


def test_an_emptied_store_loses_no_bid_that_a_witness_holds_and_no_number(stage, older, redis_client) -> None:
    testimony, order = merged(record(stage, waiting(stage))), order_of(stage.engine, stage.id)
    redis_client.flushall()
    done = rebuilt(stage, testimony)
    assert (done.recorded, done.witnessed, done.given_up, done.findings) == (4, 2, [], [])
    assert order_of(stage.engine, stage.id) == order
    assert bid_again(stage, "alice", 110_000) == 3, "the request is answered again"
    assert bid_again(stage, "alice", 120_000) == 5


def test_only_numbers_that_no_witness_holds_are_given_up(stage, older, redis_client) -> None:
    testimony = merged(record(stage, without(waiting(stage), [3]), highest=5))
    redis_client.flushall()
    done = rebuilt(stage, testimony)
    assert (done.witnessed, done.given_up) == (1, [(3, 3), (5, 5)])
    assert [number for number, _, _ in requests(stage)] == [1, 2, 4]
    assert bid_again(stage, "alice", 120_000) == 6


def test_an_older_copy_is_rebuilt_with_what_witnesses_hold(stage, older, redis_client) -> None:
    testimony, order = merged(record(stage, waiting(stage))), order_of(stage.engine, stage.id)
    older.restore(redis_client, stage.id)
    done = rebuilt(stage, testimony)
    assert (done.witnessed, done.given_up, done.paused) == (2, [], "")
    assert order_of(stage.engine, stage.id) == order


def test_where_nobody_witnessed_the_store_every_number_that_can_wait_is_given_up(stage, older, redis_client) -> None:
    older.restore(redis_client, stage.id)
    assert rebuilt(stage, NOBODY).given_up == [(3, 2 + WAITING_MAX)]
    assert bid_again(stage, "alice", 120_000) == 3 + WAITING_MAX
    assert accounted_on([stage.id]) == {stage.id: stage.engine.condition().identity}


def test_a_store_that_never_went_away_loses_no_number_without_witnesses(stage, older) -> None:
    note_accounted([stage.id], stage.engine.condition().identity)
    assert rebuilt(stage, NOBODY).given_up == []
    assert [number for number, _, _ in requests(stage)] == [1, 2, 3, 4]


def test_a_store_that_forgot_an_auction_by_itself_gives_no_number_twice(stage, older, redis_client) -> None:
    """The process of the live store goes on, but the auction is gone from it, and nobody witnessed its bids."""
    note_accounted([stage.id], stage.engine.condition().identity)
    redis_client.flushall()
    assert rebuilt(stage, NOBODY).given_up == [(3, 2 + WAITING_MAX)]
    assert bid_again(stage, "alice", 120_000) == 3 + WAITING_MAX


def test_a_witnessed_bid_whose_number_went_to_another_is_given_up_by_name(stage, older, redis_client) -> None:
    testimony = merged(record(stage, waiting(stage)))
    older.restore(redis_client, stage.id, checked_on=stage.engine.condition().identity)
    stage.bid("carol", 150_000)
    done = rebuilt(stage, testimony)
    assert (done.bids_given_up, done.witnessed) == (1, 1)
    assert [(lost.sequence, lost.person_id) for lost in given_up_bids(stage.id)] == [(3, stage.people["alice"])]
    assert [amount for _, amount, _ in requests(stage)] == [100_000, 105_000, 150_000, 115_000]


def test_nothing_is_rebuilt_before_every_living_witness_has_written(stage, older, redis_client) -> None:
    silent = replace(record(stage, {}), process="web-7", alive=True)
    redis_client.flushall()
    with pytest.raises(NotRebuildable, match="web-7"):
        rebuilt(stage, merged(silent))


# Resuming


def test_an_operator_resumes_with_everything_in_its_place(stage, older, redis_client) -> None:
    testimony = merged(record(stage, waiting(stage)))
    older.restore(redis_client, stage.id)
    stage.engine.pause(stage.id, OPERATOR, instead_of=paused(stage))
    resume(stage, testimony)
    assert paused(stage) == "" and stage.bid("mallory", 115_000).replayed
    assert stage.bid("mallory", 120_000).sequence == 5


def test_an_operator_does_not_resume_unaware_what_nobody_witnessed(stage, older, redis_client) -> None:
    older.restore(redis_client, stage.id)
    stage.engine.pause(stage.id, OPERATOR, instead_of=paused(stage))
    with pytest.raises(NotPausable, match=f"nobody witnessed .* auction rebuild {stage.id} --yes"):
        resume(stage, NOBODY)
    assert paused(stage) == WITNESS
    resume(stage, NOBODY)
    assert paused(stage) == "", "who ends this pause knows"
    assert accounted_on([stage.id]) == {stage.id: stage.engine.condition().identity}


def test_an_operator_waits_for_living_witnesses_too(stage, older, redis_client) -> None:
    silent = replace(record(stage, waiting(stage)), process="web-7", alive=True)
    older.restore(redis_client, stage.id)
    with pytest.raises(NotPausable, match="web-7"):
        resume(stage, merged(silent))
    assert paused(stage) == "restarted" and stage.engine.read(stage.id).sequence == 2


def test_a_pause_on_the_same_process_is_ended_without_any_witness(stage, older) -> None:
    note_accounted([stage.id], stage.engine.condition().identity)
    stage.engine.pause(stage.id, OPERATOR)
    resume(stage, NOBODY)
    assert paused(stage) == "" and check(stage.engine, stage.id).findings == []


def test_a_number_that_was_set_aside_is_never_given_by_an_older_copy(stage, redis_client) -> None:
    """A bid of a person whom the ledger does not know is set aside; the live store goes on from before it."""
    copy = Copy.of(redis_client, stage.id)
    stranger = stage.people["stranger"] = max(stage.people.values()) + 1
    stage.engine.introduce(stage.id, stranger, Permission.OK, 1, 1)
    stage.bid("stranger", 120_000)
    held = waiting(stage)
    record_all(stage)
    copy.restore(redis_client, stage.id)
    resume(stage, merged(record(stage, held)))
    assert redis_client.hget(redis_keys.state(stage.id), "sequence") == "3"
    assert stage.bid("alice", 125_000).sequence == 4
    record_all(stage)
    assert [number for number, _, _ in requests(stage)] == [1, 2, 4]
