"""`flask concert cancel`: what it prints, its dry run, what refuses it; `auction add` and `concert show` know of it."""

import pytest
from click.testing import Result
from flask import Flask

from cashticket.engine.connection import connect
from cashticket.engine.redis_engine import RedisEngine
from cashticket.wiring import queue
from cashticket.work.closing import close_and_settle
from tests.cli.auctions import add
from tests.cli.test_concert_commands import assert_one_line, data
from tests.cli.test_operator_commands import BIDS, acts, bids_on, run
from tests.staging.auctions import Stage

WHY = "the singer is ill"


@pytest.fixture
def stage(app: Flask) -> Stage:
    """A settled auction, in which nobody has bought yet."""
    stage = bids_on(Stage(app, ends_in_ms=-1_000))
    close_and_settle(stage.engine, stage.id)
    return stage


@pytest.fixture
def running(stage: Stage) -> int:
    auction = stage.open_auction()
    for name, amount in BIDS:
        stage.bid(name, amount, auction)
    return auction


def call_off(app: Flask, stage: Stage, *more: str) -> Result:
    return run(app, "concert", "cancel", str(stage.concert_id), "--why", WHY, "--operator", "olga", *more)


def test_cancel_says_what_it_did_and_a_repeat_changes_nothing(app: Flask, stage: Stage, running: int) -> None:
    done = data(call_off(app, stage, "--json"))
    assert done == {
        "id": stage.concert_id,
        "state": "cancelled",
        "repeated": False,
        "why": WHY,
        "auctions": [stage.id, running],
        "withdrawn": 2,
        "refunds": [],
        "mails": 4,
    }
    assert queue("mail").count == 1 and stage.row(running).state == "voided"
    count = len(acts(app))
    again = data(call_off(app, stage, "--json"))
    assert again["repeated"] is True and again["mails"] == 0 and len(acts(app)) == count
    [act] = acts(app, "--subject", f"concert {stage.concert_id}")
    assert (act["operator"], act["act"], act["why"]) == ("olga", "concert cancel", WHY)


def test_progress_names_the_auction_and_the_output_stays_json(app: Flask, stage: Stage, running: int) -> None:
    result = call_off(app, stage, "--json")
    assert data(result)["state"] == "cancelled"
    assert f"auction {running}: 3 of 3 bidders without a seat are told" in result.stderr


def test_a_dry_run_lists_each_auction_and_changes_nothing(app: Flask, stage: Stage, running: int) -> None:
    rows = data(call_off(app, stage, "--dry-run", "--json"))
    assert [(row["id"], row["state"], row["bidders"], row["offered"]) for row in rows] == [
        (stage.id, "settled", 3, 2),
        (running, "open", 0, 0),
    ]
    assert acts(app) == [] and stage.row(running).state == "open"
    call_off(app, stage)
    assert data(call_off(app, stage, "--dry-run", "--json")) == []
    assert "no auction that is not void" in call_off(app, stage, "--dry-run").stdout


def test_a_cancelled_concert_says_so_and_takes_no_auction(app: Flask, stage: Stage) -> None:
    show = ("concert", "show", str(stage.concert_id), "--json")
    assert "cancelled" not in data(run(app, *show))
    call_off(app, stage)
    assert data(run(app, *show))["cancelled"] == WHY
    assert_one_line(add(app, stage.concert_id), f"Concert {stage.concert_id} is cancelled")


def test_a_store_that_is_away_is_said_with_what_to_do(app: Flask, stage: Stage, running: int) -> None:
    engine, app.extensions["engine"] = app.extensions["engine"], RedisEngine(connect("unix:///nowhere/redis.sock"))
    assert_one_line(call_off(app, stage), f"Concert {stage.concert_id} is cancelled", "repeat")
    app.extensions["engine"] = engine
    assert data(call_off(app, stage, "--json"))["mails"] == 4


def test_what_cannot_be_cancelled_is_said_in_one_line(app: Flask, stage: Stage) -> None:
    assert_one_line(run(app, "concert", "cancel", "4711", "--why", "x"), "no concert 4711")
    assert_one_line(run(app, "concert", "cancel", "4711", "--why", "x", "--dry-run"), "no concert 4711")
    assert_one_line(run(app, "concert", "cancel", str(stage.concert_id), "--why", " "), "--why")
    assert run(app, "concert", "cancel", str(stage.concert_id)).exit_code != 0
    assert acts(app) == []
