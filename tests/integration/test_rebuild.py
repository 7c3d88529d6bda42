"""Rebuilding gives the live store an auction again, from the ledger and its list; lost sequence numbers are given up
visibly and never given again."""

import json
from datetime import timedelta
from typing import Any

import pytest
import redis
from flask import Flask

from cashticket import redis_keys
from cashticket.auction.values import Accepted, Permission, State
from cashticket.engine.interface import UnknownAuction
from cashticket.engine.one_store import OneStore
from cashticket.engine.pauses import RESTORING
from cashticket.extensions import db
from cashticket.ledger import gaps, queries
from cashticket.ledger.fence import Contradiction
from cashticket.ledger.recording import record_waiting
from cashticket.models import Quarantined
from cashticket.models.columns import utcnow
from cashticket.work.check.compare import check
from cashticket.work.closing import close_and_settle
from cashticket.work.rebuilding import NotRebuildable, Rebuilt, rebuild
from tests.staging.auctions import Stage
from tests.staging.engine import order_of

WAITING_MAX = 1_000


@pytest.fixture
def stage(app: Flask) -> Stage:
    """Four bids of three people, all recorded."""
    stage = Stage(app)
    for name, amount in (("carol", 100_000), ("bob", 105_000), ("alice", 110_000), ("carol", 115_000)):
        stage.bid(name, amount)
    record_all(stage)
    return stage


def record_all(stage: Stage) -> None:
    while record_waiting(stage.engine, stage.id):
        pass


def rebuilt(stage: Stage, *, replace: bool = False) -> Rebuilt:
    acts: list[dict[str, Any]] = []
    done = rebuild(stage.engine, stage.id, replace=replace, backlog_max=WAITING_MAX, account_for=acts.append)
    assert len(acts) == 1, "every rebuilding is accounted for"
    return done


def bid_again(stage: Stage, name: str, amount: int) -> Accepted:
    stage.engine.introduce(stage.id, stage.people[name], Permission.OK, 1, 1)
    return stage.bid(name, amount)


def lose(client: redis.Redis, auction_id: int, *, but: str = "") -> None:
    """Delete everything that the live store has of the auction, `but` one part."""
    parts = ("terms", "state", "people", "standings", "chances", "answers", "bids")
    client.delete(*(getattr(redis_keys, part)(auction_id) for part in parts if part != but))
    client.srem(redis_keys.LIVE_AUCTIONS, auction_id)


def test_an_emptied_store_gets_its_auction_back(stage, redis_client) -> None:
    order = order_of(stage.engine, stage.id)
    redis_client.flushall()
    done = rebuilt(stage)
    assert (done.recorded, done.replayed, done.paused, done.findings) == (4, 0, "", [])
    assert order_of(stage.engine, stage.id) == order
    assert stage.engine.read(stage.id).state is State.OPEN and stage.engine.auctions() == [stage.id]
    again = bid_again(stage, "carol", 115_000)
    assert again.replayed and again.sequence == 4 and again.chances_left == 1
    assert check(stage.engine, stage.id).findings == []


def test_numbers_that_may_have_been_given_are_given_up_visibly(stage, redis_client) -> None:
    lost = stage.bid("bob", 120_000)
    redis_client.flushall()
    done = rebuilt(stage)
    assert done.given_up == [(5, 4 + WAITING_MAX)]
    gap = gaps.gaps_of(stage.id)[0]
    assert (gap.first, gap.last) == (5, 1_004) and "lost" in gap.reason
    answer = bid_again(stage, "bob", 125_000)
    assert answer.sequence == 1_005 > lost.sequence
    assert answer.chances_left == 1, "a lost bid costs nothing"


