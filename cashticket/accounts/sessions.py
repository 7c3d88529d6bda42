"""The principal: the person whom the signed session cookie names. The account's row is read only when a page needs it.

The cookie holds the person's id, the epoch, the session (`handle`), and until when it is good without another look
into the tables. Pages check in the tables whether the session is still open; for a bid, the auction compares the epoch.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, cast

from flask_login import UserMixin
from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from cashticket.accounts import endings, open_sessions
from cashticket.accounts.open_sessions import OpenSession
from cashticket.extensions import db
from cashticket.models import Person, SignIn
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit

BROWSER_LENGTH_MAX = 200
USE_NOTED_EVERY = timedelta(hours=1)
EARLIEST_UNTIL = 1_000_000_000
OPEN_MAX = 20
"""Open sessions of one account; a new one beyond that ends the oldest."""


class Overtaken(Exception):
    """The person's sessions were ended between the check of the password and what it was to allow."""


class Principal(UserMixin):
    """A signed-in person, from the cookie alone. `id` is the person's id; `epoch` is the one in the cookie.

    `good_until` (seconds since 1970) is the end of the session by age or idleness; 0 in cookies from before it was
    written, and in those that must be renewed.
    """

    def __init__(self, person_id: int, epoch: int, handle: str, good_until: int = 0) -> None:
        self.id = person_id
        self.epoch = epoch
        self.handle = handle
        self.good_until = good_until

    def get_id(self) -> str:
        parts = [str(self.id), str(self.epoch), self.handle]
        return ".".join([*parts, str(self.good_until)] if self.good_until else parts)

    @classmethod
    def parse(cls, text: str) -> "Principal | None":
        """The principal that `get_id` wrote; None for anything else."""
        parts = text.split(".")
        numbers = parts[:2] + parts[3:]
        digits = "".join(numbers)
        if len(parts) not in (3, 4) or not all(numbers) or not digits.isascii() or not digits.isdigit():
            return None
        good_until = int(parts[3]) if len(parts) == 4 else 0
        if len(parts) == 4 and good_until < EARLIEST_UNTIL:
            return None
        return cls(int(parts[0]), int(parts[1]), parts[2], good_until)

    @property
    def is_outdated(self) -> bool:
        """Whether the tables must say first if this session is still good. No SQL."""
        return self.good_until <= utcnow().timestamp()

    @cached_property
    def _rows(self) -> tuple[OpenSession, Person] | None:
        return open_sessions.find_session_and_account(self.id, self.handle)

    @cached_property
    def _session(self) -> OpenSession | None:
        if "_rows" in vars(self):
            return self._rows[0] if self._rows else None
        return open_sessions.find_session(self.id, self.handle)

    @property
    def is_open(self) -> bool:
        """Whether the session has not ended and the account is not closed. One SQL statement, the first time."""
        return self._session is not None

    @property
    def row(self) -> Person | None:
        """The account; None when the session has ended or the account is closed. One SQL statement, the first time."""
        return self._rows[1] if self._rows else None

    @property
    def told_at(self) -> datetime | None:
        """When the newest notice of the person was written (see `OpenSession`)."""
        return self._session.told_at if self._session else None

    @property
    def was_found_open(self) -> bool:
        """Whether this request has looked and found the session open. No SQL."""
        return vars(self).get("_rows") is not None or vars(self).get("_session") is not None

    def renew(self) -> bool:
        """Take over the present epoch, and note at most once an hour that the session is used.

        Only for a session that is open. Returns whether the cookie must be written again.
        """
        mine, before = self._session, self.get_id()
        assert mine is not None, "an ended session is not renewed"
        if mine.used_at < (now := utcnow()) - USE_NOTED_EVERY:
            mine = replace(mine, used_at=now)
            used = update(SignIn).where(SignIn.id == mine.sign_in_id)
            in_one_unit(lambda session: session.execute(used.values(last_used_at=now)))
        self.epoch, self.good_until = mine.epoch, mine.good_until
        return self.get_id() != before

    def __repr__(self) -> str:
        return f"<Principal {self.id}>"


def begin(person: Person, browser: str) -> Principal:
    """Start a session of `person`, whose password was just proved; `browser` is the user agent.

    Beyond OPEN_MAX open sessions the oldest end, which increases the epoch: then the caller introduces the person to
    the auctions again. Raises Overtaken if the person's sessions were ended since `person` was read.
    """
    handle, now = endings.new_handle(), utcnow()

    def work(session: Session) -> int:
        row = session.get(Person, person.id, with_for_update=True)
        if row is None or row.session_epoch != person.session_epoch or row.closed_at:
            raise Overtaken
        session.add(SignIn(person_id=row.id, handle=handle, browser=browser[:BROWSER_LENGTH_MAX], started_at=now))
        session.flush()
        if _end_oldest(session, row.id):
            row.session_epoch += 1
            row.revision += 1
        return row.session_epoch

    return Principal(person.id, in_one_unit(work), handle, open_sessions.good_until(now, now))


def _end_oldest(session: Session, person_id: int) -> bool:
    open_ones = select(SignIn.id).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
    newest_first = open_ones.order_by(SignIn.started_at.desc(), SignIn.id.desc())
    too_many = session.scalars(newest_first.offset(OPEN_MAX)).all()
    session.execute(update(SignIn).where(SignIn.id.in_(too_many)).values(ended_at=utcnow()))
    if too_many:
        endings.end_pushes(session, person_id)
    return bool(too_many)


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
        endings.end_pushes(session, person_id)
        row.session_epoch += 1
        row.revision += 1
        return row

    return in_one_unit(work)


def end_others(person_id: int, keep: str) -> tuple[Person, str]:
    """End every session of a person except `keep`, which goes on under a new handle. Returns the account and that
    handle."""

    def work(session: Session) -> tuple[Person, str]:
        row = session.get_one(Person, person_id, with_for_update=True)
        return row, endings.end_sessions(session, row, keep=keep)

    return in_one_unit(work)


def end_all(person_id: int) -> Person:
    """End every session of an account, void its open links and forget its browsers."""

    def work(session: Session) -> Person:
        row = session.get_one(Person, person_id, with_for_update=True)
        endings.end_everything(session, row)
        return row

    return in_one_unit(work)


def open_sign_ins(person_id: int) -> list[SignIn]:
    """The open sessions of a person, newest first."""
    rows = select(SignIn).where(SignIn.person_id == person_id, open_sessions.is_open())
    return list(db.session.scalars(rows.order_by(SignIn.started_at.desc(), SignIn.id.desc()), open_sessions.limits()))
