"""Forgotten passwords: the link, the new password, and the sessions that end."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from cashticket.accounts.blocking import block
from cashticket.accounts.people import find_by_email
from cashticket.auction.terms import Terms
from cashticket.auction.values import Permission
from cashticket.engine.interface import StaleSession
from cashticket.extensions import db
from cashticket.models import AccountMail, Person
from cashticket.models.units import in_one_unit
from cashticket.wiring import current_engine
from tests.fixtures.people import Browser, make_person, sign_in
from tests.staging.mails import Mailbox, text_of
from tests.staging.rows import PASSWORD

NEW = "another fine phrase"


@pytest.fixture
def mailbox(app: Flask) -> Mailbox:
    return Mailbox(app)


def ask(client: Browser, email: str = "alice@example.com") -> TestResponse:
    return client.post("/reset", data={"email": email, "csrf_token": client.token("/reset")})


def choose(client: Browser, link: str, password: str = NEW) -> TestResponse:
    return client.post(link, data={"password": password, "csrf_token": client.token(link)})


def may_sign_in(client: Browser, password: str) -> bool:
    form = {"email": "alice@example.com", "password": password, "csrf_token": client.token()}
    return client.post("/login", data=form).status_code == 303


def test_alice_forgets_her_password_and_chooses_another(
    browser: Callable[[], Browser], people: dict[str, Person], mailbox: Mailbox
) -> None:
    assert ask(browser()).location == "/reset/sent"
    answer = choose(browser(), mailbox.link("alice@example.com"))
    assert (answer.status_code, answer.location) == (303, "/reset/done")
    assert browser().get("/reset/done").status_code == 200
    assert not may_sign_in(browser(), PASSWORD)
    assert may_sign_in(browser(), NEW)
    assert "/reset" in text_of(mailbox.newest("alice@example.com")), "and is told that it was changed"


def test_every_session_ends_with_the_old_password_also_for_bids(
    browser: Callable[[], Browser], people: dict[str, Person], mailbox: Mailbox
) -> None:
    engine, now = current_engine(), int(datetime.now(UTC).timestamp() * 1000)
    alice = people["alice"]
    engine.open(Terms(1, 1, 1000, 1000, now - 60_000, now + 600_000, alias_salt="salt"))
    engine.introduce(1, alice.id, Permission.OK, alice.session_epoch, alice.revision)
    thief = sign_in(browser(), "alice")
    ask(browser())
    choose(browser(), mailbox.link("alice@example.com"))
    assert thief.get("/me/profile").status_code == 303
    assert isinstance(engine.place_bid(1, alice.id, 1, 5000, "r1"), StaleSession)


def test_an_unknown_address_gets_the_same_answer_and_no_mail(
    browser: Callable[[], Browser], people: dict[str, Person], mailbox: Mailbox
) -> None:
    with_account, without = ask(browser()), ask(browser(), "nobody@example.com")
    assert (with_account.status_code, with_account.data, list(with_account.headers)) == (
        without.status_code,
        without.data,
        list(without.headers),
    )
    assert len(mailbox.letters()) == 1


def test_a_link_works_once(browser: Callable[[], Browser], people: dict[str, Person], mailbox: Mailbox) -> None:
    ask(browser())
    link = mailbox.link("alice@example.com")
    client = browser()
    token = client.token(link)
    assert client.post(link, data={"password": NEW, "csrf_token": token}).status_code == 303
    assert browser().get(link).status_code == 410
    late = browser()
    assert late.post(link, data={"password": PASSWORD, "csrf_token": late.token()}).status_code == 410
    assert may_sign_in(browser(), NEW)


@pytest.mark.usefixtures("patient_hashing")
def test_a_link_used_twenty_times_at_once_works_once(
    app: Flask, browser: Callable[[], Browser], people: dict[str, Person], mailbox: Mailbox
) -> None:
    ask(browser())
    link = mailbox.link("alice@example.com")
    clients = [browser() for _ in range(8)]
    tokens = [client.token(link) for client in clients]

    def send(number: int) -> int:
        form = {"password": f"phrase number {number}", "csrf_token": tokens[number]}
        return clients[number].post(link, data=form).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda number: Context().run(send, number), range(8)))
    assert sorted(statuses) == [303] + [410] * 7


def test_using_one_link_ends_the_others(
    browser: Callable[[], Browser], people: dict[str, Person], mailbox: Mailbox
) -> None:
    ask(browser())
    first = mailbox.link("alice@example.com")
    ask(browser())
    choose(browser(), mailbox.link("alice@example.com"))
    assert browser().get(first).status_code == 410


def test_a_link_is_good_for_an_hour(client: Browser, people: dict[str, Person], mailbox: Mailbox) -> None:
    ask(client)
    link = mailbox.link("alice@example.com")
    assert client.get(link).status_code == 200
    past = datetime.now(UTC) - timedelta(hours=1, minutes=1)
    in_one_unit(lambda session: session.execute(update(AccountMail).values(created_at=past)))
    assert client.get(link).status_code == 410


@pytest.mark.parametrize("weak", ["", "short", "password1", "alice@example.com", "x" * 201])
def test_a_weak_password_is_refused_and_the_link_still_works(
    client: Browser, people: dict[str, Person], mailbox: Mailbox, weak: str
) -> None:
    ask(client)
    link = mailbox.link("alice@example.com")
    assert choose(client, link, weak).status_code == 422
    assert choose(client, link).status_code == 303


def test_following_the_link_proves_the_address(client: Browser, mailbox: Mailbox) -> None:
    make_person("alice", verified=False)
    ask(client)
    choose(client, mailbox.link("alice@example.com"))
    db.session.rollback()
    assert db.session.scalars(select(Person)).one().permission == "ok"


def test_a_blocked_person_stays_blocked(client: Browser, people: dict[str, Person], mailbox: Mailbox) -> None:
    block(people["alice"].id)
    ask(client)
    choose(client, mailbox.link("alice@example.com"))
    person = find_by_email("alice@example.com")
    assert person is not None
    assert person.permission == "blocked"


def test_a_malformed_address_is_refused_at_once(client: Browser) -> None:
    assert ask(client, "alice").status_code == 422


def test_a_reset_changes_nothing_without_the_forms_token(
    client: Browser, people: dict[str, Person], mailbox: Mailbox
) -> None:
    ask(client)
    link = mailbox.link("alice@example.com")
    assert client.post(link, data={"password": NEW}).status_code == 400
    assert may_sign_in(client, PASSWORD)
