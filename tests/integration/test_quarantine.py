"""Entries that could not be recorded are listed, block settlement, and are resolved once, with a recorded reason."""

import json
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import update

from cashticket import jobs, redis_keys
from cashticket.auction.values import Permission, State
from cashticket.extensions import db
from cashticket.ledger import results
from cashticket.ledger.recording import record_waiting
from cashticket.models import Auction, Notification, OperatorAct, Quarantined
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.settlement import telling
from cashticket.work.check.compare import check
from cashticket.work.closing import close_and_settle
from cashticket.work.voiding import void_and_announce
from tests.staging.auctions import Stage
from tests.staging.rows import add_person


@pytest.fixture
def stage(app: Flask) -> Stage:
    """Bob's bid is recorded, the bid of a person missing in the ledger was set aside, and the end has come."""
    stage = Stage(app, ends_in_ms=-1_000)
    stage.bid("bob", 105_000)
    stranger = stage.people["stranger"] = max(stage.people.values()) + 1
    stage.engine.introduce(stage.id, stranger, Permission.OK, 1, 1)
    stage.bid("stranger", 120_000)
    while record_waiting(stage.engine, stage.id):
        pass
    return stage


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["auction", *arguments])


def listed(app: Flask, stage: Stage) -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = json.loads(run(app, "quarantine", str(stage.id), "--json").stdout)
    return answer


def test_what_was_set_aside_is_listed_with_its_text_and_reason(app, stage) -> None:
    [entry] = listed(app, stage)
    assert (entry["sequence"], entry["complete"], entry["resolved_at"]) == (2, True, None)
    assert json.loads(entry["raw"])["amount"] == 120_000 and "the ledger refuses it" in entry["reason"]
    assert str(entry["id"]) in run(app, "quarantine", str(stage.id)).stdout


def test_nothing_set_aside_is_an_empty_list(app) -> None:
    stage = Stage(app)
    assert listed(app, stage) == []
    assert run(app, "quarantine", str(stage.id)).stdout == "Nothing was set aside.\n"


def test_it_blocks_settlement_and_says_so_but_bidding_goes_on(app, stage) -> None:
    close_and_settle(stage.engine, stage.id)
    assert stage.row().state == "closing" and stage.winners() == {}
    assert json.loads(run(app, "show", str(stage.id), "--json").stdout)["quarantined"] == 1
    report = check(stage.engine, stage.id)
    assert report.findings and not report.stops_bidding


def test_a_complete_entry_is_recorded_once_the_ledger_takes_it(app, stage) -> None:
    [entry] = listed(app, stage)
    too_early = run(app, "resolve", str(stage.id), str(entry["id"]), "--as", "bid", "--why", "it was honest")
    assert too_early.exit_code == 1 and "still refuses" in too_early.stderr
    assert listed(app, stage) == [entry], "nothing was changed"
    add_person("stranger", id=stage.people["stranger"])
    done = run(app, "resolve", str(stage.id), str(entry["id"]), "--as", "bid", "--why", "the account is back")
    assert done.exit_code == 0, done.output
    assert [row.sequence for row in stage.recorded()] == [1, 2]
    assert check(stage.engine, stage.id).faults == []
    close_and_settle(stage.engine, stage.id)
    assert stage.winners() == {"VIP-1": "stranger", "VIP-2": "bob"}
    act = db.session.scalars(db.select(OperatorAct).where(OperatorAct.act == "auction resolve")).one()
    assert (act.why, act.facts["as"], act.facts["sequence"]) == ("the account is back", "recorded", 2)


