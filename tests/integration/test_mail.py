"""Notices are mailed once, in the reader's language, while somebody needs them."""

import email
import logging
import threading
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from cashticket import jobs
from cashticket.extensions import db
from cashticket.locale import LANGUAGES
from cashticket.models import Auction, Notification, Person
from cashticket.models.columns import utcnow
from cashticket.models.outbox_adding import add_notice_messages
from cashticket.models.units import in_one_unit
from cashticket.notify.notices import write
from tests.staging.every_mail import KEYS
from tests.staging.mails import text_of
from tests.staging.rows import add_auction, add_concert, add_person

BASE_URL = "https://tickets.example"
AWARD = {"award_id": 1, "seat": "VIP-1", "price": 150_000, "rank": 1, "expires_at": "2099-11-23T03:00:00.000Z"}
LINE = {"rank": 3, "amount": 140_000}
KINDS = {
    "won": AWARD,
    "offered": AWARD,
    "lapsed": AWARD,
    "not_won": LINE | {"position": 1},
    "passed_over": LINE | {"why": "holds_ticket"},
    "voided": {},
    "revoked": {"seat": "VIP-1", "reason": "a {stolen} card"},
    "bought": AWARD | {"bought_at": "2099-11-23T02:00:00.000Z", "cancel_until": "2099-12-01T08:00:00.000Z"},
    "rank_out": {"amount": 140_000, "cutoff": 135_000},
}


def read(folder: Path) -> list[EmailMessage]:
    return [email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("*.eml"))]


@pytest.fixture
def alice(app: Flask) -> Person:
    return db.session.get_one(Person, add_person("alice").id)


@pytest.fixture
def auction(app: Flask) -> Auction:
    return db.session.get_one(Auction, add_auction(add_concert(title="한여름 밤의 {공연}")).id)


def add_notice(
    auction: Auction, person: Person, kind: str = "won", facts: dict[str, Any] | None = None
) -> Notification:
    """A notice, with its mail in the outbox."""
    row = Notification(person_id=person.id, auction_id=auction.id, kind=kind, occasion=1, facts=facts or KINDS[kind])

    def work(session: Session) -> None:
        session.add(row)
        session.flush()
        add_notice_messages(session, utcnow(), Notification.id == row.id)

    in_one_unit(work)
    return row


@pytest.fixture
def folder(app: Flask) -> Path:
    return Path(app.extensions["settings"].mail_url.removeprefix("file:"))


def test_a_notice_is_mailed_once_however_often_the_job_runs(auction, alice, folder) -> None:
    address = alice.email
    add_notice(auction, alice)
    jobs.deliver_due()
    jobs.deliver_due()
    [mail] = read(folder)
    assert mail["To"] == address and "한여름 밤의 {공연}" in mail["Subject"]
    text = text_of(mail)
    assert "150,000원" in text and "2099년 11월 23일 (월) 12:00" in text and "/me/tickets" in text


def test_deliverers_side_by_side_mail_a_notice_once(app, auction, alice, folder) -> None:
    add_notice(auction, alice)

    def deliver() -> None:
        with app.app_context():
            jobs.deliver_due()

    threads = [threading.Thread(target=deliver) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(read(folder)) == 1


def test_a_closed_account_gets_no_mail(auction, alice, folder) -> None:
    alice.closed_at = utcnow()
    db.session.commit()
    add_notice(auction, alice)
    jobs.deliver_due()
    assert read(folder) == []


@pytest.mark.parametrize("kind", ["won", "offered"])
def test_a_right_that_has_ended_is_not_announced_any_more(auction, alice, folder, kind) -> None:
    add_notice(auction, alice, kind, AWARD | {"expires_at": "2020-11-23T03:00:00.000Z"})
    jobs.deliver_due()
    assert read(folder) == []


@pytest.mark.parametrize("job", ["deliver", "deliver_rank_out", "deliver_account_mail"])
def test_a_job_of_an_older_version_delivers_what_the_outbox_did_not_know(auction, alice, folder, job) -> None:
    forgotten = Notification(person_id=alice.id, auction_id=auction.id, kind="won", occasion=1, facts=AWARD)
    db.session.add(forgotten)
    db.session.commit()
    notice_id = forgotten.id
    for _ in range(2):
        getattr(jobs, job)(notice_id)
    assert len(read(folder)) == 1
    getattr(jobs, job)(4711)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_notice_has_a_text_in_every_language(auction, alice, kind, language, caplog) -> None:
    notice = add_notice(auction, alice, kind)
    alice.locale = language
    with caplog.at_level(logging.WARNING):
        letter = write(notice, alice, auction, BASE_URL, KEYS)
    subject, body = letter.subject, letter.body
    assert subject.startswith("[") and subject.endswith("한여름 밤의 {공연}") and "\n" not in subject
    assert alice.name in body and BASE_URL in body
    assert any("가" <= character <= "힣" for character in body.replace("한여름 밤의 {공연}", "")) == (language == "ko")
