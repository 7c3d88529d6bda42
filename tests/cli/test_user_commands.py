"""`flask user …`, as operators and scripts use it."""

import json
import time

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from cashticket.accounts import people
from cashticket.auction.terms import Terms
from cashticket.auction.values import Permission, Reason, Refused
from cashticket.extensions import db
from cashticket.models import OperatorAct
from cashticket.wiring import current_engine
from tests.fixtures.people import make_person
from tests.staging.rows import PASSWORD

BOB = ["--email", "bob@example.com", "--name", "Bob"]


def run(app: Flask, *words: str, password: str = f"{PASSWORD}\n") -> Result:
    return app.test_cli_runner().invoke(args=["user", *words], input=password)


def refusal(result: Result) -> str:
    """The one line that a refused command prints."""
    assert result.exit_code != 0
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1
    return lines[0]


def test_an_added_person_may_sign_in_and_bid(app: Flask) -> None:
    result = run(app, "add", *BOB, "--birth-date", "1999-02-03", "--phone", "010-1234-5678", "--verified", "--json")
    bob = json.loads(result.stdout)
    assert result.exit_code == 0
    assert isinstance(bob["id"], int)
    assert (bob["email"], bob["phone"], bob["birth_date"]) == ("bob@example.com", "+821012345678", "1999-02-03")
    assert (bob["permission"], bob["staff"]) == ("ok", False)
    assert people.authenticate("bob@example.com", PASSWORD) is not None


def test_without_verified_the_address_waits_for_confirmation(app: Flask) -> None:
    bob = json.loads(run(app, "add", *BOB, "--staff", "--json").stdout)
    assert (bob["permission"], bob["staff"]) == ("unverified", True)


def test_the_password_is_the_first_line_alone(app: Flask) -> None:
    run(app, "add", *BOB, password=f"{PASSWORD}\r\nsomething else\n")
    assert people.authenticate("bob@example.com", PASSWORD) is not None


@pytest.mark.parametrize(
    ("words", "password", "sentence"),
    [
        (BOB, "short\n", "8 to 200"),
        (BOB, "", "8 to 200"),
        (["--email", "bob", "--name", "Bob"], PASSWORD, "--email"),
        (["--email", "bob@example.com", "--name", " "], PASSWORD, "--name"),
        (["--email", "bob@example.com", "--name", "x" * 81], PASSWORD, "--name"),
        ([*BOB, "--birth-date", "1999-02-30"], PASSWORD, "YYYY-MM-DD"),
        ([*BOB, "--phone", "1"], PASSWORD, "010-1234-5678"),
    ],
)
def test_bad_input_is_refused_in_one_line(app: Flask, words: list[str], password: str, sentence: str) -> None:
    assert sentence in refusal(run(app, "add", *words, "--json", password=password))
    assert people.all_people() == []


def test_a_taken_address_or_phone_is_refused(app: Flask) -> None:
    assert run(app, "add", *BOB, "--phone", "010-1234-5678").exit_code == 0
    assert "e-mail" in refusal(run(app, "add", *BOB))
    alice = ["--email", "alice@example.com", "--name", "Alice", "--phone", "+82 10 1234 5678"]
    assert "phone" in refusal(run(app, "add", *alice))


def test_the_list_holds_everybody_in_order(app: Flask) -> None:
    make_person("alice")
    make_person("bob", verified=False)
    rows = json.loads(run(app, "list", "--json").stdout)
    assert [(person["email"], person["permission"]) for person in rows] == [
        ("alice@example.com", "ok"),
        ("bob@example.com", "unverified"),
    ]
    assert "bob@example.com" in run(app, "list").stdout


@pytest.mark.parametrize("by", ["number", "address"])
def test_a_blocked_person_bids_no_more_at_once(app: Flask, by: str) -> None:
    mallory = make_person("mallory")
    engine, now = current_engine(), int(time.time() * 1000)
    engine.open(Terms(1, 1, 1000, 1000, now - 60_000, now + 600_000, alias_salt="salt"))
    engine.introduce(1, mallory.id, Permission.OK, mallory.session_epoch, mallory.revision)
    who = str(mallory.id) if by == "number" else mallory.email
    result = run(app, "block", who, "--why", "a stolen card", "--json")
    assert json.loads(result.stdout)["blocked"] is True
    answer = engine.place_bid(1, mallory.id, mallory.session_epoch + 1, 5000, "r1")
    assert answer == Refused(Reason.BLOCKED, None)
    act = db.session.scalars(select(OperatorAct)).one()
    assert (act.act, act.subject, act.why) == ("user block", f"person {mallory.id}", "a stolen card")


@pytest.mark.parametrize(
    "words", [["4711", "--why", "x"], ["nobody@example.com", "--why", "x"], ["9" * 40, "--why", "x"]]
)
def test_nobody_cannot_be_blocked(app: Flask, words: list[str]) -> None:
    assert "no account" in refusal(run(app, "block", *words))


def test_a_block_needs_a_reason(app: Flask) -> None:
    mallory = make_person("mallory")
    assert run(app, "block", str(mallory.id)).exit_code != 0
    assert "--why" in refusal(run(app, "block", str(mallory.id), "--why", " "))
    assert people.all_people()[0].blocked_at is None
