"""The guard only asks for checks: a worker makes them, or the round itself for a moment when nobody else does."""

from dataclasses import replace
from threading import Event
from typing import Any

import pytest
import redis

from cashticket import jobs, redis_keys
from cashticket.engine.interface import Engine
from cashticket.engine.one_store import OneStore
from cashticket.engine.pauses import RESTARTED, RESTORING, UNSOUND
from cashticket.extensions import db
from cashticket.ledger.check_marks import check_of
from cashticket.ledger.recording import record_waiting
from cashticket.models import AuctionCheck
from cashticket.wiring import queue
from cashticket.work import queueing
from cashticket.work.check import due_checks
from cashticket.work.check.compare import Report
from cashticket.work.check.due_checks import answer_wanted
from cashticket.work.check.verdicts import check_all, check_new
from cashticket.work.rebuilding_alone import rebuild_alone
from cashticket.work.watch import wanted_checks
from cashticket.work.watch.guard import Guard
from cashticket.work.watch.wanted_checks import CHECK_SECONDS, LATE_SECONDS, PATIENCE_SECONDS
from tests.integration.watch.steps import Clock, paused
from tests.staging.auctions import Stage


@pytest.fixture
def asking(stage: Stage, queue_redis: redis.Redis, clock: Clock) -> Guard:
    """A guard that has workers make its checks."""
    return Guard(stage.engine, queue_redis, (), 0, clock, queueing.check_due)


def restarted(stage: Stage, client: redis.Redis, *auction_ids: int) -> None:
    """Pretend that these auctions were last found sound on another process of the live store."""
    for auction_id in auction_ids or (stage.id,):
        client.hset(redis_keys.state(auction_id), "checked_on", "somebody-else master")


def kept(auction_id: int) -> AuctionCheck:
    db.session.remove()
    check = check_of(auction_id)
    assert check is not None
    return check


def test_a_round_asks_and_a_worker_answers(stage, asking, redis_client) -> None:
    restarted(stage, redis_client)
    asking.round()
    assert paused(stage) == RESTARTED and [job.func_name for job in queue("checks").jobs] == [
        "cashticket.jobs.check_due"
    ]
    asking.round()
    assert queue("checks").count == 1, "one job is enough"
    jobs.check_due()
    asking.round()
    assert paused(stage) == ""


def test_a_verdict_from_before_the_pause_ends_no_pause(stage, asking, redis_client) -> None:
    asking.round()
    jobs.check_due()
    asking.round()
    restarted(stage, redis_client)
    asking.round()
    asking.round()
    assert paused(stage) == RESTARTED, "the auction was sound, but that was before"
    jobs.check_due()
    asking.round()
    assert paused(stage) == ""


def test_a_verdict_on_another_process_of_the_store_ends_no_pause(stage, asking, redis_client) -> None:
    restarted(stage, redis_client)
    asking.round()
    jobs.check_due()
    db.session.execute(db.update(AuctionCheck).values(checked_on="the-one-before master"))
    db.session.commit()
    asking.round()
    assert paused(stage) == RESTARTED


def test_a_check_that_began_before_it_was_asked_for_is_no_answer(stage, asking, redis_client) -> None:
    """A worker is in the middle of a check when the store restarts."""
    asking.round()

    class Slow(OneStore):
        """The engine; while the list is read, the store restarts and the guard asks anew."""

        def __getattr__(self, name: str) -> object:
            if name == "tail":
                restarted(stage, redis_client)
                asking.round()
            return getattr(stage.engine, name)

    check_new(Slow(), stage.id)  # type: ignore[arg-type]
    asking.round()
    assert paused(stage) == RESTARTED
    answer_wanted(stage.engine, Event())
    asking.round()
    assert paused(stage) == ""


def test_without_a_worker_the_round_makes_the_checks_after_some_seconds(stage, asking, clock, redis_client) -> None:
    restarted(stage, redis_client)
    asking.round()
    clock.now += PATIENCE_SECONDS
    asking.round()
    assert paused(stage) == ""


def test_without_the_queue_store_the_round_makes_the_checks_at_once(stage, clock, redis_client, caplog) -> None:
    away = redis.Redis.from_url("unix:///nowhere.sock")

    def unreachable() -> bool:
        raise redis.ConnectionError

    guard = Guard(stage.engine, away, (), 0, clock, unreachable)
    restarted(stage, redis_client)
    guard.round()
    guard.round()
    assert paused(stage) == ""
    assert caplog.text.count("no worker can be asked for checks") == 1


def test_a_round_that_checks_by_itself_ends_soon_and_goes_on_in_the_next(
    stage, queue_redis, clock, redis_client, monkeypatch
) -> None:
    others = [stage.open_auction() for _ in range(4)]
    restarted(stage, redis_client, stage.id, *others)
    monkeypatch.setattr(wanted_checks, "OWN_CHECKS_SECONDS", 0.0)
    guard = Guard(stage.engine, queue_redis, (), 0, clock)
    guard.round()
    assert all(stage.engine.read(each).paused == RESTARTED for each in others), "no time for a single one"
    monkeypatch.setattr(wanted_checks, "OWN_CHECKS_SECONDS", 60.0)
    guard.round()
    assert not any(stage.engine.read(each).paused for each in (stage.id, *others))


