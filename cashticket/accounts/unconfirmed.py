"""Accounts that were never confirmed: made by older versions, or by `flask user add` without --verified.

They cannot sign in, and give up their address and phone number to whoever proves the address.
"""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cashticket.accounts import erasing
from cashticket.models import Person


def account_of(session: Session, email: str) -> Person | None:
    """The unconfirmed account of an address, its row locked; None without one."""
    rows = select(Person).where(Person.email == email, Person.verified_at.is_(None), Person.closed_at.is_(None))
    return session.scalar(rows.with_for_update())


def give_up(session: Session, email: str | None, phone: str | None, own: int) -> None:
    """Take `email` and `phone` from unconfirmed accounts other than `own`. Who loses the address is closed."""
    if phone:
        holders = update(Person).where(Person.phone == phone, Person.verified_at.is_(None), Person.id != own)
        session.execute(holders.values(phone=None, phone_proven_at=None))
    row = account_of(session, email) if email else None
    if row is not None and row.id != own:
        erasing.erase(session, row)
