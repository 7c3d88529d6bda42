"""Closing: bidding ends, the last bids are recorded, the auction is settled from the ledger and shown as settled.

After a crash between any two steps, closing again completes it.
"""

import json
import logging
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from cashticket import jobs, redis_keys
from cashticket.auction.values import State
from cashticket.engine.connection import connect
from cashticket.engine.interface import StoreUnavailable, UnknownAuction
from cashticket.engine.one_store import OneStore
from cashticket.engine.redis_engine import RedisEngine
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.ledger.fence import LedgerGap
from cashticket.locale import to_moment
from cashticket.models import Award, Notification, OutboxMessage
from cashticket.models.columns import utcnow
from cashticket.models.outbox import MessageState
from cashticket.wiring import queue, queue_redis
from cashticket.work import queueing
from cashticket.work.closing import close_and_settle
from cashticket.work.watch.due import queue_due
from cashticket.work.watch.unsettled import unsettled_auctions
from lab.waiting import wait_until
from tests.staging.auctions import Stage


class Crash(Exception):
    """Raised where a process would die."""


@pytest.fixture
def stage(app: Flask) -> Stage:
    """Alice and bob win two seats, carol is next in line; the auction ended a second ago."""
    stage = Stage(app, ends_in_ms=-1_000)
    for name, amount in (("carol", 100_000), ("bob", 105_000), ("alice", 110_000)):
        stage.bid(name, amount)
    return stage


def outcomes() -> list[int]:
    """Ids of the notices of what became of people's bids: all but those that were told while bidding went on."""
    return sorted(db.session.scalars(db.select(Notification.id).where(Notification.kind != "rank_out")))


def mails_of() -> list[int]:
    """Ids of the notices whose mail waits in the outbox."""
    db.session.rollback()
    waiting = db.select(OutboxMessage.reference).where(OutboxMessage.state == MessageState.WAITING)
    return sorted(db.session.scalars(waiting))


def test_a_due_auction_is_closed_recorded_settled_and_shown(stage) -> None:
    close_and_settle(stage.engine, stage.id)
    jobs.tell(stage.id)
    assert stage.winners() == {"VIP-1": "alice", "VIP-2": "bob"}
    row = stage.row()
    assert (row.state, row.final_sequence, row.recorded_sequence) == ("settled", 3, 3)
    assert stage.engine.read(stage.id).state is State.SETTLED and stage.id not in stage.engine.auctions()
    assert mails_of() == outcomes() and len(outcomes()) == 3


def test_an_auction_that_still_runs_is_left_alone(app) -> None:
    stage = Stage(app)
    stage.bid("alice", 100_000)
    close_and_settle(stage.engine, stage.id)
    assert mails_of() == []
    assert stage.row().state == "open" and stage.engine.read(stage.id).state is State.OPEN


def test_an_auction_without_bids_is_settled_without_winners(app) -> None:
    stage = Stage(app, ends_in_ms=-1)
    close_and_settle(stage.engine, stage.id)
    assert mails_of() == []
    assert stage.row().state == "settled" and stage.winners() == {}


def test_settling_again_changes_nothing(stage) -> None:
    close_and_settle(stage.engine, stage.id)
    close_and_settle(stage.engine, stage.id)
    jobs.tell(stage.id)
    assert mails_of() == outcomes() and len(outcomes()) == 3
    assert db.session.query(Award).count() == 2