def test_a_check_that_does_not_end_is_said(stage, asking, clock, monkeypatch, caplog) -> None:
    monkeypatch.setattr(wanted_checks, "OWN_CHECKS_SECONDS", 0.0)
    asking.round()
    clock.now += LATE_SECONDS - 1
    asking.round()
    assert "has not ended" not in caplog.text
    clock.now += 2
    asking.round()
    asking.round()
    assert caplog.text.count(f"auction {stage.id}: a check has not ended for 60 s") == 1


def test_a_fault_that_the_second_look_does_not_find_pauses_nothing(stage, guard, clock, redis_client) -> None:
    """What a check reads one after the other may never have been true together."""
    stage.bid("alice", 100_000)
    looks: list[int] = []

    class Moving(OneStore):
        """The engine, whose first answer about the auction shows more as recorded than there is."""

        def __getattr__(self, name: str) -> object:
            return getattr(stage.engine, name)

        def read(self, auction_id: int) -> object:
            looks.append(1)
            answer = stage.engine.read(auction_id)
            return replace(answer, recorded=answer.sequence) if len(looks) <= 2 else answer

    assert check_new(Moving(), stage.id).faults == []
    assert len(looks) > 2 and kept(stage.id).fault is None


def test_two_watches_pause_and_resume_together(stage, asking, queue_redis, clock, redis_client) -> None:
    other = Guard(stage.engine, queue_redis, (), 0, clock, queueing.check_due)
    restarted(stage, redis_client)
    for guard in (asking, other):
        guard.round()
    jobs.check_due()
    other.round()
    asking.round()
    assert paused(stage) == ""
    score = redis_client.zscore(redis_keys.standings(stage.id), stage.people["bob"])
    redis_client.zrem(redis_keys.standings(stage.id), stage.people["bob"])
    clock.now += CHECK_SECONDS
    for step in (asking.round, jobs.check_due, other.round, asking.round):
        step()
    assert paused(stage) == UNSOUND
    redis_client.zadd(redis_keys.standings(stage.id), {str(stage.people["bob"]): score})
    clock.now += CHECK_SECONDS
    for step in (asking.round, other.round, jobs.check_due, other.round, asking.round):
        step()
    assert paused(stage) == ""


def test_a_fault_that_a_whole_check_found_pauses_until_a_whole_check_is_sound(
    stage, asking, clock, redis_client
) -> None:
    asking.round()
    jobs.check_due()
    redis_client.hset(redis_keys.chances(stage.id), stage.people["bob"], "0")
    check_all(stage.engine, stage.id)
    asking.round()
    assert paused(stage) == UNSOUND
    redis_client.hset(redis_keys.chances(stage.id), stage.people["bob"], "1")
    clock.now += CHECK_SECONDS
    for _ in range(2):
        asking.round()
        answer_wanted(stage.engine, Event())
    assert paused(stage) == UNSOUND, "what came since is sound, and that says nothing about what was found"
    check_all(stage.engine, stage.id)
    asking.round()
    assert paused(stage) == ""


def test_a_check_during_a_rebuild_says_nothing_against_the_auction(
    stage, asking, redis_client, queue_redis, monkeypatch
) -> None:
    """Nor is an auction of which nothing can be said looked at again and again."""
    looks: list[int] = []

    def counted(engine: Engine, auction_id: int, *rest: Any) -> Report:
        looks.append(auction_id)
        return check_all(engine, auction_id, *rest)

    monkeypatch.setattr(due_checks, "check_all", counted)
    asking.round()
    stage.engine.pause(stage.id, RESTORING)
    redis_client.zrem(redis_keys.standings(stage.id), stage.people["bob"])
    jobs.check_due()
    assert kept(stage.id).fault is None and looks == [stage.id]
    options = {"replace": True, "backlog_max": 1_000}
    rebuilt = rebuild_alone(stage.engine, queue_redis, stage.id, "a test", "alice", **options)
    assert rebuilt.findings == [] and kept(stage.id).whole_at is not None
    asking.round()
    assert paused(stage) == ""


def test_fifty_restarted_auctions_take_bids_again_after_one_job(stage, asking, redis_client) -> None:
    auctions = [stage.id, *(stage.open_auction() for _ in range(49))]
    for auction_id in auctions[1:]:
        stage.bid("alice", 100_000, auction_id)
    asking.round()
    restarted(stage, redis_client, *auctions)
    asking.round()
    asking.round()
    jobs.check_due()
    asking.round()
    assert not any(status.paused for status in stage.engine.statuses(auctions).values())
    stage.bid("bob", 105_000, auctions[-1])


def test_an_auction_that_the_ledger_does_not_have_takes_no_bids(stage, asking, redis_client, caplog) -> None:
    terms = stage.engine.read(stage.id).terms
    stage.engine.open(replace(terms, auction_id=4_711))
    asking.round()
    assert stage.engine.read(4_711).paused == UNSOUND
    assert "the ledger has no such running auction" in caplog.text


def test_a_drain_and_a_check_at_once_find_nothing(stage, asking) -> None:
    stage.bid("alice", 110_000)
    asking.round()
    record_waiting(stage.engine, stage.id)
    jobs.check_due()
    assert kept(stage.id).fault is None and kept(stage.id).through_sequence == 3
