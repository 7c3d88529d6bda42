"""All accounts, for those who list them: read in windows, however many there are."""

from collections.abc import Iterator

from sqlalchemy import func, select

from cashticket.extensions import db
from cashticket.models import Person

WINDOW = 1_000
"""Accounts that one statement reads at most."""


def all_people() -> Iterator[Person]:
    """Every account, the oldest first. Each belongs to no session once the next is asked for."""
    after = 0
    while people := db.session.scalars(select(Person).where(Person.id > after).order_by(Person.id).limit(WINDOW)).all():
        for person in people:
            after = person.id
            yield person
            db.session.expunge(person)


def count_people() -> int:
    """How many accounts there are."""
    return db.session.scalar(select(func.count()).select_from(Person)) or 0
