"""Addresses that a mail server refused for good: mails that their readers can do without are not sent there.

Each stands under a keyed hash, so another address of the same person is free, and nobody reads from here who was
refused.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.orm import Session

from cashticket.extensions import db
from cashticket.models import Person, RefusedAddress
from cashticket.models.outbox_adding import hashed
from cashticket.models.units import in_one_unit


class Mark(NamedTuple):
    """Since when (UTC) an address is known to take no mail, by which answer of its mail server ("" if an operator said
    so)."""

    code: str
    by_operator: bool
    since: datetime


def find(address: str, session: Session | None = None) -> Mark | None:
    """The mark of an address, None for one that takes mail as far as is known. One statement by a unique key."""
    columns = select(RefusedAddress.code, RefusedAddress.by_operator, RefusedAddress.since)
    row = (session or db.session).execute(columns.where(RefusedAddress.address_key == hashed(address))).one_or_none()
    return None if row is None else Mark(*row)


def account_of(session: Session, address: str) -> int | None:
    """The account that has an address, held until the caller's unit ends, so that nobody marks, closes or changes it
    meanwhile; None without one."""
    return session.scalar(select(Person.id).where(Person.email == address).with_for_update())


def mark(session: Session, address: str, code: str = "", *, by_operator: bool = False) -> bool:
    """Mark an address in the caller's unit. Returns False, with nothing changed, when it was marked before.

    For an address without an account two at once end in IntegrityError.
    """
    if find(address, session) is not None:
        return False
    session.add(RefusedAddress(address_key=hashed(address), code=code, by_operator=by_operator))
    session.flush()
    return True


def mark_of_account(address: str, code: str) -> bool:
    """Mark an address because its mail server answered `code`. Returns whether it is marked by this: only that of an
    account is, so neither a mistyped sign-up nor the last mail of a closed account leaves anything behind."""

    def work(session: Session) -> bool:
        return account_of(session, address) is not None and mark(session, address, code)

    return in_one_unit(work)


def forgive(session: Session, addresses: Collection[str]) -> None:
    """Take back in the caller's unit what mail servers said of these addresses, so that they are tried once more. What
    operators said stays."""
    keys = [hashed(address) for address in addresses if address]
    if keys:
        of_servers = (RefusedAddress.address_key.in_(keys), RefusedAddress.by_operator.is_(False))
        session.execute(delete(RefusedAddress).where(*of_servers), execution_options={"synchronize_session": False})


def lift(session: Session, address: str) -> bool:
    """Take the mark of an address back in the caller's unit. Returns whether there was one."""
    deleted = session.execute(delete(RefusedAddress).where(RefusedAddress.address_key == hashed(address)))
    return bool(cast("CursorResult[Any]", deleted).rowcount)
