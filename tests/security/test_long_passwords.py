"""Long passwords are taken wherever a password is set, and count to their last character wherever one is typed."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from cashticket.accounts import passwords
from cashticket.models import Person
from tests.fixtures.people import Browser, sign_in
from tests.staging.mails import Mailbox
from tests.staging.rows import PASSWORD
from tests.web.sign_ups import become_member, follow

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# Most characters take three bytes.
SENTENCE = "강가의 공연장에서 봄밤마다 등불을 켜고 노래하던 사람들을 우리는 오래도록 잊지 않고 이야기한다. "
LONG = SENTENCE.ljust(64, "길")[:64]
LONGEST = (SENTENCE + "The lamps by the river went out one by one, and nobody left. ").ljust(passwords.LENGTH_MAX, "별")


@pytest.fixture
def mailbox(app: Flask) -> Mailbox:
    return Mailbox(app)


def opens(client: Browser, password: str) -> bool:
    form = {"email": "alice@example.com", "password": password, "csrf_token": client.token()}
    return client.post("/login", data=form).status_code == 303


@pytest.mark.parametrize("password", [LONG, LONGEST], ids=["64", "most"])
def test_an_account_is_made_with_a_long_password(
    browser: Callable[[], Browser], mailbox: Mailbox, password: str
) -> None:
    assert len(password) >= 64
    become_member(browser(), mailbox, password=password)
    assert not opens(browser(), password[:-1])
    assert opens(browser(), password)


def test_a_password_is_changed_to_a_long_one_and_from_it(
    browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    alice = sign_in(browser(), "alice")
    for old, new in ((PASSWORD, LONG), (LONG, LONGEST)):
        form = {"password": new, "current_password": old, "csrf_token": alice.token("/me/profile")}
        assert alice.post("/me/profile/password", data=form).status_code == 303
    assert opens(browser(), LONGEST)


def test_a_forgotten_password_is_replaced_by_a_long_one(
    browser: Callable[[], Browser], people: dict[str, Person], mailbox: Mailbox
) -> None:
    client = browser()
    client.post("/reset", data={"email": "alice@example.com", "csrf_token": client.token("/reset")})
    assert follow(client, mailbox.link("alice@example.com"), password=LONG).status_code == 303
    assert opens(browser(), LONG)


def test_no_input_cuts_a_long_password_off(
    browser: Callable[[], Browser], people: dict[str, Person], mailbox: Mailbox
) -> None:
    client, alice = browser(), sign_in(browser(), "alice")
    client.post("/reset", data={"email": "alice@example.com", "csrf_token": client.token("/reset")})
    pages = [(client, path) for path in ("/login", "/signup", mailbox.link("alice@example.com"))]
    for visitor, path in [*pages, (alice, "/me/profile")]:
        inputs = re.findall(r'<input[^>]*type="password"[^>]*>', visitor.get(path).get_data(as_text=True))
        assert inputs, path
        for each in inputs:
            limit = re.search(r'maxlength="(\d+)"', each)
            assert limit is None or int(limit[1]) == passwords.LENGTH_MAX, (path, each)
