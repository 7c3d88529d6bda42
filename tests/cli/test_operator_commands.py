"""`flask auction void|export` and `flask operator acts`: what operators do to an auction is done once, and kept."""

import csv
import io
import json

import pytest
import redis
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from cashticket import spreadsheet
from cashticket.engine.connection import connect
from cashticket.engine.redis_engine import RedisEngine
from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.models import Award, OperatorAct, Person
from cashticket.models.units import in_one_unit
from cashticket.wiring import queue
from cashticket.work.closing import close_and_settle
from tests.cli.test_concert_commands import assert_one_line, data
from tests.staging.auctions import Stage

BIDS = (("carol", 100_000), ("bob", 105_000), ("alice", 110_000))


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=list(arguments))


@pytest.fixture
def running(app: Flask) -> Stage:
    return bids_on(Stage(app))


@pytest.fixture
def settled(app: Flask) -> Stage:
    stage = bids_on(Stage(app, ends_in_ms=-1_000))
    close_and_settle(stage.engine, stage.id)
    return stage


def bids_on(stage: Stage) -> Stage:
    for name, amount in BIDS:
        stage.bid(name, amount)
    return stage


def void(app: Flask, stage: Stage, *more: str) -> Result:
    return run(app, "auction", "void", str(stage.id), "--why", "fraud", *more)


