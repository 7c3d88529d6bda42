"""`auction check`: sound means that live store, list and ledger agree; each fault is one line."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import redis
from click.testing import Result
from flask import Flask

from cashticket import redis_keys
from cashticket.auction.values import Permission
from cashticket.engine.one_store import OneStore
from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.locale import to_ms
from cashticket.models import Auction, Award, RecordedBid
from cashticket.work.check.compare import check
from cashticket.work.closing import close_and_settle
from tests.staging.auctions import Stage


@pytest.fixture
def stage(app: Flask) -> Stage:
    """Three bids, two of them recorded."""
    stage = Stage(app)
    stage.bid("carol", 100_000)
    stage.bid("bob", 105_000)
    record_waiting(stage.engine, stage.id)
    stage.bid("alice", 110_000)
    return stage


@pytest.fixture
def settled(app: Flask) -> Stage:
    stage = Stage(app, ends_in_ms=-1_000)
    for name, amount in (("carol", 100_000), ("bob", 105_000), ("alice", 110_000)):
        stage.bid(name, amount)
    close_and_settle(stage.engine, stage.id)
    return stage


def faults(stage: Stage) -> list[str]:
    db.session.remove()
    return check(stage.engine, stage.id).faults


def change(model: Any, **values: Any) -> Callable[..., None]:
    """Return a function that changes these rows directly in the database."""

    def where(*conditions: Any) -> None:
        db.session.execute(db.update(model).where(*conditions).values(**values))
        db.session.commit()

    return where


def test_an_auction_with_a_backlog_is_sound(stage) -> None:
    report = check(stage.engine, stage.id)
    assert report.faults == []
    assert (report.accepted, report.recorded, report.waiting) == (3, 2, 1)


def test_an_auction_without_bids_is_sound(app) -> None:
    stage = Stage(app)
    assert faults(stage) == []


def test_a_settled_auction_is_sound(settled) -> None:
    assert faults(settled) == []


def test_an_auction_with_surplus_set_aside_is_sound(stage, redis_client) -> None:
    redis_client.rpush(redis_keys.bids(stage.id), "a stray text")
    stage.bid("mallory", 115_000)
    while record_waiting(stage.engine, stage.id):
        pass
    assert faults(stage) == []


def test_bids_between_commit_and_trim_are_sound(stage) -> None:
    """The ledger is ahead of the list for a moment."""

    class Dying(OneStore):
        def __getattr__(self, name: str) -> Any:
            if name == "trim":
                raise RuntimeError
            return getattr(stage.engine, name)

    with pytest.raises(RuntimeError):
        record_waiting(Dying(), stage.id)
    assert faults(stage) == []


def spoil_row(stage: Stage, client: redis.Redis) -> None:
    change(RecordedBid, amount=995_000)(RecordedBid.sequence == 1)


def lose_waiting(stage: Stage, client: redis.Redis) -> None:
    client.delete(redis_keys.bids(stage.id))


def forget_standing(stage: Stage, client: redis.Redis) -> None:
    client.zrem(redis_keys.standings(stage.id), stage.people["bob"])


def claim_recorded(stage: Stage, client: redis.Redis) -> None:
    client.hset(redis_keys.state(stage.id), "recorded", "3")


def give_chance(stage: Stage, client: redis.Redis) -> None:
    client.hset(redis_keys.chances(stage.id), stage.people["bob"], "0")


def lose_row(stage: Stage, client: redis.Redis) -> None:
    db.session.execute(db.delete(RecordedBid).where(RecordedBid.sequence == 1))
    db.session.commit()


def rewind_store(stage: Stage, client: redis.Redis) -> None:
    client.hset(redis_keys.state(stage.id), "sequence", "1")


def change_terms(stage: Stage, client: redis.Redis) -> None:
    change(Auction, step=1_000)()


def lose_auction(stage: Stage, client: redis.Redis) -> None:
    client.flushdb()


def bid_at_the_end(stage: Stage, client: redis.Redis) -> None:
    change(RecordedBid, at_ms=RecordedBid.ends_at_ms)(RecordedBid.sequence == 2)


def bid_before_the_opening(stage: Stage, client: redis.Redis) -> None:
    change(RecordedBid, at_ms=to_ms(stage.row().opens_at) - 1)(RecordedBid.sequence == 1)


FAULTS = [
    (spoil_row, "bid 1 of 995000 won in the ledger stands for 100000 won in the live store"),
    (lose_waiting, "accepted, but neither waiting nor recorded: bid 3"),
    (forget_standing, "the live store ranks 2 people, the ledger 3"),
    (claim_recorded, "the live store shows bids up to 3 as recorded, the ledger has 2"),
    (give_chance, "the bidder of bid 2 has spent 0 chances on 1 bids"),
    (lose_row, "not recorded though the ledger's mark is past it: bid 1"),
    (rewind_store, "the ledger has bids up to 2, the live store gave only 1"),
    (change_terms, "step is 5000 in the live store and 1000 in the ledger"),
    (lose_auction, "the live store does not know auction"),
    (bid_at_the_end, "accepted while bidding was not open: bid 2"),
    (bid_before_the_opening, "accepted while bidding was not open: bid 1"),
]


@pytest.mark.parametrize(("spoil", "sentence"), FAULTS, ids=[spoil.__name__ for spoil, _ in FAULTS])
def test_a_fault_is_named(stage, redis_client, spoil, sentence) -> None:
    spoil(stage, redis_client)
    assert any(sentence in fault for fault in faults(stage)), faults(stage)


def test_a_bid_that_was_set_aside_is_named(stage, redis_client) -> None:
    stage.engine.introduce(stage.id, 999_999, Permission.OK, 1, 1)
    stage.engine.place_bid(stage.id, 999_999, 1, 120_000, "nobody")
    while record_waiting(stage.engine, stage.id):
        pass
    assert [fault for fault in faults(stage) if fault.startswith("bid 4 was set aside and waits for an operator")]


def test_awards_against_the_law_are_named(settled) -> None:
    change(Award, price=1)(Award.person_id == settled.people["alice"])
    assert any("says rank 1 for 1 won instead of 1 for 110000 won" in fault for fault in faults(settled))


def test_a_seat_in_the_wrong_hands_is_named(settled) -> None:
    change(Award, person_id=settled.people["carol"])(Award.person_id == settled.people["bob"])
    assert any(
        "the seats were awarded to ranks [1, 3], the law gives them to ranks [1, 2]" in f for f in faults(settled)
    )


def test_an_award_that_left_no_trace_in_the_story_is_named(settled) -> None:
    change(Award, state="bought")(Award.person_id == settled.people["alice"])
    assert any("is bought, its story ends with offered" in fault for fault in faults(settled))


def test_a_settled_auction_that_the_live_store_shows_as_open_is_named(settled, redis_client) -> None:
    redis_client.hset(redis_keys.state(settled.id), "state", "closing")
    assert faults(settled) == ["the ledger says settled, the live store still says closing"]


# The command


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["auction", "check", *arguments])


def test_the_command_says_sound_and_exits_0(app, stage) -> None:
    answer = run(app, str(stage.id))
    assert (answer.exit_code, answer.stdout) == (
        0,
        f"auction {stage.id} is sound: 3 accepted, 2 recorded, 1 waiting\n",
    )


def test_the_command_prints_a_line_for_every_fault_and_exits_1(app, stage, redis_client) -> None:
    lose_waiting(stage, redis_client)
    answer = run(app, str(stage.id))
    assert (answer.exit_code, answer.stdout) == (1, "I1  accepted, but neither waiting nor recorded: bid 3\n")
    data = json.loads(run(app, str(stage.id), "--json").stdout)
    assert data["sound"] is False and data["id"] == stage.id and len(data["faults"]) == 1
    assert data["findings"] == [{"invariant": "I1", "sentence": data["faults"][0], "waits": False}]


@pytest.mark.parametrize("name", ["4711", "zero", "-1", "1e3"])
def test_an_unknown_auction_is_one_clear_line_and_exits_2(app, name) -> None:
    answer = run(app, name)
    assert answer.exit_code == 2 and answer.stdout == "" and "Traceback" not in answer.stderr
    assert answer.stderr.strip().splitlines()[-1].startswith("Error: ")
