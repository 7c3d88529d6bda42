"""Limits of signed-in people: phone numbers cannot be tried out, and nobody's mailbox is flooded."""

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from cashticket.accounts.people import find_by_email
from cashticket.blueprints.request.rate_limits import PHONE_QUESTIONS, PROFILE_SAVES, counters
from cashticket.blueprints.request.windows import Bucket
from cashticket.extensions import db
from cashticket.models import AccountMail, Person
from cashticket.models.units import in_one_unit
from tests.fixtures.people import Browser
from tests.security.limited import browser_at, try_sign_in
from tests.staging.rows import PASSWORD

SAVED, WRONG, LIMITED = 303, 422, 429


@pytest.fixture
def mallory(limited: Flask) -> Browser:
    """Mallory, signed in. Bob has the phone number 010-1234-0000."""
    taken = update(Person).where(Person.email == "bob@example.com").values(phone="+821012340000")
    in_one_unit(lambda session: session.execute(taken))
    client = browser_at(limited)
    assert try_sign_in(client, "mallory@example.com").status_code == SAVED
    return client


def save(client: Browser, token: str, phone: str) -> int:
    form = {"name": "Mallory", "birth_date": "1999-02-03", "phone": phone, "locale": "en", "csrf_token": token}
    return client.post("/me/profile", data=form).status_code


def test_phone_numbers_are_not_tried_out_by_the_hundred(mallory: Browser) -> None:
    token = mallory.token("/me/profile")
    statuses = [save(mallory, token, f"010-1234-{number:04}") for number in range(300)]
    assert statuses[0] == WRONG, "the first answer tells that the number is taken"
    assert statuses.count(LIMITED) == 290


def test_thirty_numbers_a_day_whatever_the_hour(mallory: Browser) -> None:
    person = find_by_email("mallory@example.com")
    assert person
    token, statuses = mallory.token("/me/profile"), []
    for number in range(35):
        counters().clear([Bucket(PROFILE_SAVES, str(person.id))])
        statuses.append(save(mallory, token, f"010-1234-{number:04}"))
    assert statuses[30:] == [LIMITED] * 5
    assert LIMITED not in statuses[:30]
    answer = mallory.post(
        "/me/profile",
        data={"name": "M", "birth_date": "1999-02-03", "phone": "010-9999-9999", "locale": "en", "csrf_token": token},
    )
    page = answer.get_data(as_text=True)
    assert int(answer.headers["Retry-After"]) > 3600
    assert 'role="alert"' in page and "010-9999-9999" in page, "the page says why, and keeps what was typed"


def test_saving_without_another_number_asks_nothing_about_phones(mallory: Browser) -> None:
    person = find_by_email("mallory@example.com")
    assert person
    token = mallory.token("/me/profile")
    assert [save(mallory, token, "010-5555-6666") for _ in range(11)] == [SAVED] * 10 + [LIMITED]
    counters().clear([Bucket(PROFILE_SAVES, str(person.id))])
    for _ in range(PHONE_QUESTIONS.tries_max - 1):
        counters().take([Bucket(PHONE_QUESTIONS, str(person.id))])
    assert save(mallory, token, "010-5555-6666") == SAVED


def test_five_changes_of_address_a_day(mallory: Browser) -> None:
    token = mallory.token("/me/profile")
    forms = [
        {"email": f"stranger{number}@example.com", "current_password": PASSWORD, "csrf_token": token}
        for number in range(7)
    ]
    answers = [mallory.post("/me/profile/email", data=form) for form in forms]
    assert [answer.status_code for answer in answers] == [SAVED] * 5 + [LIMITED] * 2
    mails = select(func.count()).select_from(AccountMail).where(AccountMail.purpose == "change")
    assert db.session.scalar(mails) == 5
    assert "stranger6@example.com" in answers[-1].get_data(as_text=True)
