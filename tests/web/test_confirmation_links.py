"""The link that confirms an e-mail address: it works once, expires, and can be sent again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import redis
from flask import Flask
from sqlalchemy import select, update

from cashticket import config, create_app
from cashticket.extensions import db
from cashticket.models import AccountMail
from cashticket.models.units import in_one_unit
from cashticket.wiring import current_engine, queue
from cashticket.work.watch.due import queue_due
from tests.fixtures.people import Browser, make_person, sign_in
from tests.staging.mails import Mailbox
from tests.web.sign_ups import ALICE, only_person, sign_up


def test_a_used_link_answers_200_and_changes_nothing(client: Browser, mailbox: Mailbox) -> None:
    sign_up(client)
    link = mailbox.link("alice@example.com")
    client.get(link)
    revision = only_person().revision
    again = client.get(link)
    assert again.status_code == 200, "a mailbox that looked first must not frighten its owner"
    assert only_person().revision == revision, "but nothing is done again"


def test_a_head_request_does_not_use_the_link_up(client: Browser, mailbox: Mailbox) -> None:
    sign_up(client)
    link = mailbox.link("alice@example.com")
    assert client.head(link).status_code == 200
    assert only_person().permission == "unverified"


def test_an_expired_link_is_refused(client: Browser, mailbox: Mailbox) -> None:
    sign_up(client)
    link = mailbox.link("alice@example.com")
    long_ago = datetime.now(UTC) - timedelta(days=4)
    in_one_unit(lambda session: session.execute(update(AccountMail).values(created_at=long_ago)))
    assert client.get(link).status_code == 410
    assert only_person().permission == "unverified"


@pytest.mark.parametrize(
    "garble", [lambda t: t[:-1], lambda t: t + "x", lambda t: t[::-1], lambda t: "x", lambda t: "%00"]
)
def test_a_malformed_link_is_refused(client: Browser, mailbox: Mailbox, garble: Callable[[str], str]) -> None:
    sign_up(client)
    token = mailbox.link("alice@example.com").removeprefix("/confirm/")
    assert client.get(f"/confirm/{garble(token)}").status_code in (400, 404, 410)
    assert only_person().permission == "unverified"


def test_a_link_signed_with_another_key_is_refused(client: Browser, mailbox: Mailbox) -> None:
    from cashticket.accounts.mail_links import token

    sign_up(client)
    mailbox.link("alice@example.com")
    mail = db.session.scalars(select(AccountMail)).one()
    assert client.get(f"/confirm/{token(mail, 'another key')}").status_code == 410
    assert client.get(f"/reset/{token(mail, 'a-key-for-tests-only')}").status_code == 410, "nor for another purpose"


def test_the_unconfirmed_may_have_the_link_sent_again(client: Browser, mailbox: Mailbox) -> None:
    make_person("alice", verified=False)
    sign_in(client, "alice")
    answer = client.post("/confirm/again", data={"csrf_token": client.token("/me/profile")})
    assert answer.status_code == 303
    assert client.get(mailbox.link("alice@example.com")).status_code == 200
    assert only_person().permission == "ok"
    client.post("/confirm/again", data={"csrf_token": client.token("/me/profile")})
    assert len(mailbox.letters("alice@example.com")) == 1, "the confirmed need no more mail"


def test_a_mail_is_sent_once_however_often_it_is_queued(client: Browser, mailbox: Mailbox) -> None:
    from cashticket import jobs

    sign_up(client)
    mailbox.letters()
    jobs.deliver_account_mail(db.session.scalars(select(AccountMail.id)).one())
    assert len(mailbox.letters()) == 1


def test_a_mail_that_could_not_be_queued_is_found_by_the_watch(
    settings: config.Settings, app: Flask, redis_client: redis.Redis
) -> None:
    alone = create_app(replace(settings, queue_redis_url="unix:///nowhere.sock"))
    alone.test_client_class = Browser
    assert sign_up(alone.test_client()).status_code == 303, "the account is made all the same"
    assert queue("mail").count == 0
    later = datetime.now(UTC) - timedelta(minutes=5)
    in_one_unit(lambda session: session.execute(update(AccountMail).values(created_at=later)))
    queue_due(current_engine())
    assert [job.func_name for job in queue("mail").jobs] == ["cashticket.jobs.deliver_account_mail"]


def test_mails_are_in_the_language_of_the_form(client: Browser, mailbox: Mailbox) -> None:
    token = client.token("/signup?lang=en")
    client.post("/signup", data=ALICE | {"csrf_token": token})
    assert "Confirm your e-mail address" in mailbox.newest("alice@example.com")["Subject"]
    assert only_person().locale == "en"
