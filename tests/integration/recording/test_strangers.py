"""A waiting bid under a number that the ledger gave to another one is a contradiction, whatever became of that number.

The live store went on from an older copy of itself and gave the number again.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import redis
from sqlalchemy import update

from cashticket import redis_keys
from cashticket.auction.values import Accepted, Permission
from cashticket.engine.redis_engine import RedisEngine
from cashticket.extensions import db
from cashticket.ledger import gaps
from cashticket.ledger.fence import Contradiction
from cashticket.ledger.quarantine import discard_entry, quarantined_entries
from cashticket.ledger.recording import record_waiting
from cashticket.ledger.setting_aside import set_aside_contradiction
from cashticket.models import Auction, Person, Quarantined
from cashticket.work.check.compare import check
from cashticket.work.check.verdicts import check_all, check_new
from tests.integration.recording.steps import Breaking, Crash, fence, record_all, rows

Bid = Callable[[str, int], Accepted]
NOBODY = 999_999


def refused_by_the_schema(engine: RedisEngine, auction: Auction) -> None:
    """Bid 1 is of somebody who is not in the ledger, so it is set aside."""
    engine.introduce(auction.id, NOBODY, Permission.OK, 1, 1)
    engine.place_bid(auction.id, NOBODY, 1, 100_000, "nobody")
    record_all(engine, auction)


def unreadable(engine: RedisEngine, auction: Auction, client: redis.Redis, bid: Bid) -> None:
    """Bid 1 was damaged in the list and set aside; bid 2 is recorded."""
    bid("bob", 100_000)
    client.lset(redis_keys.bids(auction.id), 0, "half an ent")
    bid("bob", 105_000)
    record_all(engine, auction)


def set_back(client: redis.Redis, auction: Auction, sequence: int = 0) -> None:
    """As an older copy of the live store has it."""
    client.hset(redis_keys.state(auction.id), "sequence", str(sequence))


@pytest.fixture
def explained(
    request: pytest.FixtureRequest, engine: RedisEngine, auction: Auction, redis_client: redis.Redis, bid: Bid
) -> None:
    """Number 1 is without a recorded bid, and the ledger says why: it was set aside, discarded since, or given up."""
    if request.param == "given up":
        gaps.give_up(auction.id, 1, "lost")
    elif request.param == "unreadable":
        unreadable(engine, auction, redis_client, bid)
    else:
        refused_by_the_schema(engine, auction)
    if request.param == "discarded":
        discard_entry(auction.id, quarantined_entries(auction.id)[0].id, "nobody's", "olga")
    set_back(redis_client, auction)


WAYS = pytest.mark.parametrize("explained", ["set aside", "discarded", "unreadable", "given up"], indirect=True)


@WAYS
@pytest.mark.usefixtures("explained")
def test_a_stranger_under_a_number_that_was_explained_is_never_dropped(engine, auction, bid) -> None:
    assert bid("carol", 110_000).sequence == 1
    with pytest.raises(Contradiction, match="waiting bids 1 are not"):
        record_waiting(engine, auction.id)
    [waiting] = engine.peek(auction.id, 9)
    assert waiting.amount == 110_000
    set_aside_contradiction(auction.id, [waiting])
    set_aside_contradiction(auction.id, [waiting])
    last = quarantined_entries(auction.id)[-1]
    assert (last.sequence, json.loads(last.raw)["amount"]) == (fence(auction), 110_000)


@WAYS
@pytest.mark.usefixtures("explained")
def test_a_check_names_a_stranger_under_an_explained_number(engine, auction, bid) -> None:
    assert bid("carol", 110_000).sequence == 1
    found = [finding.sentence for finding in check(engine, auction.id).stopping]
    assert "differs between list and ledger: bid 1" in found


def test_a_check_since_the_last_one_names_a_stranger_under_a_number_before_it(
    engine, auction, bid, redis_client
) -> None:
    bid("alice", 100_000)
    record_all(engine, auction)
    assert check_all(engine, auction.id).stopping == []
    set_back(redis_client, auction)
    assert bid("carol", 110_000).sequence == 1
    report = check_new(engine, auction.id)
    assert report.since == 1
    assert "differs between list and ledger: bid 1" in [finding.sentence for finding in report.stopping]


@pytest.mark.parametrize("step", ["before trim", "after trim"])
def test_the_very_bid_that_was_set_aside_is_dropped_when_it_comes_again(engine, auction, step) -> None:
    engine.introduce(auction.id, NOBODY, Permission.OK, 1, 1)
    engine.place_bid(auction.id, NOBODY, 1, 100_000, "nobody")
    source = Breaking(engine, step)
    with pytest.raises(Crash):
        record_waiting(source, auction.id)
    record_all(source, auction)
    assert engine.peek(auction.id, 9) == [] and len(quarantined_entries(auction.id)) == 1


def test_of_two_waiting_bids_with_one_number_neither_is_dropped_unrecorded(engine, auction, bid, redis_client) -> None:
    bid("alice", 100_000)
    set_back(redis_client, auction)
    assert bid("carol", 110_000).sequence == 1
    assert "differs between list and ledger: bid 1" in [each.sentence for each in check(engine, auction.id).stopping]
    for _ in range(2):
        with pytest.raises(Contradiction, match="waiting bids 1 are not"):
            record_waiting(engine, auction.id)
    assert [row.amount for row in rows(auction)] == [100_000]
    assert [each.amount for each in engine.peek(auction.id, 9)] == [100_000, 110_000]


def test_two_strangers_with_one_number_and_one_request_id_are_both_set_aside(
    engine: RedisEngine, auction: Auction, bid: Bid, people: dict[str, Person]
) -> None:
    bid("alice", 100_000)
    [entry] = engine.peek(auction.id, 9)
    record_all(engine, auction)
    carols: Any = replace(entry, person=people["carol"].id)
    bobs: Any = replace(entry, person=people["bob"].id)
    for _ in range(2):
        set_aside_contradiction(auction.id, [carols])
        set_aside_contradiction(auction.id, [bobs])
    assert [each.sequence for each in quarantined_entries(auction.id)] == [2, 3]


def test_a_stranger_is_told_apart_also_after_the_text_was_decided_about(engine, auction, bid, redis_client) -> None:
    refused_by_the_schema(engine, auction)
    db.session.execute(update(Quarantined).values(raw="{}"))
    db.session.commit()
    set_back(redis_client, auction)
    bid("carol", 110_000)
    with pytest.raises(Contradiction):
        record_waiting(engine, auction.id)
