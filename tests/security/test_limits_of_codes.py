"""Limits of codes by SMS: nobody rings somebody's phone by the hundred, whoever asks and from wherever."""

from pathlib import Path

import pytest
from flask import Flask

from cashticket.accounts.people import find_by_email
from cashticket.blueprints.request.rate_limits import (
    CODES_OF_ADDRESS,
    CODES_OF_PERSON,
    CODES_TO_NUMBER,
    TYPED_CODES,
    counters,
)
from cashticket.blueprints.request.windows import Bucket
from tests.fixtures.people import Browser
from tests.security.limited import CAFE, ELSEWHERE, HOME, browser_at, try_sign_in
from tests.staging.sms import Phones

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PAGE = "/me/profile/phone"
SENT, LIMITED = 303, 429


@pytest.fixture
def phones(limited: Flask, tmp_path: Path) -> Phones:
    return Phones(limited, tmp_path / "sms")


def signed_in(app: Flask, name: str, address: str = HOME) -> Browser:
    client = browser_at(app, address)
    assert try_sign_in(client, f"{name}@example.com").status_code == SENT
    return client


def ask(client: Browser, token: str, number: str) -> int:
    return client.post(PAGE, data={"phone": number, "csrf_token": token}).status_code


def test_one_person_gets_five_codes_an_hour_whatever_the_numbers(limited: Flask, phones: Phones) -> None:
    mallory = signed_in(limited, "mallory")
    token = mallory.token(PAGE)
    statuses = [ask(mallory, token, f"010-1234-{number:04}") for number in range(7)]
    assert statuses == [SENT] * 5 + [LIMITED] * 2
    answer = mallory.post(PAGE, data={"phone": "010-9999-9999", "csrf_token": token})
    assert int(answer.headers["Retry-After"]) > 3000
    page = answer.get_data(as_text=True)
    assert 'role="alert"' in page and "010-9999-9999" in page, "the page says why, and keeps what was typed"


def test_one_number_gets_five_codes_an_hour_whoever_asks(limited: Flask, phones: Phones) -> None:
    mallory, bob = signed_in(limited, "mallory", CAFE), signed_in(limited, "bob", ELSEWHERE)
    tokens = {client: client.token(PAGE) for client in (mallory, bob)}
    assert [ask(mallory, tokens[mallory], "010-1234-5678") for _ in range(3)] == [SENT] * 3
    spellings = ("010-1234-5678", "+82 10 1234 5678", "01012345678")
    assert [ask(bob, tokens[bob], spelling) for spelling in spellings] == [SENT, SENT, LIMITED]


def test_one_network_gets_sixty_codes_an_hour(limited: Flask, phones: Phones) -> None:
    mallory = signed_in(limited, "mallory")
    for _ in range(CODES_OF_ADDRESS.tries_max):
        counters().take([Bucket(CODES_OF_ADDRESS, HOME)])
    assert ask(mallory, mallory.token(PAGE), "010-1234-5678") == LIMITED
    mallory.environ_base["REMOTE_ADDR"] = CAFE
    assert ask(mallory, mallory.token(PAGE), "010-1234-5678") == SENT


def test_fifty_codes_a_day_are_typed_however_many_are_sent(limited: Flask, phones: Phones) -> None:
    mallory, person = signed_in(limited, "mallory"), find_by_email("mallory@example.com")
    assert person
    for _ in range(TYPED_CODES.tries_max):
        counters().take([Bucket(TYPED_CODES, str(person.id))])
    answer = mallory.post(f"{PAGE}/code", data={"code": "123456", "csrf_token": mallory.token(PAGE)})
    assert answer.status_code == LIMITED


def test_a_request_that_is_refused_counts_nowhere(limited: Flask, phones: Phones) -> None:
    mallory, person = signed_in(limited, "mallory"), find_by_email("mallory@example.com")
    assert person
    for _ in range(CODES_TO_NUMBER.tries_max):
        counters().take([Bucket(CODES_OF_ADDRESS, HOME)])
    counters().clear([Bucket(CODES_OF_PERSON, str(person.id))])
    assert ask(mallory, mallory.token(PAGE), "010-12") == 422
    token = mallory.token(PAGE)
    assert [ask(mallory, token, "010-1234-5678") for _ in range(5)] == [SENT] * 5
