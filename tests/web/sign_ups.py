"""Steps of the tests of sign-up: the form as alice fills it in, and the accounts that exist."""

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from cashticket.extensions import db
from cashticket.models import Person
from tests.fixtures.people import Browser
from tests.staging.rows import PASSWORD

ALICE = {
    "email": "alice@example.com",
    "password": PASSWORD,
    "name": "김앨리스",
    "birth_date": "1999-02-03",
    "phone": "010-1234-5678",
}


def sign_up(client: Browser, **fields: str) -> TestResponse:
    return client.post("/signup", data=ALICE | fields | {"csrf_token": client.token("/signup")})


def only_person() -> Person:
    db.session.rollback()
    return db.session.scalars(select(Person)).one()


def count_people() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Person)) or 0
