"""A check since the last one reads the bids that came later and where their bidders stand, and nothing twice."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from flask import Flask

from cashticket import redis_keys
from cashticket.auction.values import Permission
from cashticket.engine.one_store import OneStore
from cashticket.extensions import db
from cashticket.ledger.check_marks import Mark, check_of, mark_of
from cashticket.ledger.quarantine import discard_entry, quarantined_entries
from cashticket.ledger.recording import record_waiting
from cashticket.models import Auction, AuctionCheck, RecordedBid
from cashticket.work.check import compare
from cashticket.work.check.compare import OutOfTime, Report
from cashticket.work.check.verdicts import check_all, check_new
from tests.staging.auctions import Stage


@pytest.fixture
def stage(app: Flask) -> Stage:
    """Two recorded bids that were checked, and one that waits."""
    stage = Stage(app)
    stage.bid("carol", 100_000)
    stage.bid("bob", 105_000)
    record_waiting(stage.engine, stage.id)
    assert check_all(stage.engine, stage.id).faults == []
    stage.bid("alice", 110_000)
    return stage


def kept(stage: Stage) -> AuctionCheck:
    db.session.remove()
    check = check_of(stage.id)
    assert check is not None
    return check


def since(stage: Stage) -> Report:
    return check_new(stage.engine, stage.id)


def change_bid(sequence: int, **values: Any) -> None:
    db.session.execute(db.update(RecordedBid).where(RecordedBid.sequence == sequence).values(**values))
    db.session.commit()


def record(stage: Stage) -> None:
    while record_waiting(stage.engine, stage.id):
        pass


def test_it_goes_on_where_the_last_sound_check_ended(stage: Stage) -> None:
    assert (since(stage).since, mark_of(kept(stage)).through) == (2, 2)
    record(stage)
    assert (since(stage).since, mark_of(kept(stage)).through, kept(stage).people) == (2, 3, 3)
    stage.bid("carol", 120_000)
    record(stage)
    assert (since(stage).since, mark_of(kept(stage)).through, kept(stage).people) == (3, 4, 3)
    assert since(stage).faults == []


def test_without_an_earlier_check_it_reads_everything(app: Flask) -> None:
    stage = Stage(app)
    stage.bid("bob", 100_000)
    record(stage)
    assert (since(stage).since, mark_of(kept(stage)).through) == (0, 1)


def lose_standing(stage: Stage, client: redis.Redis) -> None:
    client.zrem(redis_keys.standings(stage.id), stage.people["alice"])


def lose_earlier_standing(stage: Stage, client: redis.Redis) -> None:
    client.zrem(redis_keys.standings(stage.id), stage.people["bob"])


def give_chance(stage: Stage, client: redis.Redis) -> None:
    client.hset(redis_keys.chances(stage.id), stage.people["alice"], "0")


def lose_bid(stage: Stage, client: redis.Redis) -> None:
    db.session.execute(db.delete(RecordedBid).where(RecordedBid.sequence == 3))
    db.session.commit()


def rewind_store(stage: Stage, client: redis.Redis) -> None:
    client.hset(redis_keys.state(stage.id), "sequence", "1")


def change_terms(stage: Stage, client: redis.Redis) -> None:
    db.session.execute(db.update(Auction).values(step=1_000))
    db.session.commit()


def turn_time_back(stage: Stage, client: redis.Redis) -> None:
    change_bid(3, at_ms=0)


def lower_bid(stage: Stage, client: redis.Redis) -> None:
    stage.bid("bob", 115_000)
    record(stage)
    change_bid(4, amount=105_000)


FAULTS = [
    (lose_standing, "bid 3 of 110000 won does not stand in the live store"),
    (lose_earlier_standing, "the live store ranks 2 people, the ledger 3"),
    (give_chance, "the bidder of bid 3 has spent 0 chances on 1 bids"),
    (lose_bid, "not recorded though the ledger's mark is past it: bid 3"),
    (rewind_store, "the ledger has bids up to 3, the live store gave only 1"),
    (change_terms, "step is 5000 in the live store and 1000 in the ledger"),
    (turn_time_back, "accepted before an earlier number: bid 3"),
    (lower_bid, "not above the same person's last one: bid 4"),
]


@pytest.mark.parametrize(("spoil", "sentence"), FAULTS, ids=[spoil.__name__ for spoil, _ in FAULTS])
def test_a_fault_is_named_again_until_it_is_mended(
    stage: Stage, redis_client: redis.Redis, spoil: Callable[..., None], sentence: str
) -> None:
    record(stage)
    spoil(stage, redis_client)
    for _ in range(2):
        assert any(sentence in fault for fault in since(stage).faults), since(stage).faults
        assert mark_of(kept(stage)).through == 2, "nothing after the fault is taken for sound"
        assert sentence in (kept(stage).fault or "")


def test_a_decision_about_a_bid_that_was_set_aside_has_everything_read_again(stage: Stage) -> None:
    stage.engine.introduce(stage.id, 999_999, Permission.OK, 1, 1)
    stage.engine.place_bid(stage.id, 999_999, 1, 120_000, "nobody")
    record(stage)
    report = since(stage)
    assert (report.stops_bidding, [finding.waits for finding in report.findings]) == (False, [True])
    assert since(stage).since == 4
    discard_entry(stage.id, quarantined_entries(stage.id)[0].id, "nobody", "alice")
    assert since(stage).since == 0
    assert since(stage).since == 4


def test_a_check_that_runs_out_of_time_goes_on_later(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "STEP_BIDS", 2)
    stage = Stage(app)
    for number, name in enumerate(("alice", "bob", "carol", "mallory", "alice")):
        stage.bid(name, 100_000 + 5_000 * number)
    record(stage)
    for through in (2, 4):
        with pytest.raises(OutOfTime):
            check_new(stage.engine, stage.id, is_out_of_time=lambda: True)
        assert (mark_of(kept(stage)).through, kept(stage).checked_at) == (through, None), "no verdict yet"
    report = check_new(stage.engine, stage.id, is_out_of_time=lambda: True)
    assert (report.since, report.faults, kept(stage).people) == (4, [], 4)


@pytest.mark.parametrize("run", [check_all, check_new])
@pytest.mark.parametrize("verb", ["tail", "read", "places", "condition"])
def test_bids_that_arrive_and_are_recorded_meanwhile_are_no_fault(
    stage: Stage, run: Callable[..., Report], verb: str
) -> None:
    bids = iter([("bob", 120_000), ("carol", 125_000), ("mallory", 130_000), ("alice", 135_000), ("bob", 140_000)])

    class Busy(OneStore):
        """The engine; before and after each call of a verb somebody bids, and a drain takes what waits."""

        def __getattr__(self, name: str) -> Any:
            call = getattr(stage.engine, name)
            return busy(call) if name == verb else call

    def busy(call: Callable[..., Any]) -> Callable[..., Any]:
        def calling(*arguments: Any) -> Any:
            bid_and_record(bids)
            answer = call(*arguments)
            bid_and_record(bids)
            return answer

        return calling

    def bid_and_record(coming: Iterator[tuple[str, int]]) -> None:
        if bid := next(coming, None):
            record_waiting(stage.engine, stage.id, 1)
            stage.bid(*bid)

    assert run(Busy(), stage.id).faults == []
    assert run(stage.engine, stage.id).faults == []


def test_a_bid_of_somebody_else_under_a_number_of_the_store_is_named(stage: Stage) -> None:
    record(stage)
    change_bid(3, person_id=stage.people["bob"], nth=2)
    assert any("is the newest of its bidder in the ledger" in each or "ranks" in each for each in since(stage).faults)


def test_the_command_says_since_which_bid_it_looked(app: Flask, stage: Stage) -> None:
    answer = app.test_cli_runner().invoke(args=["auction", "check", str(stage.id), "--since-last"])
    sound = f"auction {stage.id} is sound since bid 2: 3 accepted, 2 recorded, 1 waiting\n"
    assert (answer.exit_code, answer.stdout) == (0, sound)
    as_json = app.test_cli_runner().invoke(args=["auction", "check", str(stage.id), "--since-last", "--json"])
    assert json.loads(as_json.stdout)["since"] == 2


def test_a_mark_beyond_the_ledger_is_not_believed(stage: Stage) -> None:
    db.session.execute(db.update(AuctionCheck).values(through_sequence=4_711))
    db.session.commit()
    assert since(stage).since == 0
    assert mark_of(None) == Mark()