def test_an_auction_with_a_gap_is_recorded_checked_and_settled_like_any_other(app, redis_client) -> None:
    stage = Stage(app)
    stage.bid("alice", 100_000)
    record_all(stage)
    stage.bid("bob", 105_000)
    redis_client.flushall()
    rebuilt(stage)
    bid_again(stage, "carol", 110_000)
    record_all(stage)
    report = check(stage.engine, stage.id)
    assert (report.faults, report.accepted, report.recorded, report.given_up) == ([], 2, 2, WAITING_MAX)
    redis_client.hset(redis_keys.state(stage.id), "ends_at_ms", "1")
    close_and_settle(stage.engine, stage.id)
    assert stage.winners() == {"VIP-1": "carol", "VIP-2": "alice"}


def test_what_still_waits_in_the_list_is_recorded_first(stage, redis_client) -> None:
    stage.bid("bob", 120_000)
    lose(redis_client, stage.id, but="bids")
    done = rebuilt(stage)
    assert (done.recorded, done.replayed, done.given_up) == (5, 1, [(6, 5 + WAITING_MAX)])
    assert order_of(stage.engine, stage.id)[0].person == stage.people["bob"]
    assert redis_client.llen(redis_keys.bids(stage.id)) == 0


def test_a_hole_between_ledger_and_list_is_given_up_and_nothing_else(stage, redis_client) -> None:
    stage.bid("bob", 120_000)
    stage.bid("alice", 125_000)
    redis_client.lpop(redis_keys.bids(stage.id))
    done = rebuilt(stage, replace=True)
    assert (done.given_up, done.replayed) == ([(5, 5)], 1)
    assert [row.sequence for row in stage.recorded()] == [1, 2, 3, 4, 6]
    assert bid_again(stage, "carol", 130_000).sequence == 7
    assert check(stage.engine, stage.id).findings == []


def test_a_tail_that_the_store_remembers_is_given_up_exactly(stage, redis_client) -> None:
    stage.bid("bob", 120_000)
    redis_client.delete(redis_keys.bids(stage.id))
    done = rebuilt(stage, replace=True)
    assert done.given_up == [(5, 5)]
    assert order_of(stage.engine, stage.id)[0].person == stage.people["carol"]
    assert bid_again(stage, "bob", 120_000).sequence == 6, "the request was forgotten with its bid"


def test_whose_earlier_bid_is_lost_and_later_one_is_not_may_go_on(stage, redis_client) -> None:
    stage.bid("bob", 120_000)
    stage.bid("bob", 125_000)
    redis_client.lpop(redis_keys.bids(stage.id))
    done = rebuilt(stage, replace=True)
    assert (done.given_up, done.paused, done.findings) == ([(5, 5)], "", [])
    assert [(row.sequence, row.nth) for row in stage.recorded()][-1] == (6, 3)
    assert stage.engine.place(stage.id, stage.people["bob"]).chances_left == 0, "no number is given twice"


def test_a_store_that_went_on_from_an_older_state_loses_no_bid_that_it_accepted(stage, redis_client) -> None:
    """The store is set back to bid 3 and accepts another bid 4 than the ledger has."""
    redis_client.hset(redis_keys.state(stage.id), "sequence", "3")
    stage.bid("bob", 130_000)
    with pytest.raises(Contradiction, match="waiting bids 4 are not the ones that the ledger has"):
        record_waiting(stage.engine, stage.id)
    assert redis_client.llen(redis_keys.bids(stage.id)) == 1, "it is not taken for recorded"
    done = rebuilt(stage, replace=True)
    assert done.set_aside == 1 and done.recorded == 4
    entry = db.session.scalars(db.select(Quarantined)).one()
    assert entry.sequence == 5 and json.loads(entry.raw)["amount"] == 130_000
    assert bid_again(stage, "alice", 135_000).sequence > 5


def test_an_unreadable_entry_keeps_a_number_of_the_gap_and_waits(stage, redis_client) -> None:
    stage.bid("bob", 120_000)
    stage.bid("alice", 125_000)
    redis_client.delete(redis_keys.bids(stage.id))
    redis_client.rpush(redis_keys.bids(stage.id), "half an ent")
    done = rebuilt(stage, replace=True)
    assert done.given_up == [(5, 6)]
    entry = db.session.scalars(db.select(Quarantined)).one()
    assert (entry.sequence, entry.resolved_at) == (5, None) and "one of bids 5 to 6" in entry.reason


