"""`flask user reset-factor` and `user renew-secrets`, as operators use them."""

import json

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from cashticket.accounts import one_time_codes, second_factor_changes, second_factors
from cashticket.extensions import db
from cashticket.models import OperatorAct
from cashticket.models.columns import utcnow
from tests.fixtures.people import make_person
from tests.house.source import ROOT
from tests.staging.mails import Mailbox


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["user", *words])


@pytest.fixture
def alice(app: Flask) -> int:
    """The id of alice, who has an authenticator app."""
    person, secret = make_person("alice").id, one_time_codes.new_secret()
    code = one_time_codes.app_code(secret, one_time_codes.step_at(utcnow()))
    keys = (str(app.secret_key),)
    second_factor_changes.set_app(person, secret, code, keys, utcnow())
    return person


@pytest.mark.parametrize("who", ["number", "address"])
def test_a_lost_factor_is_removed_with_reason_mail_and_record(app: Flask, alice: int, who: str) -> None:
    name = str(alice) if who == "number" else "Alice@example.com"
    result = run(app, "reset-factor", name, "--why", "lost the phone, passport seen", "--operator", "kim", "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout) == {"id": alice, "email": "alice@example.com", "second_factor": False}
    factors = second_factors.factors_of(alice)
    assert (factors.any_set, factors.codes_left) == (False, 0)
    act = db.session.scalars(select(OperatorAct)).one()
    assert (act.operator, act.act, act.subject) == ("kim", "user reset-factor", f"person {alice}")
    assert act.why == "lost the phone, passport seen"
    assert "고객센터에서 2단계 인증을 해제했습니다" in Mailbox(app).newest("alice@example.com")["Subject"]


def test_operators_are_told_what_to_check_before_a_factor_is_removed(app: Flask) -> None:
    page = " ".join((ROOT / "docs" / "operations.md").read_text(encoding="utf-8").split())
    checks = page.partition("**Somebody lost phone, passkeys and recovery codes.**")[2].partition(" **")[0]
    for check in ("address or phone number of the account", "identity document", "A second operator agrees"):
        assert 0 <= checks.find(check) < checks.find("user reset-factor"), check
    assert "docs/operations.md" in run(app, "reset-factor", "--help").stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["999", "--why", "x"], "There is no account 999."),
        (["bob@example.com", "--why", "x"], "has no second factor"),
        (["1", "--why", " "], "--why must say why"),
        (["1"], "--why"),
    ],
)
def test_what_cannot_be_done_changes_nothing(app: Flask, alice: int, words: list[str], sentence: str) -> None:
    make_person("bob")
    result = run(app, "reset-factor", *words)
    assert result.exit_code != 0
    assert sentence in result.stderr
    assert second_factors.any_set(alice)
    assert db.session.scalars(select(OperatorAct)).all() == []


def test_secrets_of_the_present_key_need_no_renewal(app: Flask, alice: int) -> None:
    result = run(app, "renew-secrets", "--json")
    assert json.loads(result.stdout) == {"renewed": 0, "unreadable": 0}
