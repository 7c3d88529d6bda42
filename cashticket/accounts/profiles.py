"""Storing what a person writes in the profile, and what it does to proofs: another number is not proven, nor is the
identity of another name or date of birth."""

from datetime import date

from sqlalchemy.orm import Session

from cashticket.accounts import people
from cashticket.models import Person


class PhoneProven(Exception):
    """The account has proven its number, and the caller has not made sure that the number may be given up."""


def save(
    person_id: int,
    phone: str,
    locale: str,
    *,
    name: str | None = None,
    birth_date: date | None = None,
    may_give_up_phone: bool = False,
) -> Person:
    """Store checked values; None leaves a fact as it is. Raises people.PhoneTaken, people.PersonNotFound, and
    PhoneProven for another number in place of a proven one, unless `may_give_up_phone`."""

    def work(session: Session) -> Person:
        row = people.locked(session, person_id)
        if row.phone != phone and row.phone_proven_at is not None:
            if row.phone is not None and not may_give_up_phone:
                raise PhoneProven
            row.phone_proven_at = None
            row.revision += 1
        present = (row.name, row.birth_date)
        row.phone, row.locale = phone, locale
        row.name, row.birth_date = name or row.name, birth_date or row.birth_date
        if row.identity_proven_at is not None and present != (row.name, row.birth_date):
            row.identity_proven_at = None
            row.revision += 1
        return row

    return people.claim(work, phone=phone, own=person_id)
