"""`flask auction rebuild|pause|resume`: each act is recorded with its reason, and refused in one line."""

import json
from datetime import timedelta

import pytest
from click.testing import Result
from flask import Flask

from cashticket import redis_keys
from cashticket.engine.pauses import OPERATOR
from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.models import OperatorAct
from cashticket.models.columns import utcnow
from cashticket.work.closing import close_and_settle
from tests.staging.auctions import Stage


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


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["auction", *arguments])


def test_the_command_rebuilds_accounts_for_it_and_says_what_to_do_next(app, stage, redis_client) -> None:
    redis_client.flushall()
    answer = run(app, "rebuild", str(stage.id), "--why", "disk lost", "--operator", "alice", "--json")
    assert answer.exit_code == 0, answer.output
    data = json.loads(answer.stdout)
    assert (data["id"], data["recorded"], data["paused"]) == (stage.id, 4, "")
    assert data["given_up"] == [[5, 200_004]]
    assert "may bid again" in answer.stderr
    act = db.session.scalars(db.select(OperatorAct)).one()
    expected = ("auction rebuild", "alice", "disk lost", f"auction {stage.id}")
    assert (act.act, act.operator, act.why, act.subject) == expected
    assert act.facts["given_up"] == [[5, 200_004]]
    assert run(app, "check", str(stage.id)).exit_code == 0
    shown = json.loads(run(app, "show", str(stage.id), "--json").stdout)
    assert (shown["accepted"], shown["recorded"], shown["state"], shown["paused"]) == (4, 4, "open", "")


def test_the_command_refuses_in_one_clear_line(app, stage) -> None:
    for arguments, text in (((str(stage.id),), "add --yes"), (("4711",), "There is no auction 4711")):
        answer = run(app, "rebuild", *arguments)
        assert answer.exit_code == 1 and answer.stdout == ""
        assert text in answer.stderr and len(answer.stderr.strip().splitlines()) == 1
    settled = Stage(app, ends_in_ms=-1)
    close_and_settle(settled.engine, settled.id)
    assert "is settled: the ledger alone counts" in run(app, "rebuild", str(settled.id)).stderr


def test_versions_grow_also_when_an_auction_is_lost_again_before_its_first_bid(app, redis_client) -> None:
    stage = Stage(app, opens_at=utcnow() + timedelta(minutes=30))
    shown = []
    for _ in range(2):
        redis_client.flushdb()
        assert run(app, "rebuild", str(stage.id)).exit_code == 0
        shown.append(stage.engine.read(stage.id).version)
        for verb in ("pause", "resume"):
            assert run(app, verb, str(stage.id), "--why", "look").exit_code == 0
            shown.append(stage.engine.read(stage.id).version)
    assert shown == sorted(set(shown))


def test_an_operator_pauses_and_resumes_with_a_reason(app, stage) -> None:
    assert run(app, "pause", str(stage.id), "--why", "fraud?").exit_code == 0
    assert stage.engine.read(stage.id).paused == OPERATOR
    assert json.loads(run(app, "show", str(stage.id), "--json").stdout)["paused"] == OPERATOR
    assert run(app, "resume", str(stage.id), "--why", "no fraud").exit_code == 0
    assert stage.bid("bob", 120_000).sequence == 5
    db.session.remove()
    assert list(db.session.scalars(db.select(OperatorAct.act).order_by(OperatorAct.id))) == [
        "auction pause",
        "auction resume",
    ]


def test_an_auction_that_is_over_is_neither_paused_nor_resumed(app, stage) -> None:
    over = Stage(app, ends_in_ms=-1)
    close_and_settle(over.engine, over.id)
    for verb in ("pause", "resume"):
        answer = run(app, verb, str(over.id), "--why", "late")
        assert answer.exit_code == 1 and f"is settled; there is nothing to {verb}" in answer.stderr
    assert db.session.scalar(db.select(OperatorAct.id)) is None


def test_bidding_is_not_resumed_over_a_fault(app, stage, redis_client) -> None:
    run(app, "pause", str(stage.id), "--why", "look")
    redis_client.zrem(redis_keys.standings(stage.id), stage.people["bob"])
    answer = run(app, "resume", str(stage.id), "--why", "seems fine")
    assert answer.exit_code == 1 and "auction check" in answer.stderr
    assert stage.engine.read(stage.id).paused == OPERATOR
