"""Acts of a thief that were proved a moment before the owner recovered the account, and are carried out after it."""

from collections.abc import Callable

import pytest
from flask import Flask

from cashticket.accounts import recovery, second_factors
from cashticket.accounts.one_time_codes import app_code, step_at
from cashticket.blueprints.account import profile, proving, second_factor_app
from cashticket.blueprints.account.proving import Unproved
from cashticket.models import Person
from cashticket.models.columns import utcnow
from tests.fixtures.people import Browser, sign_in
from tests.staging import account_acts as acts
from tests.staging.mails import Mailbox
from tests.staging.rows import PASSWORD
from tests.staging.second_factor import send, shown_secret

ALICE, THIEF, THIEFS_PASSWORD = "alice@example.com", "thief@evil.example", "the phrase of a thief"


def change_address(thief: Browser) -> object:
    return acts.post(thief, "/email", email=THIEF, current_password=PASSWORD)


def change_password(thief: Browser) -> object:
    return acts.post(thief, "/password", password=THIEFS_PASSWORD, current_password=PASSWORD)


def close(thief: Browser) -> object:
    return acts.post(thief, "/close", sure="yes", current_password=PASSWORD)


def set_app(thief: Browser) -> object:
    return send(thief, "/app", new_code=app_code(shown_secret(thief), step_at(utcnow())))


@pytest.mark.parametrize("act", [change_address, change_password, close, set_app])
def test_an_act_whose_session_was_ended_while_it_was_checked_does_nothing(
    app: Flask,
    browser: Callable[[], Browser],
    people: dict[str, Person],
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[Browser], object],
) -> None:
    thief, mailbox = sign_in(browser(), "alice"), Mailbox(app)

    def overtaken(person: Person) -> Unproved | None:
        problem = proving.unproved(person)
        recovery.change_password(person.id, acts.NEW_PASSWORD, keep="")
        return problem

    for module in (profile, second_factor_app):
        monkeypatch.setattr(module, "unproved", overtaken)
    answer = act(thief)
    assert getattr(answer, "status_code", 0) == 303 and "/login" in str(getattr(answer, "location", ""))
    assert acts.links_in(mailbox, THIEF) == []
    assert not second_factors.any_set(people["alice"].id)
    assert acts.may_sign_in(browser(), ALICE, acts.NEW_PASSWORD)
    assert not acts.may_sign_in(browser(), ALICE, THIEFS_PASSWORD)
