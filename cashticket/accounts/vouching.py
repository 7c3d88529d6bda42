"""Phones that are counted as proven without a code, because an operator knows their owners."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from cashticket.accounts import people
from cashticket.accounts.frozen_facts import AccountClosed
from cashticket.models import Person, PhoneCode
from cashticket.models.columns import utcnow
from cashticket.models.operator_acts import Act, record_act
from cashticket.models.units import in_one_unit


class NoPhone(Exception):
    """The account has given no number, and the operator named none."""


def vouch_for_phones(addresses: Sequence[str]) -> int:
    """Count the phones of the accounts with these addresses (normalised) as proven, also of those that have not given a
    number. Returns how many were not; repeating it changes nothing."""

    def work(session: Session) -> int:
        unproven = select(Person).where(Person.email.in_(addresses), Person.phone_proven_at.is_(None))
        rows = session.scalars(unproven.with_for_update()).all()
        for row in rows:
            row.phone_proven_at = utcnow()
            row.revision += 1
        return len(rows)

    return in_one_unit(work)


def vouch_for_phone(person_id: int, phone: str | None, why: str, operator: str) -> tuple[Person, bool]:
    """Count a number (E.164), or without one the number that the account has given, as proven; an operator act keeps
    the reason. An account that only claimed the number loses it.

    Returns the account, and whether anything changed. Raises people.PersonNotFound, people.PhoneTaken, AccountClosed,
    NoPhone.
    """

    def work(session: Session) -> tuple[Person, bool]:
        row = people.locked(session, person_id)
        if row.closed_at:
            raise AccountClosed
        number = phone or row.phone
        if number is None:
            raise NoPhone
        if row.phone == number and row.phone_proven_at is not None:
            return row, False
        _free(session, number, row.id)
        for code in session.scalars(select(PhoneCode).where(PhoneCode.person_id == row.id)):
            session.delete(code)
        row.phone, row.phone_proven_at = number, utcnow()
        row.revision += 1
        record_act(session, operator, Act.USER_PROVE_PHONE, f"person {row.id}", why)
        return row, True

    return in_one_unit(work)


def _free(session: Session, number: str, own: int) -> None:
    """Take a number from an account that only claimed it. Raises people.PhoneTaken when another one has proven it."""
    holder = session.scalar(select(Person).where(Person.phone == number, Person.id != own).with_for_update())
    if holder is None:
        return
    if holder.phone_proven_at is not None:
        raise people.PhoneTaken(is_proven=True)
    holder.phone = None
    session.flush()
