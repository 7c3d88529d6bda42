"""After the live store went back, every answered bid is in its place again, or a row that names it."""

from dataclasses import replace

import pytest
from flask import Flask

from cashticket.auction.values import Accepted, Permission
from cashticket.engine.pauses import OPERATOR
from cashticket.ledger import gaps
from cashticket.ledger.fence import LedgerGap
from cashticket.ledger.given_up_bids import given_up_bids
from cashticket.work.accounting import account
from cashticket.work.check.compare import check
from tests.integration.accounting.steps import Copy, merged, record, record_all, requests, waiting, without
from tests.staging.auctions import Stage
from tests.staging.engine import order_of


@pytest.fixture
def stage(app: Flask) -> Stage:
    """Four recorded bids."""
    stage = Stage(app)
    for name, amount in (("carol", 100_000), ("bob", 105_000), ("alice", 110_000), ("carol", 115_000)):
        stage.bid(name, amount)
    record_all(stage)
    return stage


@pytest.fixture
def older(stage: Stage, redis_client) -> Copy:
    """A copy of the live store made after four bids. Three more are accepted after it."""
    copy = Copy.of(redis_client, stage.id)
    for name, amount in (("bob", 120_000), ("alice", 125_000), ("mallory", 130_000)):
        stage.bid(name, amount)
    return copy


def resumed(stage: Stage) -> None:
    identity = stage.engine.condition().identity
    assert stage.engine.resume(stage.id, stage.engine.read(stage.id).paused, identity)


def is_sound(stage: Stage) -> bool:
    return check(stage.engine, stage.id).findings == []


def test_bids_that_an_older_copy_lacks_are_put_back_as_they_were_answered(stage, older, redis_client) -> None:
    answers = {entry.request_id: entry for entry in waiting(stage).values()}
    order, held = order_of(stage.engine, stage.id), waiting(stage)
    older.restore(redis_client, stage.id)
    done = account(stage.engine, merged(record(stage, held)), stage.id)
    assert (done.put_back, done.numbers_given_up, done.bids_given_up) == (3, [], 0)
    assert order_of(stage.engine, stage.id) == order
    resumed(stage)
    record_all(stage)
    again = stage.bid("alice", 125_000)
    assert again.replayed and (again.sequence, again.at_ms) == (6, answers["alice-125000"].at_ms)
    assert requests(stage)[-1] == (7, 130_000, "mallory-130000") and is_sound(stage)
    assert stage.bid("mallory", 135_000).sequence == 8


def test_a_copy_older_than_the_ledger_gets_recorded_bids_from_the_ledger(app, redis_client) -> None:
    stage = Stage(app)
    stage.bid("carol", 100_000)
    copy = Copy.of(redis_client, stage.id)
    stage.bid("bob", 105_000)
    stage.bid("alice", 110_000)
    record_all(stage)
    order = order_of(stage.engine, stage.id)
    copy.restore(redis_client, stage.id)
    assert account(stage.engine, merged(record(stage, {}, highest=3)), stage.id).put_back == 2
    assert order_of(stage.engine, stage.id) == order
    resumed(stage)
    record_all(stage)
    assert is_sound(stage) and stage.bid("alice", 110_000).replayed
    assert [number for number, _, _ in requests(stage)] == [1, 2, 3]


def test_a_number_that_nobody_holds_is_given_up_and_never_given_again(stage, older, redis_client) -> None:
    held = without(waiting(stage), [6])
    older.restore(redis_client, stage.id)
    done = account(stage.engine, merged(record(stage, held, highest=9)), stage.id)
    assert done.numbers_given_up == [(6, 6), (8, 9)]
    assert [(gap.first, gap.last) for gap in gaps.gaps_of(stage.id)] == [(6, 6), (8, 9)]
    resumed(stage)
    record_all(stage)
    assert is_sound(stage) and stage.bid("alice", 140_000).sequence == 10
    assert [number for number, _, _ in requests(stage)] == [1, 2, 3, 4, 5, 7]


def test_nothing_is_done_when_nothing_is_missing(stage, older, redis_client) -> None:
    held = waiting(stage)
    Copy.of(redis_client, stage.id).restore(redis_client, stage.id)
    before = stage.engine.read(stage.id).version
    done = account(stage.engine, merged(record(stage, held)), stage.id)
    assert not done.changed and stage.engine.read(stage.id).version == before
    assert len(waiting(stage)) == 3, "the drain records them"


def test_accounting_again_changes_nothing(stage, older, redis_client) -> None:
    testimony = merged(record(stage, without(waiting(stage), [6])))
    older.restore(redis_client, stage.id)
    account(stage.engine, testimony, stage.id)
    before = stage.engine.read(stage.id)
    assert not account(stage.engine, testimony, stage.id).changed
    after = stage.engine.read(stage.id)
    assert (after.version, after.sequence, after.top) == (before.version, before.sequence, before.top)


