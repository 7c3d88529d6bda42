"""Steps of the tests of sign-up: the form as alice fills it in, and the accounts that exist."""

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from cashticket.accounts.people import find_by_email
from cashticket.extensions import db
from cashticket.models import Person, SignUpDraft
from tests.fixtures.people import Browser
from tests.staging.mails import Mailbox
from tests.staging.rows import PASSWORD

ALICE = {
    "email": "alice@example.com",
    "password": PASSWORD,
    "name": "김앨리스",
    "birth_date": "1999-02-03",
    "phone": "010-1234-5678",
    "terms": "yes",
    "privacy": "yes",
}


def sign_up(client: Browser, **fields: str) -> TestResponse:
    return client.post("/signup", data=ALICE | fields | {"csrf_token": client.token("/signup")})


def follow(client: Browser, link: str, **fields: str) -> TestResponse:
    """Open a link from a mail and send the form behind it."""
    return client.post(link, data=fields | {"csrf_token": client.token(link)})


def become_member(client: Browser, mailbox: Mailbox, **fields: str) -> Person:
    """Sign up and confirm, in one browser."""
    sign_up(client, **fields)
    address = (ALICE | fields)["email"]
    assert follow(client, mailbox.link(address)).status_code == 303
    person = find_by_email(address)
    assert person is not None
    return person


def drafts() -> list[SignUpDraft]:
    db.session.rollback()
    return list(db.session.scalars(select(SignUpDraft).order_by(SignUpDraft.id)))


def only_person() -> Person:
    db.session.rollback()
    return db.session.scalars(select(Person)).one()


def count_people() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Person)) or 0