def test_an_auction_that_is_there_is_not_replaced_unasked(stage) -> None:
    before = stage.engine.read(stage.id)
    with pytest.raises(NotRebuildable, match=r"still has auction .* add --yes"):
        rebuild(stage.engine, stage.id, replace=False, backlog_max=10, account_for=pytest.fail)
    assert stage.engine.read(stage.id).version == before.version


def test_replacing_mends_an_order_that_differs(stage, redis_client) -> None:
    redis_client.zrem(redis_keys.standings(stage.id), stage.people["bob"])
    assert check(stage.engine, stage.id).stops_bidding
    assert rebuilt(stage, replace=True).given_up == []
    assert check(stage.engine, stage.id).findings == []
    assert bid_again(stage, "bob", 120_000).sequence == 5


def test_versions_go_on_above_everything_that_was_shown(stage, redis_client) -> None:
    shown = stage.engine.read(stage.id).version
    redis_client.flushall()
    rebuilt(stage)
    first = stage.engine.read(stage.id).version
    assert first > shown
    rebuilt(stage, replace=True)
    assert stage.engine.read(stage.id).version > first


def test_rebuilding_again_changes_nothing(stage, redis_client) -> None:
    redis_client.flushall()
    rebuilt(stage)
    before = stage.engine.read(stage.id)
    done = rebuilt(stage, replace=True)
    after = stage.engine.read(stage.id)
    assert done.given_up == [] and (after.sequence, after.top) == (before.sequence, before.top)


class Crash(Exception):
    """Raised where a process would die."""


@pytest.mark.parametrize("verb", ["pause", "peek", "trim", "restore", "places", "resume"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_at_any_step_is_mended_by_rebuilding_again(stage, redis_client, verb, when) -> None:
    stage.bid("bob", 120_000)
    redis_client.zrem(redis_keys.standings(stage.id), stage.people["alice"])

    class Dying(OneStore):
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
        rebuild(Dying(), stage.id, replace=True, backlog_max=10, account_for=lambda facts: None)  # type: ignore[arg-type]
    rebuild(stage.engine, stage.id, replace=True, backlog_max=10, account_for=lambda facts: None)
    assert check(stage.engine, stage.id).findings == []
    assert stage.engine.read(stage.id).paused == ""
    assert [row.sequence for row in stage.recorded()] == [1, 2, 3, 4, 5]
    assert bid_again(stage, "alice", 125_000).sequence == 6


def test_an_interrupted_rebuilding_is_repeated_without_being_asked_twice(stage) -> None:
    stage.engine.pause(stage.id, RESTORING)
    rebuilt(stage)
    assert stage.engine.read(stage.id).paused == ""


def test_an_auction_that_was_closing_comes_back_closed(app, redis_client) -> None:
    stage = Stage(app, ends_in_ms=-1_000)
    stage.bid("alice", 100_000)
    record_all(stage)
    db.session.execute(db.text("UPDATE auctions SET state = 'closing'"))
    db.session.commit()
    redis_client.flushall()
    assert rebuilt(stage).findings == []
    assert stage.engine.read(stage.id).state is State.CLOSING
    close_and_settle(stage.engine, stage.id)
    assert stage.winners() == {"VIP-1": "alice"}


def test_an_auction_that_never_opened_loses_no_numbers(app, redis_client) -> None:
    stage = Stage(app, opens_at=utcnow() + timedelta(minutes=30))
    redis_client.flushall()
    assert rebuilt(stage).given_up == []
    assert stage.engine.read(stage.id).sequence == 0


def test_the_drain_empties_a_list_whose_auction_was_lost(stage, redis_client) -> None:
    stage.bid("bob", 120_000)
    lose(redis_client, stage.id, but="bids")
    assert record_waiting(stage.engine, stage.id) == 1
    with pytest.raises(UnknownAuction):
        stage.engine.read(stage.id)
    assert queries.recorded_sequence(stage.id) == 5