@pytest.mark.parametrize("verb", ["beat", "close", "peek", "trim", "rows", "finish"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_at_any_step_is_mended_by_the_next_run(stage, verb, when) -> None:
    class Dying(OneStore):
        """The engine, which raises Crash once before or after one verb."""

        def __getattr__(self, name: str) -> Any:
            call = getattr(stage.engine, name)
            if name != verb:
                return call

            def dying(*arguments: Any, **options: Any) -> Any:
                if when == "after":
                    call(*arguments, **options)
                raise Crash(verb)

            return dying

    with pytest.raises(Crash):
        close_and_settle(Dying(), stage.id)
    close_and_settle(stage.engine, stage.id)
    assert stage.winners() == {"VIP-1": "alice", "VIP-2": "bob"}
    assert stage.engine.read(stage.id).state is State.SETTLED
    assert [row.sequence for row in stage.recorded()] == [1, 2, 3]


def test_the_end_in_the_ledger_follows_the_end_in_force(app) -> None:
    stage = Stage(app, ends_in_ms=400, soft_close_seconds=1)
    stage.bid("alice", 100_000)
    announced = stage.row().closes_at
    wait_until(lambda: stage.engine.read(stage.id).state is State.CLOSING, "the end of bidding")
    in_force = stage.engine.read(stage.id).ends_at_ms
    close_and_settle(stage.engine, stage.id)
    assert stage.row().ends_at == to_moment(in_force) > announced


def test_auctions_of_one_concert_settle_in_the_order_in_which_they_ended(app) -> None:
    """Alice wins both; the first to end gives her the seat, the other passes her over."""
    stage = Stage(app, ends_in_ms=-100)
    first = stage.open_auction(ends_in_ms=-2_000)
    for auction_id in (stage.id, first):
        stage.bid("alice", 110_000, auction_id)
        stage.bid("bob", 105_000, auction_id)
        stage.bid("carol", 100_000, auction_id)
    close_and_settle(stage.engine, stage.id)
    assert stage.winners(first) == {"VIP-1": "alice", "VIP-2": "bob"}
    assert stage.winners() == {"VIP-1": "carol"}


def test_a_bid_missing_in_one_auction_holds_up_no_other_of_its_concert(stage, redis_client) -> None:
    later = stage.open_auction(ends_in_ms=-10)
    for amount in (100_000, 105_000):
        stage.bid("mallory", amount, later)
    redis_client.lpop(redis_keys.bids(later))
    close_and_settle(stage.engine, stage.id)
    assert stage.row().state == State.SETTLED
    with pytest.raises(LedgerGap):
        close_and_settle(stage.engine, later)


def test_an_auction_the_ledger_does_not_know_is_an_error(app) -> None:
    with pytest.raises(LookupError, match="no auction 4711"):
        close_and_settle(app.extensions["engine"], 4711)


def test_an_auction_the_live_store_has_lost_is_an_error(stage, redis_client) -> None:
    redis_client.flushdb()
    with pytest.raises(UnknownAuction):
        close_and_settle(stage.engine, stage.id)
    assert stage.row().state == "open"


def test_a_missing_bid_stops_settlement_by_name(stage, redis_client, caplog) -> None:
    redis_client.rpop(redis_keys.bids(stage.id))
    with caplog.at_level(logging.INFO):
        close_and_settle(stage.engine, stage.id)
    assert mails_of() == [] and stage.row().state != "settled" and stage.winners() == {}
    assert any("2 of 3 bids are recorded" in message for message in caplog.messages)


# The watch


def test_the_watch_queues_a_drain_and_what_is_due_once(app, stage) -> None:
    running = stage.open_auction()
    first, second = queue_due(stage.engine), queue_due(stage.engine)
    assert (first.drain, first.settle) == (True, [stage.id]) and running not in first.settle
    assert not second.anything


def test_what_needs_no_live_store_is_queued_while_that_is_away(stage) -> None:
    close_and_settle(stage.engine, stage.id)
    db.session.execute(db.update(Award).values(expires_at=utcnow() - timedelta(seconds=1)))
    db.session.commit()
    queue_redis().flushdb()
    with pytest.raises(StoreUnavailable):
        queue_due(RedisEngine(connect("unix:///nowhere/redis.sock")))
    assert "cashticket.jobs.lapse_and_offer" in [job.func_name for job in queue("settlement").jobs]
    assert queue("mail").count == 1


def test_the_watch_finishes_what_a_crash_left_unfinished(stage) -> None:
    class Dying(OneStore):
        def __getattr__(self, name: str) -> Any:
            if name == "finish":
                raise Crash
            return getattr(stage.engine, name)

    with pytest.raises(Crash):
        close_and_settle(Dying(), stage.id)
    assert stage.row().state == "settled" and queue_due(stage.engine).settle == [stage.id]
    jobs.settle(stage.id)
    queue_redis().flushdb()
    assert queue_due(stage.engine).settle == []


def test_the_watch_wakes_a_deliverer_when_nobody_did(stage) -> None:
    close_and_settle(stage.engine, stage.id)
    assert queue_due(stage.engine).mail and not queue_due(stage.engine).mail, "one waits already"
    queue("mail").empty()
    queue_redis().set(redis_keys.DELIVERER_ALIVE, "another", ex=20)
    assert not queue_due(stage.engine).mail, "a deliverer works already"


def test_the_watch_finds_mail_that_never_came_into_the_outbox(stage) -> None:
    close_and_settle(stage.engine, stage.id)
    db.session.execute(db.delete(OutboxMessage))
    db.session.execute(db.update(Notification).where(Notification.kind != "rank_out").values(mailed_at=None))
    db.session.commit()
    assert queue_due(stage.engine).mail
    jobs.deliver_due()
    sent = db.session.scalars(db.select(OutboxMessage.reference).where(OutboxMessage.state == MessageState.SENT))
    assert sorted(sent) == outcomes()
    assert not queue_due(stage.engine).mail


def test_the_settle_job_wakes_one_deliverer_for_all_its_mails(stage) -> None:
    jobs.settle(stage.id)
    assert [job.func_name for job in queue("settlement").jobs] == ["cashticket.jobs.tell"]
    assert mails_of() == outcomes() and len(outcomes()) == 2
    jobs.tell(stage.id)
    assert [job.func_name for job in queue("mail").jobs] == ["cashticket.jobs.deliver_due"]
    assert mails_of() == outcomes() and len(outcomes()) == 3


def test_close_due_tells_what_it_queued(app, stage) -> None:
    runner = app.test_cli_runner()
    printed = json.loads(runner.invoke(args=["auction", "close-due", "--json"]).stdout)
    queued = {"drain": True, "settle": [stage.id], "hand_over": [], "tell": []}
    queued |= {"mail": False, "push": False, "sms": False, "rank_outs": False, "remind": False}
    queued |= {"forget": False, "check": True}
    assert printed == queued | {"waiting": [asdict(unsettled_auctions(stage.engine)[0])]}
    jobs.settle(stage.id)
    again = runner.invoke(args=["auction", "close-due"])
    assert (again.exit_code, again.stdout) == (0, "nothing is due\n")


def test_queueing_is_safe_when_the_auction_is_settled_by_its_job(stage) -> None:
    assert queueing.settle(stage.id)
    jobs.settle(stage.id)
    assert queries.due_auctions(to_moment(stage.engine.clock())) == []