def test_a_bid_recorded_after_voiding_is_ranked_and_its_bidder_told(app, stage) -> None:
    void_and_announce(stage.engine, stage.id, "the hall burned down", "olga", utcnow())
    assert outcome_kinds(stage) == {"bob": "voided"}
    add_person("stranger", id=stage.people["stranger"])
    [entry] = listed(app, stage)
    assert run(app, "resolve", str(stage.id), str(entry["id"]), "--as", "bid", "--why", "honest").exit_code == 0
    assert stage.id in telling.auctions_to_tell()
    jobs.tell(stage.id)
    assert outcome_kinds(stage) == {"bob": "voided", "stranger": "voided"}
    assert stage.row().ranked_at and [row.rank for row in results.results(stage.id, 1, 50)] == [1, 2]
    assert check(stage.engine, stage.id).faults == []


def test_no_bid_is_recorded_in_an_auction_whose_ranks_are_final(app, stage) -> None:
    [entry] = listed(app, stage)
    add_person("stranger", id=stage.people["stranger"])
    final = {"state": State.SETTLED, "settled_at": utcnow(), "ranked_at": utcnow()}
    in_one_unit(lambda session: session.execute(update(Auction).where(Auction.id == stage.id).values(**final)))
    refused = run(app, "resolve", str(stage.id), str(entry["id"]), "--as", "bid", "--why", "honest")
    assert refused.exit_code == 1 and "its ranks are final" in refused.stderr and len(stage.recorded()) == 1
    assert run(app, "resolve", str(stage.id), str(entry["id"]), "--as", "discard", "--why", "late").exit_code == 0


def outcome_kinds(stage: Stage) -> dict[str, str]:
    """Who was told that it was voided."""
    db.session.rollback()
    names = {person: name for name, person in stage.people.items()}
    rows = db.session.scalars(db.select(Notification).where(Notification.kind == "voided"))
    return {names[row.person_id]: row.kind for row in rows}


def test_a_discarded_entry_lets_settlement_go_on_after_rebuilding(app, stage) -> None:
    [entry] = listed(app, stage)
    assert run(app, "resolve", str(stage.id), str(entry["id"]), "--as", "discard", "--why", "nobody").exit_code == 0
    close_and_settle(stage.engine, stage.id)
    assert stage.row().state == "closing", "the live store still has that bid in its order"
    assert run(app, "rebuild", str(stage.id), "--yes").exit_code == 0
    close_and_settle(stage.engine, stage.id)
    assert stage.winners() == {"VIP-1": "bob"}
    assert "discarded by" in str(db.session.scalars(db.select(Quarantined.resolution)).one())


def test_a_decision_is_made_once(app, stage) -> None:
    [entry] = listed(app, stage)
    arguments = ("resolve", str(stage.id), str(entry["id"]), "--as", "discard", "--why", "nobody")
    run(app, *arguments)
    again = run(app, *arguments)
    assert again.exit_code == 1 and "was resolved before: discarded by" in again.stderr


def test_an_unreadable_entry_can_only_be_discarded(app, redis_client) -> None:
    stage = Stage(app)
    stage.bid("bob", 105_000)
    redis_client.lpop(redis_keys.bids(stage.id))
    redis_client.rpush(redis_keys.bids(stage.id), "half an ent")
    stage.bid("carol", 110_000)
    while record_waiting(stage.engine, stage.id):
        pass
    [entry] = listed(app, stage)
    assert entry["complete"] is False and entry["sequence"] == 1
    answer = run(app, "resolve", str(stage.id), str(entry["id"]), "--as", "bid", "--why", "try")
    assert answer.exit_code == 1 and "can only be discarded" in answer.stderr


@pytest.mark.parametrize("ids", [("4711", "1"), ("1", "4711")])
def test_what_is_not_there_is_one_clear_line(app, ids) -> None:
    answer = run(app, "resolve", *ids, "--as", "discard", "--why", "x")
    assert answer.exit_code == 1 and "`flask auction quarantine` lists them" in answer.stderr
    assert run(app, "quarantine", "4711").exit_code == 1


def test_a_decision_needs_a_reason(app, stage) -> None:
    [entry] = listed(app, stage)
    assert run(app, "resolve", str(stage.id), str(entry["id"]), "--as", "discard").exit_code == 2
    assert listed(app, stage) == [entry]
