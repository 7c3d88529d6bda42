"""Sign-up and reset do the same for every address; mails and links tell strangers nothing."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from cashticket import config, create_app
from cashticket.accounts import passwords
from cashticket.accounts.mail_links import LINK_LIFETIME, Purpose
from cashticket.accounts.people import add_person
from cashticket.blueprints.request.client_address import address
from cashticket.blueprints.request.rate_limits import SIGN_UPS_OF_ADDRESS, counters
from cashticket.blueprints.request.windows import Bucket
from cashticket.extensions import db
from cashticket.locale import LANGUAGES
from cashticket.models import AccountMail, Person
from cashticket.notify.texts import template
from tests.fixtures.people import Browser, make_person
from tests.staging import account_acts as acts
from tests.staging.mails import Mailbox, text_of
from tests.staging.rows import PASSWORD
from tests.web.bidding import counting
from tests.web.sign_ups import ALICE, drafts, follow, sign_up

TO_ANYBODY = {Purpose.CONFIRM, Purpose.RESET, Purpose.CHANGE, Purpose.IN_USE, Purpose.EMAIL_RESTORED, Purpose.CLOSED}
"""Mails that may go to an address that the named account has not confirmed. The others go to confirmed accounts."""


@pytest.fixture
def mailbox(app: Flask) -> Mailbox:
    return Mailbox(app)


@pytest.fixture
def limited(settings: config.Settings) -> Iterator[Flask]:
    """The application with its rate limits on."""
    application = create_app(replace(settings, rate_limits=True))
    application.test_client_class = Browser
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()


def mails() -> list[AccountMail]:
    db.session.rollback()
    return list(db.session.scalars(select(AccountMail).order_by(AccountMail.id)))


def test_a_reset_costs_the_same_with_and_without_an_account(
    browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    costs = []
    # The first opens the connections to the queue store.
    for email in ("warm@example.com", "alice@example.com", "nobody@example.com"):
        client = browser()
        token = client.token("/reset")
        with counting() as counted:
            client.post("/reset", data={"email": email, "csrf_token": token})
        costs.append(dict(counted))
    assert costs[1] == costs[2]
    assert [(mail.purpose, mail.person_id) for mail in mails()] == [("reset", None)] * 3


def test_a_sign_up_costs_the_same_for_every_address_and_every_phone(
    browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    add_person("phone@example.com", "Bob", PASSWORD, phone="010-5555-5555", verified=True)
    add_person("waiting@example.com", "Carol", PASSWORD)
    costs = []
    for email, phone in (
        ("warm@example.com", "010-1111-1111"),
        ("alice@example.com", "010-1111-1111"),
        ("nobody@example.com", "010-1111-1111"),
        ("nobody2@example.com", "010-5555-5555"),
        ("waiting@example.com", "010-1111-1111"),
    ):
        client = browser()
        form = ALICE | {"email": email, "phone": phone, "csrf_token": client.token("/signup")}
        with counting() as counted:
            assert client.post("/signup", data=form).status_code == 303
        costs.append(dict(counted))
    assert costs[1:] == [costs[1]] * 4
    assert [mail.purpose for mail in mails()] == ["confirm"] * 5
    assert len(drafts()) == 5


def test_the_worker_finds_out_whom_a_mail_is_for(
    browser: Callable[[], Browser], people: dict[str, Person], mailbox: Mailbox
) -> None:
    client = browser()
    for email in ("alice@example.com", "nobody@example.com"):
        client.post("/reset", data={"email": email, "csrf_token": client.token("/reset")})
    sign_up(client)
    sign_up(client, email="newcomer@example.com")
    assert [letter["To"] for letter in mailbox.letters()] == [
        "alice@example.com",
        "alice@example.com",
        "newcomer@example.com",
    ]
    assert [mail.purpose for mail in mails()] == ["reset", "reset", "in_use", "confirm"]
    assert [mail.person_id for mail in mails()] == [people["alice"].id, None, people["alice"].id, None]
    assert mails()[1].used_at is not None, "the link to nobody is void"
    assert [draft.email for draft in drafts()] == ["newcomer@example.com"], "no draft of a confirmed address stays"
    assert len(mailbox.letters()) == 3, "nothing is sent twice"


def test_no_mail_to_an_unconfirmed_address_holds_what_somebody_typed() -> None:
    for purpose in Purpose:
        for language in LANGUAGES:
            text = template(language, f"account/{purpose.value}")
            assert ("{name}" in text) <= (purpose not in TO_ANYBODY), (purpose, language)
            assert ("{link}" in text) == (purpose in LINK_LIFETIME), (purpose, language)


def test_a_name_typed_by_a_stranger_reaches_nobody(browser: Callable[[], Browser], mailbox: Mailbox) -> None:
    sign_up(browser(), email="fan@example.com", name="Wonderful Draw Tonight")
    refused = sign_up(browser(), email="fan@example.com", name="당첨! http://win.example 에서 100만원 받기")
    assert refused.status_code == 422
    [letter] = mailbox.letters("fan@example.com")
    assert "Wonderful" not in letter.as_string() and "Wonderful" not in text_of(letter)


def test_the_password_of_a_sign_up_is_guessed_no_oftener_than_any_other(limited: Flask) -> None:
    sign_up(limited.test_client())  # type: ignore[arg-type]
    link = Mailbox(limited).link(ALICE["email"])
    guesser = limited.test_client()
    assert isinstance(guesser, Browser)
    form = {"csrf_token": guesser.token(link)}
    statuses = [guesser.post(link, data=form | {"password": f"guess {n}"}).status_code for n in range(12)]
    assert statuses == [422] * 10 + [429] * 2
    limited_page = guesser.post(link, data=form | {"password": "a guess"})
    assert int(limited_page.headers["Retry-After"]) > 0
    assert 'role="alert"' in limited_page.text and 'name="password"' in limited_page.text, "the form stays"


def test_a_sign_up_that_comes_too_often_or_while_all_are_hashing_comes_back_filled(limited: Flask) -> None:
    client = limited.test_client()
    assert isinstance(client, Browser)
    form = ALICE | {"csrf_token": client.token("/signup")}
    with ExitStack() as places:
        with suppress(passwords.TooBusy):
            while True:
                places.enter_context(passwords.pool.place())
        busy = client.post("/signup", data=form)
    assert (busy.status_code, drafts()) == (503, [])
    assert ALICE["email"] in busy.text and PASSWORD not in busy.text and 'role="alert"' in busy.text
    with limited.test_request_context(environ_base={"REMOTE_ADDR": "127.0.0.1"}):
        for _ in range(SIGN_UPS_OF_ADDRESS.tries_max):
            counters().take([Bucket(SIGN_UPS_OF_ADDRESS, address())])
    often = client.post("/signup", data=form)
    assert (often.status_code, drafts()) == (429, [])
    assert ALICE["email"] in often.text and 'role="alert"' in often.text


def test_a_link_does_not_tell_of_number_after_number_whether_it_has_an_account(limited: Flask) -> None:
    add_person("phone@example.com", "Bob", PASSWORD, phone="010-5555-5555", verified=True)
    asker = limited.test_client()
    assert isinstance(asker, Browser)
    sign_up(asker, phone="010-5555-5555")
    link = Mailbox(limited).link(ALICE["email"])
    form = {"csrf_token": asker.token(link), "phone": "010-5555-5555"}
    statuses = [asker.post(link, data=form).status_code for _ in range(22)]
    assert statuses == [422] * 20 + [429] * 2


def test_the_right_password_of_an_unconfirmed_account_does_not_pump_mails(limited: Flask) -> None:
    make_person("alice", verified=False)
    client = limited.test_client()
    assert isinstance(client, Browser)
    form = {"email": "alice@example.com", "password": PASSWORD, "csrf_token": client.token()}
    assert {client.post("/login", data=form).status_code for _ in range(13)} == {422}
    assert len(acts.links_in(Mailbox(limited), "alice@example.com")) <= 10


def test_sending_a_sign_up_again_costs_the_same_whether_the_address_has_an_account(
    browser: Callable[[], Browser], people: dict[str, Person], mailbox: Mailbox
) -> None:
    costs = []
    for email in ("warm@example.com", "alice@example.com", "nobody@example.com", "later@example.com"):
        client = browser()
        sign_up(client, email=email)
        mailbox.letters()
        if email == "later@example.com":
            sign_up(owner := browser(), email=email)
            assert follow(owner, mailbox.link(email)).status_code == 303
        token = client.token("/signup/sent")
        with counting() as counted:
            assert client.post("/confirm/again", data={"csrf_token": token}).location == "/signup/sent"
        costs.append(dict(counted))
    assert costs[1:] == [costs[1]] * 3
    assert costs[1]["sql"] > 1, "a mail is stored"
    mailbox.letters()
    assert [mail.purpose for mail in mails() if mail.email == "alice@example.com"] == ["in_use"] * 2
    assert mails()[-1].purpose == "in_use", "the worker finds out"
