"""Leases are held by one alone and end by themselves; what is queued waits once, under no fixed id, as JSON."""

import pytest
from flask import Flask

from cashticket import jobs, redis_keys
from cashticket.engine.interface import StoreUnavailable
from cashticket.engine.one_store import OneStore
from cashticket.wiring import queue_redis
from cashticket.work import drain_leases, queueing
from cashticket.work.leases import Lease
from lab.waiting import wait_until

# Leases


@pytest.fixture
def lease(app: Flask) -> Lease:
    return Lease(queue_redis(), redis_keys.drain_lease("first"), 60_000)


def test_a_lease_is_held_by_one_alone_and_renewed_by_its_holder(app, lease) -> None:
    other = Lease(queue_redis(), redis_keys.drain_lease("first"), 60_000)
    assert lease.hold() and lease.hold() and not other.hold()
    assert lease.release() and other.hold()


def test_nobody_releases_the_lease_of_somebody_else(app, lease) -> None:
    assert lease.hold()
    assert not Lease(queue_redis(), redis_keys.drain_lease("first"), 60_000).release()
    assert lease.is_taken()


def test_a_lease_ends_by_itself(app) -> None:
    assert Lease(queue_redis(), redis_keys.drain_lease("first"), 1).hold()
    wait_until(Lease(queue_redis(), redis_keys.drain_lease("first"), 60_000).hold, "the lease to end")


# What is queued


def test_a_drain_is_queued_unless_one_runs_or_waits(stage) -> None:
    assert queueing.ensure_drain(stage.engine) and not queueing.ensure_drain(stage.engine)
    queueing.queue("bids").empty()
    assert drain_leases.staying(queue_redis()).hold() and not queueing.ensure_drain(stage.engine)


def test_one_more_drain_is_queued_while_bids_wait_that_no_drain_records(stage) -> None:
    assert drain_leases.staying(queue_redis()).hold()
    stage.bid("alice", 100_000)
    wait_until(lambda: queueing.ensure_drain(stage.engine), "the bid to have waited too long")
    queueing.queue("bids").empty()
    assert drain_leases.of_auction(queue_redis(), stage.id).hold()
    assert not queueing.ensure_drain(stage.engine), "a drain records it"


def test_no_further_drain_is_queued_while_the_live_store_is_away(stage) -> None:
    class Away(OneStore):
        def __getattr__(self, verb: str) -> object:
            raise StoreUnavailable("the live store cannot be reached")

    assert queueing.ensure_drain(Away()), "at least one drain runs"
    queueing.queue("bids").empty()
    assert drain_leases.staying(queue_redis()).hold() and not queueing.ensure_drain(Away())


def test_a_drain_has_a_timeout_above_its_own_time_and_no_fixed_id(app) -> None:
    queueing.drain()
    [first] = queueing.queue("bids").jobs
    queueing.queue("bids").empty()
    queueing.drain()
    [second] = queueing.queue("bids").jobs
    assert first.id != second.id and first.timeout == 120


def test_a_settlement_is_queued_once_at_a_time(app, stage) -> None:
    assert queueing.settle(stage.id) and not queueing.settle(stage.id)
    queue_redis().delete(redis_keys.settling(stage.id))
    assert not queueing.settle(stage.id), "one is waiting"
    assert queueing.settle(stage.id + 1)


@pytest.mark.parametrize("waiting", [1, queueing.MAIL_JOBS_MAX + 1])
def test_no_number_of_waiting_mails_holds_up_the_look_at_who_was_pushed_out(app, waiting) -> None:
    for number in range(waiting):
        queueing.queue("mail").enqueue(f"{queueing.JOBS}.deliver", number)
    assert queueing.sort_rank_outs()
    assert queueing.queue("mail").jobs[0].func_name == "cashticket.jobs.sort_rank_outs", "it goes first"
    queue_redis().delete(redis_keys.RANK_OUTS_LEASE)
    assert not queueing.sort_rank_outs(), "one is waiting"
    assert queueing.queue("mail").count == waiting + 1


def test_a_waiting_look_at_who_was_pushed_out_holds_up_no_mail(app) -> None:
    assert queueing.sort_rank_outs() and queueing.deliver() and not queueing.deliver()


def test_jobs_are_json(app, stage) -> None:
    queueing.settle(stage.id)
    [job] = queueing.queue("settlement").jobs
    assert job.func_name == "cashticket.jobs.settle" and job.args == [stage.id]


def test_a_job_that_was_queued_before_an_upgrade_still_runs() -> None:
    assert jobs.hand_over is jobs.lapse_and_offer