def acts(app: Flask, *more: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = data(run(app, "operator", "acts", "--json", *more))
    return rows


def test_void_answers_what_it_did_and_queues_the_mails(app: Flask, running: Stage) -> None:
    done = data(void(app, running, "--json"))
    assert done == {
        "id": running.id,
        "state": "voided",
        "repeated": False,
        "withdrawn": 0,
        "refunds": [],
        "mails": 3,
    }
    assert queue("mail").count == 1 and running.row().state == "voided"
    assert data(void(app, running, "--json"))["repeated"] is True
    assert "none" in void(app, running).stdout


def test_show_says_afterwards_when_an_auction_was_voided_and_why(app: Flask, running: Stage) -> None:
    show = ("auction", "show", str(running.id), "--json")
    assert "voided_at" not in data(run(app, *show))
    void(app, running)
    shown = data(run(app, *show))
    assert shown["why"] == "fraud" and shown["voided_at"].endswith("Z")


def test_a_store_that_is_away_is_said_with_what_to_do(app: Flask, running: Stage) -> None:
    engine, app.extensions["engine"] = app.extensions["engine"], RedisEngine(connect("unix:///nowhere/redis.sock"))
    assert_one_line(void(app, running), "void in the ledger", "repeat")
    app.extensions["engine"] = engine
    assert data(void(app, running, "--json"))["mails"] == 3


def test_void_needs_a_reason_and_an_auction(app: Flask, running: Stage) -> None:
    assert_one_line(run(app, "auction", "void", str(running.id), "--why", " "), "why")
    assert_one_line(run(app, "auction", "void", "4711", "--why", "x"), "4711")
    assert run(app, "auction", "void", str(running.id)).exit_code != 0
    assert running.row().state == "open"


def test_acts_are_listed_newest_first_with_who_and_why(app: Flask, running: Stage, settled: Stage) -> None:
    void(app, settled, "--operator", "olga")
    run(app, "user", "block", str(running.people["mallory"]), "--why", "stolen card", "--operator", "oscar")
    blocked, voided = acts(app)
    assert [blocked[name] for name in ("operator", "act", "subject", "why")] == [
        "oscar",
        "user block",
        f"person {running.people['mallory']}",
        "stolen card",
    ]
    assert (voided["operator"], voided["act"], voided["why"]) == ("olga", "auction void", "fraud")
    assert str(voided["at"]).endswith("Z")
    assert acts(app, "--by", "olga") == acts(app, "--subject", f"auction {settled.id}") == [voided]
    assert acts(app, "--since", "2099-01-01T00:00") == []
    assert "stolen card" in run(app, "operator", "acts").stdout


def test_an_operator_without_a_name_is_refused(app: Flask, running: Stage) -> None:
    for name in (" ", "x" * 81, "a\x07b"):
        assert_one_line(void(app, running, "--operator", name), "name")
    assert running.row().state == "open"


# Export


def table(result: Result) -> list[dict[str, str]]:
    assert result.exit_code == 0, result.output
    raw = result.stdout_bytes
    assert raw.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def test_a_running_auction_is_exported_as_it_stands_in_the_live_store(app: Flask, running: Stage) -> None:
    shown = data(run(app, "auction", "export", str(running.id), "--json"))
    assert (shown["state"], shown["final"], shown["cutoff"]) == ("open", False, 105_000)
    ranks = [(row["rank"], row["amount"], row["sequence"], row["winning"]) for row in shown["lines"]]
    assert ranks == [(1, 110_000, 3, True), (2, 105_000, 2, True), (3, 100_000, 1, False)]
    assert all(row["seat"] is None and len(row["alias"]) == 6 for row in shown["lines"])


def test_a_settled_auction_is_exported_with_seats_and_prices(app: Flask, settled: Stage) -> None:
    rows = table(run(app, "auction", "export", str(settled.id)))
    assert [(row["rank"], row["amount"], row["seat"], row["price"], row["award"]) for row in rows] == [
        ("1", "110000", "VIP-1", "110000", "offered"),
        ("2", "105000", "VIP-2", "105000", "offered"),
        ("3", "100000", "", "", ""),
    ]


def test_nobody_is_named_in_an_export(app: Flask, settled: Stage) -> None:
    people = db.session.scalars(select(Person)).all()
    for arguments in ((), ("--json",)):
        result = run(app, "auction", "export", str(settled.id), *arguments)
        for person in people:
            assert person.name not in result.stdout and person.email not in result.stdout
        assert "person" not in result.stdout


def test_names_are_given_for_a_reason_that_is_kept(app: Flask, settled: Stage) -> None:
    arguments = ("auction", "export", str(settled.id), "--with-people")
    assert_one_line(run(app, *arguments), "--why")
    assert acts(app) == []
    rows = table(run(app, *arguments, "--why", "entrance", "--operator", "olga"))
    assert [row["name"] for row in rows] == ["alice", "bob", "carol"] and all("@" in row["email"] for row in rows)
    [act] = acts(app)
    assert (act["operator"], act["why"], act["facts"]) == ("olga", "entrance", {"people": 3})


def test_names_are_not_given_when_the_reason_cannot_be_kept(app: Flask, settled: Stage) -> None:
    def refuse(*_: object) -> None:
        raise OSError("the disk is full")

    from sqlalchemy import event

    event.listen(OperatorAct, "before_insert", refuse)
    try:
        result = run(app, "auction", "export", str(settled.id), "--with-people", "--why", "entrance")
    finally:
        event.remove(OperatorAct, "before_insert", refuse)
    assert result.exit_code != 0 and result.stdout == ""


def test_an_auction_that_the_store_lost_is_exported_from_the_ledger(
    app: Flask, running: Stage, redis_client: redis.Redis
) -> None:
    while record_waiting(running.engine, running.id):
        pass
    redis_client.flushall()
    result = run(app, "auction", "export", str(running.id), "--json")
    assert len(data(result)["lines"]) == 3 and "does not know" in result.stderr


def test_a_name_never_becomes_a_formula(app: Flask, settled: Stage) -> None:
    from sqlalchemy import update

    evil = update(Award).where(Award.person_id == settled.people["alice"])
    in_one_unit(lambda session: session.execute(evil.values(person_name='=HYPERLINK("http://evil.example")')))
    arguments = ("auction", "export", str(settled.id), "--with-people", "--why", "x")
    assert table(run(app, *arguments))[0]["name"].startswith("'=")
    assert json.loads(run(app, *arguments, "--json").stdout)["lines"][0]["name"].startswith("=")


@pytest.mark.parametrize("text", ["=1+1", "+82", "-1", "@SUM", "\t=1", "\r=1", "＝1"])
def test_a_cell_that_looks_like_a_formula_is_made_a_text(text: str) -> None:
    assert spreadsheet.cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "shown"), [(-5, "-5"), (None, ""), (True, "yes"), ("VIP-1", "VIP-1"), ([1, 2], "1 2")]
)
def test_other_cells_stay_as_they_are(value: object, shown: str) -> None:
    assert spreadsheet.cell(value) == shown


def test_an_unknown_auction_is_not_exported(app: Flask) -> None:
    assert_one_line(run(app, "auction", "export", "4711"), "4711")


@pytest.mark.parametrize("command", ["pause", "resume"])
def test_a_slip_in_the_number_of_an_auction_says_where_the_numbers_are(app: Flask, command: str) -> None:
    result = run(app, "auction", command, "99", "--why", "a look")
    assert result.exit_code == 1 and "`flask auction list` shows which there are" in result.stderr
