"""The doctor on running auctions and on the post, on both databases."""

import json
from datetime import timedelta

import pytest
import redis
from flask import Flask

from cashticket import redis_keys
from cashticket.engine.pauses import MEMORY, OPERATOR, RESTARTED, WITNESS
from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.models.columns import utcnow
from cashticket.models.outbox import MessageState, Priority
from cashticket.work.check.verdicts import check_all
from cashticket.work.doctor import bidding, post
from cashticket.work.doctor.diagnoses import Health
from tests.staging.auctions import HOUR_MS, Stage
from tests.staging.doctor import change_settings, is_told, only, seen_by
from tests.staging.outbox import add_rows


@pytest.fixture
def stage(app: Flask) -> Stage:
    """An auction of an hour with four people, open since an hour."""
    return Stage(app)


def test_bids_that_wait_are_told_by_how_long_and_how_many(app: Flask, stage: Stage) -> None:
    assert only(bidding.look_at_recording).seen == "0 accepted bids wait"
    now = stage.engine.clock()
    stage.bid("alice", 100_000, now_ms=now - 10_000)
    is_told(only(bidding.look_at_recording), Health.WARN, "1 accepted bids wait, the oldest for 10.", "worker bids")
    record_waiting(stage.engine, stage.id)
    stage.bid("bob", 105_000, now_ms=now)
    assert only(bidding.look_at_recording).health is Health.OK
    change_settings(app, backlog_max=1)
    is_told(only(bidding.look_at_recording), Health.WARN, "pauses at 1 in one auction", "worker bids")
    other = stage.open_auction()
    stage.bid("carol", 100_000, other, now_ms=now - 60_000)
    is_told(only(bidding.look_at_recording), Health.BAD, "2 accepted bids wait, the oldest for 60", "worker.py bids")


def test_bids_that_were_set_aside_are_told(stage: Stage, redis_client: redis.Redis) -> None:
    assert only(bidding.look_at_set_aside).health is Health.OK
    stage.bid("bob", 100_000)
    entry = json.loads(redis_client.lindex(redis_keys.bids(stage.id), 0))
    redis_client.lset(redis_keys.bids(stage.id), 0, json.dumps(entry | {"amount": "much"}))
    record_waiting(stage.engine, stage.id)
    told = only(bidding.look_at_set_aside)
    is_told(told, Health.BAD, f"1 bids of auction {stage.id} were set aside", "auction quarantine ID")


def test_pauses_and_lost_auctions_are_told_with_what_ends_them(stage: Stage, redis_client: redis.Redis) -> None:
    assert {each.health for each in seen_by(bidding.look_at_auctions).values()} == {Health.OK}
    mends = {OPERATOR: "auction resume", WITNESS: "auction rebuild", RESTARTED: "the watch ends it", MEMORY: "memory"}
    former = ""
    for reason, mend in mends.items():
        assert stage.engine.pause(stage.id, reason, instead_of=former)
        health = Health.WARN if reason == OPERATOR else Health.BAD
        is_told(seen_by(bidding.look_at_auctions)["pauses"], health, f"auction {stage.id} ({reason})", mend)
        former = reason
    redis_client.flushall()
    told = seen_by(bidding.look_at_auctions)["auctions"]
    is_told(told, Health.BAD, f"auction {stage.id} was never opened", f"auction publish {stage.id}")


def test_an_end_that_is_not_settled_is_told_with_the_reason(app: Flask) -> None:
    stage = Stage(app, ends_in_ms=-600_000)
    just_ended = stage.open_auction(ends_in_ms=-1_000)
    stage.bid("bob", 100_000)
    told = only(bidding.look_at_closing)
    is_told(told, Health.BAD, f"auction {stage.id} waits: 0 of 1 bids are recorded", "worker bids")
    assert f"auction {just_ended}" not in told.seen
    record_waiting(stage.engine, stage.id)
    is_told(only(bidding.look_at_closing), Health.BAD, "nothing is in the way", "worker settlement")


def test_an_auction_that_nobody_checks_is_told(stage: Stage) -> None:
    is_told(only(bidding.look_at_checks), Health.WARN, f"not checked for {HOUR_MS // 1000:,} s", "worker checks")
    check_all(stage.engine, stage.id)
    assert only(bidding.look_at_checks).health is Health.OK


def test_mails_and_pushes_that_are_late_or_failed_are_told(app: Flask) -> None:
    assert {each.health for each in seen_by(post.look_at_outbox).values()} == {Health.OK}
    now = utcnow()
    add_rows(2, due_at=now - timedelta(seconds=200))
    add_rows(1, priority=Priority.PUSH_NOW, due_at=now - timedelta(seconds=400))
    add_rows(1, state=MessageState.FAILED, last_error="550 5.1.1", ended_at=now - timedelta(hours=1))
    add_rows(1, state=MessageState.FAILED, last_error="expired", ended_at=now - timedelta(days=2))
    db.session.remove()
    told = seen_by(post.look_at_outbox)
    is_told(told["mails"], Health.WARN, "2 wait, the oldest has been due for 200 s", "`worker mail` and `mail server`")
    is_told(told["pushes"], Health.BAD, "1 wait, the oldest has been due for 400 s", "worker push")
    is_told(told["failed messages"], Health.WARN, "1 messages failed for good in the last day (550 5.1.1)", "post")
    assert tuple(told) == post.NAMES
