"""Accounts: add, find, verify. The schema allows one account for each e-mail address and phone number.

A change that open auctions must know increases `revision`; a change that ends sessions also increases `session_epoch`.
The caller introduces the person to the auctions again after the unit, because this room knows no engine.
"""

from collections.abc import Callable
from datetime import date
from typing import TypeVar

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cashticket.accounts import own_people, passwords, unconfirmed
from cashticket.accounts.addresses import BadEmail, normalise_email, normalise_phone
from cashticket.extensions import db
from cashticket.models import Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit

T = TypeVar("T")

NAME_LENGTH_MAX = 80


class EmailTaken(Exception):
    """Another account has this e-mail address."""


class PhoneTaken(Exception):
    """Another account has this phone number. `is_proven`: and has proven it, so that nobody else can."""

    def __init__(self, *, is_proven: bool) -> None:
        super().__init__()
        self.is_proven = is_proven


class PersonNotFound(Exception):
    """No such account."""


def add_person(
    email: str,
    name: str,
    password: str,
    birth_date: date | None = None,
    phone: str | None = None,
    verified: bool = False,
    staff: bool = False,
    locale: str = "ko",
) -> Person:
    """Add an account. Takes e-mail and phone in any spelling; `verified` counts both as proved. Raises BadEmail,
    BadPhone, EmailTaken, PhoneTaken."""
    address = normalise_email(email)
    number = normalise_phone(phone) if phone else None
    password_hash = passwords.hash_password(password)

    def work(session: Session) -> Person:
        person = Person(email=address, name=name, password_hash=password_hash, birth_date=birth_date, phone=number)
        person.locale, person.is_staff = locale, staff
        person.verified_at = person.phone_proven_at = utcnow() if verified else None
        session.add(person)
        return person

    return claim(work, email=address, phone=number)


def claim(
    work: Callable[[Session], T],
    *,
    email: str | None = None,
    phone: str | None = None,
    own: int = 0,
    over_unconfirmed: bool = False,
) -> T:
    """Run a unit that gives `email` and `phone` (normalised) to an account; `own` is the account that may have them.

    With `over_unconfirmed`, for a proved address, accounts that were never confirmed give them up. An address that an
    organiser named makes its account one of the organiser's own. Raises EmailTaken or PhoneTaken when another account
    has them, also when both units run at the same moment.
    """

    def checked(session: Session) -> T:
        if over_unconfirmed:
            unconfirmed.give_up(session, email, phone, own)
        _refuse_taken(session, email, phone, own)
        answer = work(session)
        if email:
            own_people.adopt(session, email)
        return answer

    try:
        return in_one_unit(checked)
    except IntegrityError:
        # Another unit was faster between our check and our insert; a second check says which of the two is taken.
        in_one_unit(lambda session: _refuse_taken(session, email, phone, own))
        raise


def _refuse_taken(session: Session, email: str | None, phone: str | None, own: int) -> None:
    if email and session.scalar(select(Person.id).where(Person.email == email, Person.id != own)):
        raise EmailTaken
    others = select(Person.phone_proven_at).where(Person.phone == phone, Person.id != own)
    if phone and (holder := session.execute(others).first()):
        raise PhoneTaken(is_proven=holder.phone_proven_at is not None)


def person(person_id: int) -> Person | None:
    return db.session.get(Person, person_id) if 0 < person_id < 2**63 else None


def find_by_email(email: str) -> Person | None:
    """The account of an address in any spelling; None without an account or for a malformed address."""
    try:
        address = normalise_email(email)
    except BadEmail:
        return None
    return db.session.scalar(select(Person).where(Person.email == address))


def find(reference: str) -> Person | None:
    """The account with this number, or with this address in any spelling; None for neither."""
    if reference.isascii() and reference.isdigit():
        return person(int(reference)) if len(reference) < 20 else None
    return find_by_email(reference)


def authenticate(email: str, password: str) -> Person | None:
    """The account of these credentials, or None after the same time. Renews an outdated hash. Raises TooBusy.

    A blocked account may still sign in and see its bids; a closed one may not.
    """
    person = find_by_email(email)
    if person is not None:
        db.session.expunge(person)
        if person.closed_at:
            person = None
    # Hashing takes a while, so the connection is given back for other requests.
    db.session.remove()
    expected = person.password_hash if person else None
    if not passwords.verify(expected, password) or person is None:
        return None
    if expected and passwords.outdated(expected):
        renewed = passwords.hash_password(password)
        changed = update(Person).where(Person.id == person.id, Person.password_hash == expected)
        in_one_unit(lambda session: session.execute(changed.values(password_hash=renewed)))
    return person


def change(person_id: int, alter: Callable[[Person], None]) -> Person:
    """Alter an account in one unit and increase its revision. Raises PersonNotFound."""

    def work(session: Session) -> Person:
        row = locked(session, person_id)
        alter(row)
        row.revision += 1
        return row

    return in_one_unit(work)


def locked(session: Session, person_id: int) -> Person:
    """The account, locked until the unit ends. Every change of it or its sessions locks it. Raises PersonNotFound."""
    row = session.get(Person, person_id, with_for_update=True)
    if row is None:
        raise PersonNotFound
    return row


def verify(person_id: int) -> Person:
    """Mark the e-mail address as confirmed. Raises PersonNotFound."""

    def alter(row: Person) -> None:
        row.verified_at = row.verified_at or utcnow()

    return change(person_id, alter)
