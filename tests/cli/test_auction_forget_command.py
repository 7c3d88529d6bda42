"""`flask auction forget`: keys of ended auctions leave the live store; others stay, with the reason."""

import json
from datetime import timedelta

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import update

from cashticket.auction.values import State
from cashticket.models import Auction
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.work import ending_keys
from cashticket.work.closing import close_and_settle
from tests.staging.auctions import Stage


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["auction", "forget", *arguments])


@pytest.fixture
def settled(app: Flask) -> Stage:
    """A settled auction and, in the same concert, one that is open."""
    stage = Stage(app, ends_in_ms=-1_000)
    stage.bid("alice", 100_000)
    close_and_settle(stage.engine, stage.id)
    stage.open_auction()
    return stage


def test_the_keys_of_named_auctions_leave(app: Flask, settled: Stage) -> None:
    answer = run(app, str(settled.id), "--json")
    [row] = json.loads(answer.stdout)
    assert answer.exit_code == 0 and (row["state"], row["keys"], row["why"]) == ("settled", "left", "")
    assert row["keys_left_at"].endswith("Z") and settled.engine.versions([settled.id]) == {}
    assert run(app, str(settled.id)).exit_code == 0, "a repeat is harmless"


def test_what_cannot_leave_is_named_with_its_reason_and_the_rest_is_done(app: Flask, settled: Stage) -> None:
    answer = run(app, str(settled.id + 1), str(settled.id), "99")
    assert answer.exit_code == 1
    assert "open: keys leave only after" in answer.stdout and "There is no auction 99" in answer.stdout
    assert settled.engine.versions([settled.id, settled.id + 1]).keys() == {settled.id + 1}


def test_all_that_are_due_leave_at_once(app: Flask, settled: Stage) -> None:
    assert run(app, "--due").stdout.strip() == "nothing is due"
    yesterday = {"settled_at": utcnow() - timedelta(days=1)}
    in_one_unit(lambda session: session.execute(update(Auction).where(Auction.id == settled.id).values(**yesterday)))
    [row] = json.loads(run(app, "--due", "--json").stdout)
    assert (row["id"], row["keys"]) == (settled.id, "left")
    assert run(app, "--due").stdout.strip() == "nothing is due"


def test_more_auctions_than_a_job_takes_at_once_leave_too(
    app: Flask, settled: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ending_keys, "AT_ONCE_MAX", 1)
    ended = {"state": State.SETTLED, "settled_at": utcnow() - timedelta(days=2)}
    in_one_unit(lambda session: session.execute(update(Auction).values(**ended)))
    settled.engine.finish(settled.id + 1, State.SETTLED)
    rows = json.loads(run(app, "--due", "--json").stdout)
    assert [(row["id"], row["keys"]) for row in rows] == [(settled.id, "left"), (settled.id + 1, "left")]


def test_a_dry_run_says_what_would_happen_and_changes_nothing(app: Flask, settled: Stage) -> None:
    answer = run(app, str(settled.id), str(settled.id + 1), "--dry-run", "--json")
    assert [row["keys"] for row in json.loads(answer.stdout)] == ["would leave", "stay"]
    assert settled.id in settled.engine.versions([settled.id])


@pytest.mark.parametrize("arguments", [(), ("--due", "1")])
def test_auctions_are_named_or_due(app: Flask, arguments: tuple[str, ...]) -> None:
    answer = run(app, *arguments)
    assert answer.exit_code == 2 and "--due" in answer.stderr
