"""`flask auction withdraw` and `flask user block --withdraw`: a standing is taken out once, and the act is kept."""

import json

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from cashticket.auction.values import Reason, Refused
from cashticket.extensions import db
from cashticket.models import OperatorAct, Person
from tests.staging.auctions import Stage
from tests.staging.engine import order_of

BIDS = (("mallory", 130_000), ("alice", 125_000), ("bob", 120_000))


@pytest.fixture
def running(app: Flask) -> Stage:
    """Mallory and alice are winning, bob is next."""
    stage = Stage(app)
    for name, amount in BIDS:
        stage.bid(name, amount)
    return stage


def email(stage: Stage, name: str) -> str:
    return str(db.session.get_one(Person, stage.people[name]).email)


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=[*words, "--why", "a stolen identity", "--operator", "olga"])


def withdraw(app: Flask, stage: Stage, name: str = "mallory", *more: str) -> Result:
    return run(app, "auction", "withdraw", str(stage.id), "--person", email(stage, name), *more)


def acts() -> list[tuple[str, str, str, dict[str, object]]]:
    rows = db.session.scalars(select(OperatorAct).order_by(OperatorAct.id))
    return [(row.act, row.subject, row.why, row.facts) for row in rows]


def standing(stage: Stage) -> list[str]:
    names = {person: name for name, person in stage.people.items()}
    return [names[bid.person] for bid in order_of(stage.engine, stage.id)]


def test_a_standing_is_withdrawn_and_the_act_is_kept(app: Flask, running: Stage) -> None:
    done = withdraw(app, running, "mallory", "--json")
    mallory, bob = running.people["mallory"], running.people["bob"]
    assert done.exit_code == 0 and json.loads(done.stdout) == {
        "id": running.id,
        "person": mallory,
        "amount": 130_000,
        "rank": 1,
        "sequence": 4,
        "brought_in": bob,
        "may_bid_again": True,
        "repeated": False,
    }
    assert "may bid again" in done.stderr, "the account is not blocked"
    assert standing(running) == ["alice", "bob"]
    facts = {"person": mallory, "amount": 130_000, "rank": 1}
    assert acts() == [("auction withdraw", f"auction {running.id}", "a stolen identity", facts)]


def test_a_repeat_changes_nothing_and_says_so(app: Flask, running: Stage) -> None:
    withdraw(app, running)
    again = withdraw(app, running, "mallory", "--json")
    assert again.exit_code == 0 and json.loads(again.stdout)["repeated"] is True
    assert len(acts()) == 1 and running.engine.read(running.id).sequence == 4


def test_a_dry_run_says_who_would_come_in_and_changes_nothing(app: Flask, running: Stage) -> None:
    foreseen = json.loads(withdraw(app, running, "mallory", "--dry-run", "--json").stdout)
    assert (foreseen["amount"], foreseen["rank"], foreseen["sequence"]) == (130_000, 1, None)
    assert foreseen["brought_in"] == running.people["bob"]
    assert json.loads(withdraw(app, running, "bob", "--dry-run", "--json").stdout)["brought_in"] is None
    assert standing(running) == ["mallory", "alice", "bob"] and acts() == []


def refusal(done: Result) -> str:
    assert done.exit_code == 1 and done.stdout == ""
    # A block has a line of the security log before it.
    return done.stderr.splitlines()[-1]


def test_what_cannot_be_withdrawn_is_refused_in_one_line(app: Flask, running: Stage) -> None:
    assert "no bid" in refusal(withdraw(app, running, "carol"))
    assert "There is no account" in refusal(run(app, "auction", "withdraw", str(running.id), "--person", "x@y.example"))
    assert "There is no auction 99" in refusal(run(app, "auction", "withdraw", "99", "--person", email(running, "bob")))
    running.engine.pause(running.id, "unsound")
    assert "paused (unsound)" in refusal(withdraw(app, running))
    assert standing(running) == ["mallory", "alice", "bob"] and acts() == []


def test_after_the_end_the_order_stays(app: Flask) -> None:
    ended = Stage(app, ends_in_ms=-1_000)
    for name, amount in BIDS:
        ended.bid(name, amount)
    assert "is over" in refusal(withdraw(app, ended))
    assert standing(ended) == ["mallory", "alice", "bob"]


def test_a_block_can_take_somebody_out_of_every_running_auction(app: Flask, running: Stage) -> None:
    other, quiet = running.open_auction(), running.open_auction()
    running.bid("mallory", 100_000, other)
    running.bid("alice", 100_000, quiet)
    done = run(app, "user", "block", email(running, "mallory"), "--withdraw", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["blocked"] is True
    assert json.loads(done.stdout)["withdrawn_from"] == [running.id, other]
    assert standing(running) == ["alice", "bob"]
    epoch = db.session.get_one(Person, running.people["mallory"]).session_epoch
    answer = running.engine.place_bid(running.id, running.people["mallory"], epoch, 200_000, "back")
    assert answer == Refused(Reason.BLOCKED)
    assert [act for act, *_ in acts()] == ["user block", "auction withdraw", "auction withdraw"]
    again = run(app, "user", "block", email(running, "mallory"), "--withdraw", "--json")
    assert json.loads(again.stdout)["withdrawn_from"] == []


def test_a_block_goes_on_where_one_auction_is_paused_and_names_it(app: Flask, running: Stage) -> None:
    other = running.open_auction()
    running.bid("mallory", 100_000, other)
    running.engine.pause(running.id, "unsound")
    line = refusal(run(app, "user", "block", email(running, "mallory"), "--withdraw"))
    assert "is blocked" in line and f"auction {running.id} is paused (unsound)" in line
    assert running.engine.place(other, running.people["mallory"]).rank is None


def test_a_withdrawal_is_not_lifted(app: Flask, running: Stage) -> None:
    assert "cannot be taken back" in refusal(
        run(app, "user", "block", email(running, "mallory"), "--lift", "--withdraw")
    )
