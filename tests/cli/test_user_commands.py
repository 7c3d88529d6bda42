"""`flask user …`, as operators and scripts use it."""

import json
import time
from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from cashticket.accounts import listing, people, recovery
from cashticket.auction.terms import Terms
from cashticket.auction.values import Accepted, Permission, Reason, Refused
from cashticket.engine.interface import StaleSession
from cashticket.extensions import db
from cashticket.models import OperatorAct, Person, PersonChange
from cashticket.models.columns import utcnow
from cashticket.wiring import current_engine
from tests.fixtures.people import Browser, make_person, sign_in
from tests.staging.auctions import open_auction
from tests.staging.rows import PASSWORD, add_concert

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
    bob = json.loads(run(app, "add", *BOB, "--json").stdout)
    assert (bob["permission"], bob["verified"], bob["staff"]) == ("unverified", False, False)


def test_a_member_of_the_staff_may_not_bid_and_is_not_blocked(app: Flask) -> None:
    bob = json.loads(run(app, "add", *BOB, "--staff", "--verified", "--json").stdout)
    assert (bob["permission"], bob["staff"], bob["blocked"]) == ("blocked", True, False)


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
    assert list(listing.all_people()) == []


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


def test_a_block_is_taken_back_once(app: Flask) -> None:
    mallory = make_person("mallory")
    engine, now = current_engine(), int(time.time() * 1000)
    engine.open(Terms(1, 1, 1000, 1000, now - 60_000, now + 600_000, alias_salt="salt"))
    run(app, "block", mallory.email, "--why", "a stolen card")
    for _ in range(2):
        lifted = run(app, "block", mallory.email, "--lift", "--why", "it was her own card", "--json")
        assert (json.loads(lifted.stdout)["blocked"], json.loads(lifted.stdout)["permission"]) == (False, "ok")
    row = db.session.get_one(Person, mallory.id)
    engine.introduce(1, mallory.id, Permission.OK, row.session_epoch, row.revision)
    assert isinstance(engine.place_bid(1, mallory.id, row.session_epoch, 5000, "r1"), Accepted)
    acts = db.session.scalars(select(OperatorAct).order_by(OperatorAct.id)).all()
    assert [(act.why, act.facts) for act in acts] == [("a stolen card", {}), ("it was her own card", {"lifted": True})]


def test_a_closed_account_has_no_block_to_take_back(app: Flask) -> None:
    mallory = make_person("mallory")
    people.change(mallory.id, lambda row: setattr(row, "closed_at", utcnow()))
    assert "closed for good" in refusal(run(app, "block", str(mallory.id), "--lift", "--why", "x"))


def test_a_block_needs_a_reason(app: Flask) -> None:
    mallory = make_person("mallory")
    assert run(app, "block", str(mallory.id)).exit_code != 0
    assert "--why" in refusal(run(app, "block", str(mallory.id), "--why", " "))
    assert next(listing.all_people()).blocked_at is None


# Changes of frozen facts


def change(app: Flask, *words: str) -> Result:
    return run(app, "change", *words, "--why", "spelled as on the card", "--operator", "olga")


def test_an_operator_changes_name_and_birth_date_and_both_values_are_kept(app: Flask) -> None:
    alice = make_person("alice")
    changed = change(app, str(alice.id), "--name", " Alice  Kim ", "--birth-date", "1999-02-03", "--json")
    shown = json.loads(changed.stdout)
    assert (shown["name"], shown["birth_date"]) == ("Alice Kim", "1999-02-03")
    kept = [
        (row.field, row.old_value, row.new_value, row.operator, row.why)
        for row in db.session.scalars(select(PersonChange).order_by(PersonChange.id))
    ]
    assert kept == [
        ("birth_date", "", "1999-02-03", "olga", "spelled as on the card"),
        ("name", "Alice", "Alice Kim", "olga", "spelled as on the card"),
    ]
    act = db.session.scalars(select(OperatorAct)).one()
    assert (act.act, act.subject, act.operator) == ("user change", f"person {alice.id}", "olga")
    assert act.facts == {"changed": ["birth_date", "name"]}, "an act is never deleted, so it holds no names"


def test_a_change_that_changes_nothing_leaves_no_trace(app: Flask) -> None:
    alice = make_person("alice")
    assert change(app, alice.email, "--name", "Alice").exit_code == 0
    assert db.session.scalars(select(PersonChange)).all() == db.session.scalars(select(OperatorAct)).all() == []


def test_a_frozen_birth_date_changed_by_an_operator_counts_at_once(app: Flask) -> None:
    alice = make_person("alice")
    engine, auction = current_engine(), open_auction(concert=add_concert(age_limit=19))
    assert change(app, str(alice.id), "--birth-date", "1999-02-03").exit_code == 0
    assert isinstance(engine.place_bid(auction, alice.id, 1, 100_000, "r1"), Accepted)
    assert change(app, str(alice.id), "--birth-date", "2015-01-01").exit_code != 0, "nobody under 14 has an account"
    assert change(app, str(alice.id), "--birth-date", "2012-10-01").exit_code == 0
    assert engine.place_bid(auction, alice.id, 1, 105_000, "r2") == Refused(Reason.BLOCKED, None)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["4711", "--name", "X"], "no account"),
        (["alice@example.com"], "--name, --birth-date, or both"),
        (["alice@example.com", "--name", " "], "--name"),
        (["alice@example.com", "--name", "a\u202eb"], "--name"),
        (["alice@example.com", "--birth-date", "1999-02-30"], "--birth-date"),
    ],
)
def test_a_wrong_change_is_refused_in_one_line(app: Flask, words: list[str], sentence: str) -> None:
    alice = make_person("alice")
    assert sentence in refusal(change(app, *words))
    db.session.rollback()
    assert db.session.get_one(Person, alice.id).name == "Alice"


def test_a_closed_account_has_nothing_to_change(app: Flask) -> None:
    alice = make_person("alice")
    recovery.close(alice.id)
    assert "closed" in refusal(change(app, str(alice.id), "--name", "Alice"))


def test_a_person_signed_out_by_an_operator_has_no_session_left(app: Flask, browser: Callable[[], Browser]) -> None:
    mallory = make_person("mallory")
    engine, now = current_engine(), int(time.time() * 1000)
    engine.open(Terms(1, 1, 1000, 1000, now - 60_000, now + 600_000, alias_salt="salt"))
    engine.introduce(1, mallory.id, Permission.OK, mallory.session_epoch, mallory.revision)
    signed_in = [sign_in(browser(), "mallory") for _ in range(2)]
    result = run(app, "sign-out", str(mallory.id), "--why", "called: a thief", "--json")
    assert json.loads(result.stdout) == {"id": mallory.id, "email": mallory.email, "sessions": 0}
    assert [each.get("/me").status_code for each in signed_in] == [303, 303]
    assert isinstance(engine.place_bid(1, mallory.id, mallory.session_epoch, 5000, "r1"), StaleSession)
    act = db.session.scalars(select(OperatorAct)).one()
    assert (act.act, act.subject, act.why) == ("user sign-out", f"person {mallory.id}", "called: a thief")
    assert sign_in(browser(), "mallory").get("/me").status_code == 200
    assert "no account" in refusal(run(app, "sign-out", "4711", "--why", "x"))
