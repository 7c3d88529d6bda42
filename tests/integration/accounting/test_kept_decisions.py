"""What operators decided, and what accounting did, outlives a live store that goes back."""

import pytest
from flask import Flask

from cashticket.engine.pauses import OPERATOR
from cashticket.ledger.accounted import note_accounted
from cashticket.ledger.operator_acts import find_acts
from cashticket.models import OperatorAct
from cashticket.models.operator_acts import Act, auction_subject
from cashticket.work import pausing
from cashticket.work.rebuilding import rebuild
from cashticket.work.watch.guard import Guard
from cashticket.work.witnesses import NOBODY
from tests.integration.accounting.steps import BEFORE, Copy, merged, record, record_all, waiting, without
from tests.integration.watch.steps import paused
from tests.staging.auctions import Stage


@pytest.fixture
def stage(app: Flask) -> Stage:
    """Two recorded bids, accounted for on the process that took them."""
    stage = Stage(app)
    stage.bid("carol", 100_000)
    stage.bid("bob", 105_000)
    record_all(stage)
    note_accounted([stage.id], BEFORE)
    return stage


def acts(stage: Stage, act: Act) -> list[OperatorAct]:
    return [each for each in find_acts(auction_subject(stage.id)) if each.act == act]


def watch(stage: Stage, queue_redis, *records) -> Guard:
    return Guard(stage.engine, queue_redis, (), 0, read_testimony=lambda: merged(*records))


# The pause of an operator


def test_a_pause_of_an_operator_stays_when_the_live_store_goes_on_from_before_it(
    stage, redis_client, queue_redis, caplog
) -> None:
    copy = Copy.of(redis_client, stage.id)
    pausing.pause(stage.engine, stage.id, "looks like fraud", "olga")
    copy.restore(redis_client, stage.id)
    guard = watch(stage, queue_redis, record(stage, {}))
    guard.round()
    guard.round()
    assert paused(stage) == OPERATOR
    assert "paused by an operator" in caplog.text
    pausing.resume(stage.engine, stage.id, "it was none", "olga", lambda: merged(record(stage, {})))
    assert paused(stage) == ""


def test_a_pause_that_an_operator_has_ended_does_not_come_back(stage, redis_client, queue_redis) -> None:
    pausing.pause(stage.engine, stage.id, "looks like fraud", "olga")
    note_accounted([stage.id], stage.engine.condition().identity)
    pausing.resume(stage.engine, stage.id, "it was none", "olga")
    note_accounted([stage.id], BEFORE)
    Copy.of(redis_client, stage.id).restore(redis_client, stage.id)
    watch(stage, queue_redis, record(stage, {})).round()
    assert paused(stage) == ""


@pytest.mark.parametrize("is_lost", [True, False])
def test_rebuilding_does_not_end_the_pause_of_an_operator(stage, redis_client, is_lost: bool) -> None:
    note_accounted([stage.id], stage.engine.condition().identity)
    pausing.pause(stage.engine, stage.id, "looks like fraud", "olga")
    if is_lost:
        redis_client.flushall()
    done = rebuild(
        stage.engine, stage.id, replace=True, backlog_max=1_000, account_for=lambda facts: None, testimony=NOBODY
    )
    assert done.paused == paused(stage) == OPERATOR
    pausing.resume(stage.engine, stage.id, "it was none", "olga")
    assert paused(stage) == ""


# What was put back


def test_what_the_watch_puts_back_is_kept_as_an_act(stage, redis_client, queue_redis, caplog) -> None:
    copy = Copy.of(redis_client, stage.id)
    for name, amount in (("alice", 110_000), ("mallory", 115_000), ("bob", 120_000)):
        stage.bid(name, amount)
    held = without(waiting(stage), [4])
    copy.restore(redis_client, stage.id)
    watch(stage, queue_redis, record(stage, held)).round()
    [act] = acts(stage, Act.AUCTION_PUT_BACK)
    assert act.operator == "watch"
    assert act.facts == {"after_number": 2, "put_back": 2, "numbers_given_up": [[4, 4]], "bids_given_up": 0}
    assert f"auction {stage.id}: the live store had gone on from before bid 3: 2 bids were put back" in caplog.text


def test_what_is_put_back_when_an_operator_resumes_is_kept_under_that_name(stage, redis_client) -> None:
    copy = Copy.of(redis_client, stage.id)
    stage.bid("alice", 110_000)
    held = waiting(stage)
    copy.restore(redis_client, stage.id)
    pausing.resume(stage.engine, stage.id, "the copy was mine", "olga", lambda: merged(record(stage, held)))
    [act] = acts(stage, Act.AUCTION_PUT_BACK)
    assert (act.operator, act.facts["put_back"], act.facts["after_number"]) == ("olga", 1, 2)


def test_where_nothing_was_missing_nothing_is_kept(stage, redis_client, queue_redis) -> None:
    Copy.of(redis_client, stage.id).restore(redis_client, stage.id)
    watch(stage, queue_redis, record(stage, {})).round()
    assert paused(stage) == "" and acts(stage, Act.AUCTION_PUT_BACK) == []


def test_who_resumes_after_an_unwitnessed_rebuild_is_not_asked_about_witnesses_again(stage, redis_client) -> None:
    pausing.pause(stage.engine, stage.id, "looks like fraud", "olga")
    redis_client.flushall()
    choices = {"replace": True, "backlog_max": 1_000, "testimony": NOBODY}
    rebuild(stage.engine, stage.id, account_for=lambda facts: None, **choices)
    pausing.resume(stage.engine, stage.id, "it was none", "olga", lambda: NOBODY)
    assert paused(stage) == ""
