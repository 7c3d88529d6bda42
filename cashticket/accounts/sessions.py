"""Who is asking: what the signed session cookie says, without a question to the database until a page needs the row.

The cookie names the person, the session (`handle`) and the epoch the auctions compare. Pages ask the tables whether
the session still lives; a bid is checked by the epoch inside the auction itself.
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

BROWSER_LONGEST = 200
LONGEST = timedelta(days=30)
"""A session older than this must sign in again, however much it was used."""


class Principal(UserMixin):
    """A signed-in person, as light as the cookie. `id` is the person's; `epoch` is what the cookie was given."""

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
        """The account, or None when this session was ended elsewhere or the account is closed. One SQL statement."""
        lives = select(Person).join(SignIn, SignIn.person_id == Person.id)
        lives = lives.where(Person.id == self.id, SignIn.handle == self.handle)
        lives = lives.where(SignIn.started_at > utcnow() - LONGEST)
        return db.session.scalar(lives.where(SignIn.ended_at.is_(None), Person.closed_at.is_(None)))

    def __repr__(self) -> str:
        return f"<Principal {self.id}>"


def begin(person: Person, browser: str) -> Principal:
    """Start a session of `person` in a browser that calls itself `browser`."""
    handle = secrets.token_hex(16)
    in_one_unit(
        lambda session: session.add(SignIn(person_id=person.id, handle=handle, browser=browser[:BROWSER_LONGEST]))
    )
    return Principal(person.id, person.session_epoch, handle)


def end(principal: Principal) -> Person | None:
    """Sign this one session out and grow the epoch, so that a copy of its cookie cannot bid either.

    The person's other sessions live on: they take up the new epoch by themselves. None when it had ended before.
    """

    return end_session(principal.id, principal.handle)


def end_session(person_id: int, handle: str) -> Person | None:
    """End the session `handle` of a person. None when it is not theirs or has ended already."""

    ending = update(SignIn).where(SignIn.person_id == person_id, SignIn.handle == handle, SignIn.ended_at.is_(None))

    def work(session: Session) -> Person | None:
        # The account first: whoever changes sessions holds its row, so two changes wait for each other.
        row = session.get(Person, person_id, with_for_update=True)
        ended = cast("CursorResult[Any]", session.execute(ending.values(ended_at=utcnow())))
        if row is None or ended.rowcount == 0:
            return None
        row.session_epoch += 1
        row.revision += 1
        return row

    return in_one_unit(work)