def test_an_auction_that_takes_bids_is_left_to_whoever_resumed_it(stage, older, redis_client) -> None:
    held = waiting(stage)
    older.restore(redis_client, stage.id, checked_on=stage.engine.condition().identity)
    done = account(stage.engine, merged(record(stage, held)), stage.id)
    assert not done.is_complete and stage.engine.read(stage.id).sequence == 4


def test_a_bid_whose_number_went_to_another_is_given_up_and_told(stage, older, redis_client) -> None:
    """The store went on from its older copy before anybody accounted for it: bob has number 5 twice."""
    held = waiting(stage)
    older.restore(redis_client, stage.id, checked_on=stage.engine.condition().identity)
    stage.engine.introduce(stage.id, stage.people["carol"], Permission.OK, 1, 1)
    stage.bid("carol", 150_000)
    stage.engine.pause(stage.id, OPERATOR)
    done = account(stage.engine, merged(record(stage, held)), stage.id)
    assert (done.bids_given_up, done.put_back) == (1, 2)
    [lost] = given_up_bids(stage.id)
    assert (lost.sequence, lost.person_id, lost.amount) == (5, stage.people["bob"], 120_000)
    assert "belongs to another bid" in lost.reason
    record_all(stage)
    assert requests(stage)[4:] == [
        (5, 150_000, "carol-150000"),
        (6, 125_000, "alice-125000"),
        (7, 130_000, "mallory-130000"),
    ]


def test_of_two_answers_with_one_number_one_is_kept_and_one_is_told(stage, older, redis_client) -> None:
    """Two sides of a cut network accepted a bid 5 each, and neither is left in the store."""
    held = waiting(stage)
    stranger = replace(held[5], person=stage.people["mallory"], request_id="mallory-5", amount=500_000)
    older.restore(redis_client, stage.id)
    records = record(stage, held), record(stage, {5: stranger}, process="web-2")
    done = account(stage.engine, merged(*records), stage.id)
    assert (done.bids_given_up, done.put_back) == (1, 3)
    assert [lost.request_id for lost in given_up_bids(stage.id)] == ["mallory-5"]
    assert not account(stage.engine, merged(*reversed(records)), stage.id).put_back
    assert stage.engine.read(stage.id).sequence == 7


def test_a_bid_that_is_known_only_after_its_number_was_given_up_is_told(stage, older, redis_client) -> None:
    held = waiting(stage)
    older.restore(redis_client, stage.id)
    account(stage.engine, merged(record(stage, without(held, [5]))), stage.id)
    done = account(stage.engine, merged(record(stage, held)), stage.id)
    assert (done.bids_given_up, done.put_back) == (1, 0)
    [lost] = given_up_bids(stage.id)
    assert (lost.sequence, lost.amount) == (5, 120_000) and "given up before" in lost.reason


def test_a_bid_that_the_list_lost_is_recorded_from_a_witness(stage, older, redis_client) -> None:
    held = waiting(stage)
    redis_client.lrem(f"{{auction:{stage.id}}}:bids", 1, redis_client.lindex(f"{{auction:{stage.id}}}:bids", 1))
    stage.engine.pause(stage.id, OPERATOR)
    done = account(stage.engine, merged(record(stage, held)), stage.id)
    assert (done.numbers_given_up, done.bids_given_up) == ([], 0)
    assert [number for number, _, _ in requests(stage)] == [1, 2, 3, 4, 5, 6, 7] and is_sound(stage)


def test_what_the_store_itself_gave_and_nobody_holds_is_never_given_up_unasked(stage, older, redis_client) -> None:
    held = without(waiting(stage), [5])
    redis_client.lpop(f"{{auction:{stage.id}}}:bids")
    stage.engine.pause(stage.id, OPERATOR)
    with pytest.raises(LedgerGap, match="no witness holds them"):
        account(stage.engine, merged(record(stage, held, highest=9)), stage.id)
    assert gaps.gaps_of(stage.id) == []


def test_an_accepted_bid_is_a_chance_and_a_given_up_one_is_none(stage, older, redis_client) -> None:
    held = without(waiting(stage), [7])
    older.restore(redis_client, stage.id)
    account(stage.engine, merged(record(stage, held, highest=7)), stage.id)
    assert stage.engine.place(stage.id, stage.people["bob"]).chances_left == 1
    assert stage.engine.place(stage.id, stage.people["mallory"]).chances_left == 3
    resumed(stage)
    stage.engine.introduce(stage.id, stage.people["mallory"], Permission.OK, 1, 1)
    assert isinstance(answer := stage.bid("mallory", 200_000), Accepted) and answer.sequence == 8
