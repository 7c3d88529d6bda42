"""`flask user prove-phone`: an operator proves the phone of somebody whom no SMS reaches."""

import json

import pytest
from flask import Flask
from sqlalchemy import select

from cashticket.auction.identity_terms import IdentityTerm
from cashticket.extensions import db
from cashticket.models import OperatorAct, Person
from cashticket.wiring import current_engine
from tests.cli.test_user_commands import refusal, run
from tests.fixtures.logs import LogLines
from tests.fixtures.people import Browser
from tests.staging.auctions import open_auction
from tests.web.bidding import send

WHY = ["--why", "called back at that number", "--operator", "olga"]


def present(person: Person) -> Person:
    db.session.rollback()
    return db.session.get_one(Person, person.id, populate_existing=True)


def test_a_phone_is_proven_for_its_owner_who_bids_at_once(
    app: Flask, alice: Browser, people: dict[str, Person], log_lines: LogLines
) -> None:
    auction = open_auction(identity=IdentityTerm.PHONE)
    assert send(alice, auction, 100_000).get_json()["reason"] == "not_verified"
    told = json.loads(run(app, "prove-phone", "alice@example.com", "--phone", "010-2345-6789", *WHY, "--json").stdout)
    assert (told["phone"], told["phone_proven"]) == ("+821023456789", True)
    assert send(alice, auction, 100_000).status_code == 201
    db.session.rollback()
    act = db.session.scalars(select(OperatorAct)).one()
    assert (act.act, act.subject, act.operator) == ("user prove-phone", f"person {people['alice'].id}", "olga")
    assert act.facts == {} and act.why == "called back at that number"
    [line] = log_lines.security()
    assert (line["event"], line["by_operator"]) == ("phone.proven", True)
    assert "23456789" not in log_lines.text


def test_a_repeat_changes_nothing(app: Flask, people: dict[str, Person]) -> None:
    for _ in range(2):
        assert run(app, "prove-phone", str(people["bob"].id), "--phone", "010-2345-6789", *WHY).exit_code == 0
    db.session.rollback()
    assert len(db.session.scalars(select(OperatorAct)).all()) == 1


def test_a_number_goes_to_whom_it_is_proven_for_unless_another_account_has_proven_it(
    app: Flask, people: dict[str, Person]
) -> None:
    alice, bob = people["alice"], people["bob"]
    assert run(app, "prove-phone", str(alice.id), "--phone", "010-2345-6789", *WHY).exit_code == 0
    sentence = refusal(run(app, "prove-phone", str(bob.id), "--phone", "010-2345-6789", *WHY))
    assert "Another account" in sentence and str(alice.id) not in sentence.replace("account", "")
    assert present(bob).phone_proven_at is None


def test_a_number_that_was_given_to_somebody_else_is_taken_from_whom_it_was_proven_for(
    app: Flask, alice: Browser, people: dict[str, Person]
) -> None:
    auction = open_auction(identity=IdentityTerm.PHONE)
    number = ("--phone", "010-2345-6789", *WHY)
    assert run(app, "prove-phone", str(people["alice"].id), *number).exit_code == 0
    assert send(alice, auction, 100_000).status_code == 201
    for _ in range(2):
        assert run(app, "prove-phone", str(people["bob"].id), "--take-over", *number).exit_code == 0
    assert (present(people["alice"]).phone, present(people["alice"]).phone_proven_at) == (None, None)
    assert present(people["bob"]).phone_proven_at is not None
    assert send(alice, auction, 105_000, "r2").get_json()["reason"] == "not_verified"
    assert current_engine().read(auction).bidders == 1, "the bid stays"
    db.session.rollback()
    acts = db.session.scalars(select(OperatorAct).order_by(OperatorAct.id)).all()
    assert [act.facts for act in acts] == [{}, {"taken_from": people["alice"].id}]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [(["4711"], "no account 4711"), (["alice@example.com"], "has given no number"),
     (["alice@example.com", "--phone", "1"], "010-1234-5678")],
)  # fmt: skip
def test_bad_input_is_refused_in_one_line(
    app: Flask, people: dict[str, Person], words: list[str], sentence: str
) -> None:
    assert sentence in refusal(run(app, "prove-phone", *words, *WHY))
