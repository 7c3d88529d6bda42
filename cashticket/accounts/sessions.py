"""The principal: the person whom the signed session cookie names. The account's row is read only when a page needs it.

The cookie holds the person's id, the session (`handle`) and the epoch. Pages check in the tables whether the session is
still open; for a bid, the auction compares the epoch.
"""

import secrets
from datetime import timedelta
from functools import cached_property
from typing import Any, cast

from flask_login import UserMixin
from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from cashticket.extensions import db
from cashticket.models import Person, SignIn
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit

BROWSER_LENGTH_MAX = 200
AGE_MAX = timedelta(days=30)
"""After this time a person must sign in again, however much the session was used."""


class Principal(UserMixin):
    """A signed-in person, from the cookie alone. `id` is the person's id; `epoch` is the one in the cookie."""

    def __init__(self, person_id: int, epoch: int, handle: str) -> None:
        self.id = person_id
        self.epoch = epoch
        self.handle = handle

    def get_id(self) -> str:
        return f"{self.id}.{self.epoch}.{self.handle}"

    @classmethod
    def parse(cls, text: str) -> "Principal | None":
        """The principal that `get_id` wrote; None for anything else."""
        parts = text.split(".")
        if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts[:2]):
            return None
        return cls(int(parts[0]), int(parts[1]), parts[2])

    @cached_property
    def row(self) -> Person | None:
        """The account; None when the session has ended or the account is closed. One SQL statement."""
        rows = select(Person).join(SignIn, SignIn.person_id == Person.id)
        rows = rows.where(Person.id == self.id, SignIn.handle == self.handle)
        rows = rows.where(SignIn.started_at > utcnow() - AGE_MAX)
        return db.session.scalar(rows.where(SignIn.ended_at.is_(None), Person.closed_at.is_(None)))

    def __repr__(self) -> str:
        return f"<Principal {self.id}>"


def begin(person: Person, browser: str) -> Principal:
    """Start a session of `person`; `browser` is the user agent."""
    handle = secrets.token_hex(16)
    in_one_unit(
        lambda session: session.add(SignIn(person_id=person.id, handle=handle, browser=browser[:BROWSER_LENGTH_MAX]))
    )
    return Principal(person.id, person.session_epoch, handle)


def end(principal: Principal) -> Person | None:
    """End this session and increase the epoch, so that a copy of its cookie cannot bid either.

    The person's other sessions go on and take over the new epoch. Returns None when it had ended before.
    """
    return end_session(principal.id, principal.handle)


def end_session(person_id: int, handle: str) -> Person | None:
    """End the session `handle` of a person. Returns None when it is not theirs or had ended before."""
    ending = update(SignIn).where(SignIn.person_id == person_id, SignIn.handle == handle, SignIn.ended_at.is_(None))

    def work(session: Session) -> Person | None:
        # The account is locked first, so that two changes of its sessions wait for each other.
        row = session.get(Person, person_id, with_for_update=True)
        ended = cast("CursorResult[Any]", session.execute(ending.values(ended_at=utcnow())))
        if row is None or ended.rowcount == 0:
            return None
        row.session_epoch += 1
        row.revision += 1
        return row

    return in_one_unit(work)
