"""The link that confirms an e-mail address: opening it does nothing, its form works once, it expires."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

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
from tests.fixtures.people import Browser
from tests.staging.mails import Mailbox
from tests.web.sign_ups import ALICE, count_people, follow, only_person, sign_up


def test_a_used_link_answers_200_and_changes_nothing(client: Browser, mailbox: Mailbox) -> None:
    sign_up(client)
    link = mailbox.link("alice@example.com")
    follow(client, link)
    revision = only_person().revision
    token = client.token()
    assert client.get(link).status_code == 200, "who clicks twice is told that all is well"
    assert client.post(link, data={"csrf_token": token}).status_code == 200
    assert only_person().revision == revision, "but nothing is done again"


@pytest.mark.parametrize(
    "scanner",
    [
        {"method": "HEAD"},
        {"method": "GET"},
        {"method": "GET", "headers": {"Sec-Purpose": "prefetch;prerender"}},
        {"method": "GET", "headers": {"User-Agent": "GoogleImageProxy", "Accept": "*/*"}},
        {"method": "OPTIONS"},
        {"method": "POST"},
    ],
    ids=str,
)
def test_opening_a_link_confirms_nothing(
    client: Browser, browser: Callable[[], Browser], mailbox: Mailbox, scanner: dict[str, Any]
) -> None:
    sign_up(client)
    link = mailbox.link("alice@example.com")
    assert browser().open(link, **scanner).status_code in (200, 400)
    assert count_people() == 0
    assert follow(client, link).status_code == 303, "and leaves the link as it was"


def test_an_expired_link_is_refused(client: Browser, mailbox: Mailbox) -> None:
    sign_up(client)
    link = mailbox.link("alice@example.com")
    long_ago = datetime.now(UTC) - timedelta(days=4)
    in_one_unit(lambda session: session.execute(update(AccountMail).values(created_at=long_ago)))
    token = client.token()
    assert client.get(link).status_code == 410
    assert client.post(link, data={"csrf_token": token}).status_code == 410
    assert count_people() == 0


@pytest.mark.parametrize(
    "garble", [lambda t: t[:-1], lambda t: t + "x", lambda t: t[::-1], lambda t: "x", lambda t: "%00"]
)
def test_a_malformed_link_is_refused(client: Browser, mailbox: Mailbox, garble: Callable[[str], str]) -> None:
    sign_up(client)
    token = mailbox.link("alice@example.com").removeprefix("/confirm/")
    assert client.get(f"/confirm/{garble(token)}").status_code in (400, 404, 410)
    assert count_people() == 0


def test_a_link_signed_with_another_key_is_refused(client: Browser, mailbox: Mailbox) -> None:
    from cashticket.accounts.mail_links import token

    sign_up(client)
    mailbox.link("alice@example.com")
    mail = db.session.scalars(select(AccountMail)).one()
    assert client.get(f"/confirm/{token(mail, ['another key'])}").status_code == 410
    assert client.get(f"/reset/{token(mail, ['a-key-for-tests-only'])}").status_code == 410, "nor for another purpose"


def test_the_browser_that_signed_up_may_have_the_link_sent_again(
    client: Browser, browser: Callable[[], Browser], mailbox: Mailbox
) -> None:
    sign_up(client)
    first = mailbox.link("alice@example.com")
    for asker in (client, browser()):
        answer = asker.post("/confirm/again", data={"csrf_token": asker.token("/signup/sent")})
        assert (answer.status_code, answer.location) == (303, "/signup/sent"), "the answer tells nobody anything"
    assert len(mailbox.letters("alice@example.com")) == 2, "another browser has nothing sent"
    assert mailbox.link("alice@example.com") != first
    assert follow(client, mailbox.link("alice@example.com")).status_code == 303
    assert client.get(first).status_code == 200, "the other link says that the address is confirmed"
    client.post("/confirm/again", data={"csrf_token": client.token("/signup/sent")})
    assert len(mailbox.letters("alice@example.com")) == 2, "the confirmed need no more mail"


def test_a_mail_is_sent_once_however_often_the_job_runs(client: Browser, mailbox: Mailbox) -> None:
    sign_up(client)
    mailbox.letters()
    assert len(mailbox.letters()) == 1


def test_a_mail_that_could_not_be_queued_is_found_by_the_watch(
    settings: config.Settings, app: Flask, redis_client: redis.Redis
) -> None:
    alone = create_app(replace(settings, queue_redis_url="unix:///nowhere.sock"))
    alone.test_client_class = Browser
    assert sign_up(alone.test_client()).status_code == 303, "the sign-up is stored all the same"
    assert queue("mail").count == 0
    assert queue_due(current_engine()).mail
    assert [job.func_name for job in queue("mail").jobs] == ["cashticket.jobs.deliver_due"]


def test_mails_and_their_links_are_in_the_language_of_the_form(app: Flask, client: Browser, mailbox: Mailbox) -> None:
    token = client.token("/signup?lang=en")
    client.post("/signup", data=ALICE | {"csrf_token": token})
    assert "Verify your e-mail address" in mailbox.newest("alice@example.com")["Subject"]
    elsewhere = app.test_client()
    page = elsewhere.get(mailbox.link("alice@example.com"))
    assert '<html lang="en"' in page.text, "a browser that never chose a language shows the mail's"
    assert '<html lang="en"' in elsewhere.get("/confirm/done").text
    follow(client, mailbox.link("alice@example.com"))
    assert only_person().locale == "en"
