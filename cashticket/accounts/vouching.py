"""Phones that are counted as proven without a code, because an operator knows their owners."""

from collections.abc import Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Vouched:
    """The account whose number counts as proven, whether anything changed, and the account that had proven it before
    and lost it."""

    person: Person
    is_new: bool
    former: Person | None = None


def vouch_for_phone(person_id: int, phone: str | None, why: str, operator: str, *, takes_over: bool = False) -> Vouched:
    """Count a number (E.164), or without one the number that the account has given, as proven; an operator act keeps
    the reason. An account that only claimed the number loses it, and with `takes_over` also one that has proven it.

    Raises people.PersonNotFound, people.PhoneTaken, AccountClosed, NoPhone.
    """

    def work(session: Session) -> Vouched:
        row = people.locked(session, person_id)
        if row.closed_at:
            raise AccountClosed
        number = phone or row.phone
        if number is None:
            raise NoPhone
        if row.phone == number and row.phone_proven_at is not None:
            return Vouched(row, False)
        former = _free(session, number, row.id, takes_over=takes_over)
        for code in session.scalars(select(PhoneCode).where(PhoneCode.person_id == row.id)):
            session.delete(code)
        row.phone, row.phone_proven_at = number, utcnow()
        row.revision += 1
        facts = {"taken_from": former.id} if former else {}
        record_act(session, operator, Act.USER_PROVE_PHONE, f"person {row.id}", why, facts)
        return Vouched(row, True, former)

    return in_one_unit(work)


def _free(session: Session, number: str, own: int, *, takes_over: bool) -> Person | None:
    """Take a number from another account. Returns that account if it had proven the number. Raises people.PhoneTaken
    for such a one, unless `takes_over`."""
    holder = session.scalar(select(Person).where(Person.phone == number, Person.id != own).with_for_update())
    if holder is None:
        return None
    had_proven = holder.phone_proven_at is not None
    if had_proven and not takes_over:
        raise people.PhoneTaken(is_proven=True)
    holder.phone = holder.phone_proven_at = None
    holder.revision += had_proven
    session.flush()
    return holder if had_proven else None
