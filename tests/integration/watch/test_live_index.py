"""The live index against the ledger: whatever is missing in either store, an auction that takes bids is served."""

import logging
import os
import signal
import subprocess
import sys

import pytest
from sqlalchemy.exc import OperationalError

from cashticket import redis_keys
from cashticket.auction.values import Permission
from cashticket.engine.interface import UnknownAuction
from cashticket.ledger import queries
from cashticket.work import publishing
from cashticket.work.draining import Drain
from cashticket.work.lost_auctions import lost_auctions
from cashticket.work.watch.guard import Guard
from cashticket.work.watch.unsettled import unsettled_auctions
from tests.fixtures.databases import make_environment
from tests.integration.watch.steps import paused

CALLS = ("the index", "the script by its hash")
KILLED_WHILE_PUBLISHING = """
import os, signal, sys
from cashticket import create_app
from cashticket.engine import connection, scripts
from cashticket.extensions import db
from cashticket.ledger.terms import terms_of
from cashticket.models import Auction
from cashticket.wiring import current_engine

calls, exchange = [], connection.exchange

def counted(client, commands, *rest):
    calls.append(commands[0][0])
    if len(calls) > int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
    return exchange(client, commands, *rest)

with create_app().app_context():
    terms = terms_of(db.session.get(Auction, int(sys.argv[1])))
    connection.exchange = scripts.exchange = counted
    current_engine().open(terms)
"""


@pytest.fixture
def drain(stage, queue_redis) -> Drain:
    return Drain(stage.engine, queue_redis, alarm=None, stop=_Never())  # type: ignore[arg-type]


class _Never:
    """A stop that never comes."""

    def is_set(self) -> bool:
        return False


@pytest.mark.parametrize("calls", range(len(CALLS) + 1))
def test_publishing_that_is_killed_at_any_call_leaves_an_auction_that_is_served_or_named(
    stage, guard, drain, database_url, redis_server, tmp_path, calls
) -> None:
    auction_id = stage.open_auction(in_engine=False)
    environment = os.environ | make_environment(database_url, redis_server.url) | {"INSTANCE_PATH": str(tmp_path)}
    program = [sys.executable, "-c", KILLED_WHILE_PUBLISHING, str(auction_id), str(calls)]
    done = subprocess.run(program, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == (0 if calls == len(CALLS) else -signal.SIGKILL), done.stderr
    guard.round()
    if lost := lost_auctions(stage.engine):
        assert lost == {
            auction_id: f"auction {auction_id} was never opened in the live store: `flask auction publish {auction_id}`"
        }
        publishing.publish_again(stage.engine, auction_id)
    stage.engine.introduce(auction_id, stage.people["alice"], Permission.OK, 1, 1)
    stage.bid("alice", 100_000, auction_id)
    drain.round()
    assert len(stage.recorded(auction_id)) == 1 and auction_id in stage.engine.auctions()


def test_an_auction_missing_on_the_index_is_drained_guarded_and_listed_again(
    stage, guard, drain, redis_client, caplog
) -> None:
    redis_client.delete(redis_keys.LIVE_AUCTIONS)
    stage.bid("alice", 110_000)
    guard.round()
    drain.round()
    assert stage.engine.auctions() == [stage.id] and len(stage.recorded()) == 3
    assert f"auction {stage.id} was missing on the live index" in caplog.text


@pytest.mark.parametrize("state", ["settled", "voided"])
def test_an_auction_that_ended_is_not_put_on_the_index(stage, guard, redis_client, state) -> None:
    redis_client.hset(redis_keys.state(stage.id), "state", state)
    redis_client.delete(redis_keys.LIVE_AUCTIONS)
    guard.round()
    assert stage.engine.auctions() == []


# Foreign words


@pytest.mark.parametrize("word", ["half an id", "٣", "-4", "007", b"\xff", "9" * 30])
def test_a_foreign_word_on_the_index_stops_neither_drain_nor_guard_and_is_told_once(
    stage, guard, drain, redis_client, clock, caplog, word
) -> None:
    redis_client.sadd(redis_keys.LIVE_AUCTIONS, word)
    stage.bid("alice", 110_000)
    redis_client.zrem(redis_keys.standings(stage.id), stage.people["bob"])
    clock.now += 60
    with caplog.at_level(logging.ERROR):
        guard.round()
        guard.round()
    drain.round()
    assert len(stage.recorded()) == 3 and paused(stage) == "unsound"
    assert caplog.text.count("the live index has 1 members that are no auctions") == 1


@pytest.mark.parametrize("key", [redis_keys.bids, redis_keys.state, redis_keys.standings, redis_keys.terms])
def test_one_auction_whose_key_is_of_another_kind_stops_none_of_the_others(
    stage, guard, drain, queue_redis, redis_client, caplog, key
) -> None:
    other = stage.open_auction()
    redis_client.delete(key(other))
    redis_client.set(key(other), "a text")
    stage.bid("alice", 110_000)
    fresh = Guard(stage.engine, queue_redis, (), 0)
    fresh.round()
    fresh.round()
    drain.round()
    assert len(stage.recorded()) == 3 and paused(stage) == ""
    assert f"auction {other}" in caplog.text


# Lost auctions


def test_a_live_store_that_comes_back_empty_is_named_at_once_with_what_to_do(
    stage, guard, redis_client, caplog
) -> None:
    redis_client.flushall()
    with caplog.at_level(logging.ERROR):
        guard.round()
        guard.round()
        guard.round()
    sentence = f"auction {stage.id} is lost: `flask auction rebuild {stage.id}`"
    assert caplog.text.count(sentence) == 1
    assert [(each.id, each.reason, each.detail) for each in unsettled_auctions(stage.engine)] == [
        (stage.id, "lost", sentence)
    ]


def test_an_auction_that_was_stored_and_never_opened_is_named_as_such(stage, guard, caplog) -> None:
    auction_id = stage.open_auction(in_engine=False)
    guard.round()
    guard.round()
    sentence = f"auction {auction_id} was never opened in the live store: `flask auction publish {auction_id}`"
    assert sentence in caplog.text
    publishing.publish_again(stage.engine, auction_id)
    guard.round()
    assert f"over: {sentence}" in caplog.text and lost_auctions(stage.engine) == {}


def test_what_is_in_neither_store_leaves_the_index(stage, guard, redis_client, caplog) -> None:
    redis_client.sadd(redis_keys.LIVE_AUCTIONS, 999)
    guard.round()
    assert stage.engine.auctions() == [stage.id] and "auction 999 is in neither store" in caplog.text
    with pytest.raises(UnknownAuction):
        stage.engine.read(999)


def test_waiting_bids_of_an_auction_that_the_ledger_does_not_know_stay(stage, guard, redis_client) -> None:
    redis_client.sadd(redis_keys.LIVE_AUCTIONS, 999)
    redis_client.rpush(redis_keys.bids(999), "an entry")
    guard.round()
    assert redis_client.llen(redis_keys.bids(999)) == 1 and 999 in stage.engine.auctions()


def test_a_lost_auction_is_remembered_while_the_database_is_away(
    stage, guard, redis_client, monkeypatch, caplog
) -> None:
    def away(*arguments: object, **named: object) -> None:
        raise OperationalError("select", {}, Exception("away"))

    guard.round()
    monkeypatch.setattr(queries, "unfinished", away)
    redis_client.flushall()
    guard.round()
    guard.round()
    assert f"auction {stage.id} is lost" in caplog.text
