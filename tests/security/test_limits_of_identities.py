"""Limits of verifications of identity: each may cost money, so nobody begins them by the hundred."""

import pytest
from flask import Flask

from cashticket.accounts.people import find_by_email
from tests.security.limited import HOME, browser_at, try_sign_in
from tests.staging.identities import PAGE, give_birth_date, turn_on

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

BEGUN, LIMITED = 303, 429


def test_one_person_begins_ten_verifications_a_day(limited: Flask) -> None:
    turn_on(limited)
    mallory = find_by_email("mallory@example.com")
    assert mallory is not None
    give_birth_date(mallory)
    client = browser_at(limited, HOME)
    assert try_sign_in(client, "mallory@example.com").status_code == BEGUN
    token = client.token(PAGE)
    answers = [client.post(PAGE, data={"csrf_token": token}) for _ in range(12)]
    assert [answer.status_code for answer in answers] == [BEGUN] * 10 + [LIMITED] * 2
    assert "여러 번 시작해서" in answers[-1].text and int(answers[-1].headers["Retry-After"]) > 3600
