"""An organiser's own people: accounts that may not bid for seats of its concerts, and may bid everywhere else.

An address without an account waits: whoever proves it is one of them.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from cashticket.extensions import db
from cashticket.models import Concert, OrganiserPerson, Person
from cashticket.models.units import in_one_unit


def is_own(person: Person, concert: Concert) -> bool:
    """Whether `person` belongs to the organiser of `concert`. No statement for a concert without one of its own."""
    if concert.organiser_id is None:
        return False
    rows = select(OrganiserPerson.id).where(OrganiserPerson.organiser_id == concert.organiser_id, names(person))
    return db.session.scalar(rows.limit(1)) is not None


def names(person: Person) -> ColumnElement[bool]:
    """The condition that a row names `person`, by account or by its present address."""
    return or_(OrganiserPerson.person_id == person.id, OrganiserPerson.email == person.email)


def add(organiser_id: int, addresses: Iterable[str]) -> list[int]:
    """Add whoever has these addresses (normalised) to an organiser's own people. Returns the ids of accounts that are
    new among them; repeating it adds nothing."""

    def work(session: Session) -> list[int]:
        return [person_id for address in addresses if (person_id := _add(session, organiser_id, address))]

    return in_one_unit(work)


def _add(session: Session, organiser_id: int, address: str) -> int | None:
    person_id = session.scalar(select(Person.id).where(Person.email == address, Person.verified_at.is_not(None)))
    own: dict[str, Any] = {"person_id": person_id} if person_id else {"email": address}
    if session.scalar(select(OrganiserPerson.id).filter_by(organiser_id=organiser_id, **own)) is not None:
        return None
    session.add(OrganiserPerson(organiser_id=organiser_id, **own))
    session.flush()
    return person_id


def adopt(session: Session, email: str) -> None:
    """Let the rows that wait for this address (normalised) be those of the account that has it now, in the caller's
    unit."""
    waiting = session.scalars(select(OrganiserPerson).where(OrganiserPerson.email == email)).all()
    if not waiting:
        return
    person_id = session.scalar(select(Person.id).where(Person.email == email, Person.verified_at.is_not(None)))
    if person_id is None:
        return
    of_person = select(OrganiserPerson.organiser_id).where(OrganiserPerson.person_id == person_id)
    known_to = set(session.scalars(of_person))
    for row in waiting:
        if row.organiser_id in known_to:
            session.execute(delete(OrganiserPerson).where(OrganiserPerson.id == row.id))
        else:
            row.person_id, row.email = person_id, None


def counts() -> dict[int, int]:
    """How many people each organiser has, by its id; those without any are left out."""
    rows = select(OrganiserPerson.organiser_id, func.count().label("people")).group_by(OrganiserPerson.organiser_id)
    return {row.organiser_id: row.people for row in db.session.execute(rows)}
