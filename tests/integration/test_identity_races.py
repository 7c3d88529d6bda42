"""Many accounts prove at the same moment that they are one person: exactly one of them becomes that person's."""

import contextvars
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from cashticket.extensions import db
from cashticket.identity.local import Local
from cashticket.identity.provider import Identity
from cashticket.models import IdentityCheck, Person, PersonKey
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.wiring import current_engine, current_settings
from cashticket.work import proving_identities
from tests.staging.identities import BORN, KEY, turn_on

AT_ONCE = 8
THE_PERSON = Identity("Alice", BORN, KEY)


def accounts(count: int) -> list[int]:
    """So many accounts with the person's name and date of birth."""
    fields = {"name": THE_PERSON.name, "birth_date": BORN, "password_hash": "no log-in", "verified_at": utcnow()}
    rows = [Person(email=f"alice.{number}@example.org", **fields) for number in range(count)]
    in_one_unit(lambda session: session.add_all(rows))
    return [row.id for row in rows]


def prove(person_id: int) -> str:
    """Begin a verification, and come back with the provider's answer that names the person."""
    proving_identities.begin(person_id, "handle", "/back")
    db.session.rollback()
    reference = db.session.scalars(select(IdentityCheck.reference).where(IdentityCheck.person_id == person_id)).one()
    answer = Local(current_settings().signing_keys).signed(reference, THE_PERSON, utcnow())
    return str(proving_identities.came_back(current_engine(), person_id, "handle", reference, answer))


def all_of(app: Flask, people: list[int]) -> Counter[str]:
    """Let everybody prove it, AT_ONCE at a time. Returns how often each outcome came."""
    start = Barrier(AT_ONCE)

    def some(share: list[int]) -> list[str]:
        with app.app_context():
            start.wait(timeout=120)
            try:
                return [prove(each) for each in share]
            finally:
                db.session.remove()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        shares = [people[number::AT_ONCE] for number in range(AT_ONCE)]
        outcomes = pool.map(lambda share: contextvars.Context().run(some, share), shares)
        return Counter(outcome for each in outcomes for outcome in each)


@pytest.mark.parametrize("count", [AT_ONCE * 3, pytest.param(10_000, marks=pytest.mark.trial)])
@pytest.mark.timeout(1800)
def test_of_many_sign_ups_of_one_person_one_becomes_theirs(app: Flask, count: int) -> None:
    turn_on(app)
    if db.engine.dialect.name == "sqlite":
        # It lets writers in by chance, and gives one up after ten seconds.
        event.listen(db.engine, "checkout", lambda connection, *rest: connection.execute("PRAGMA busy_timeout=120000"))
    assert all_of(app, accounts(count)) == {"proven": 1, "taken": count - 1}
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(PersonKey)) == 1
    [owner] = db.session.scalars(select(Person).where(Person.identity_proven_at.is_not(None)))
    assert db.session.scalars(select(PersonKey.person_id)).one() == owner.id
