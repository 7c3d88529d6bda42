"""Whether a session is still open: nearly every page looks it up in the tables, with statements that are built once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, func, select

from cashticket.extensions import db
from cashticket.models import Notification, Person, SignIn, reading_copy
from cashticket.models.columns import Moment, utcnow

AGE_MAX = timedelta(days=30)
"""After this time a person must sign in again, however much the session was used."""

IDLE_MAX = AGE_MAX
"""After this time without use a person must sign in again: as long as the session lives, so that whoever signs in weeks
before an opening need not do so in its rush."""


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that has not ended, and the present epoch of its account. Moments are UTC; `used_at` is that of the
    beginning until the first hour has passed. `told_at` is when the newest notice of the account was written; None for
    none, and where pages read the primary alone."""

    sign_in_id: int
    epoch: int
    started_at: datetime
    used_at: datetime
    told_at: datetime | None = None

    @property
    def good_until(self) -> int:
        """The end by age or idleness, in seconds since 1970."""
        return good_until(self.started_at, self.used_at)


def good_until(started_at: datetime, used_at: datetime) -> int:
    """When a session of that beginning and last use ends, in seconds since 1970."""
    return int(min(started_at + AGE_MAX, used_at + IDLE_MAX).timestamp())


def is_open() -> ColumnElement[bool]:
    """The SQL condition that a sign-in is open. It takes the parameters that `limits` returns."""
    used_at = func.coalesce(SignIn.last_used_at, SignIn.started_at)
    return and_(
        SignIn.ended_at.is_(None),
        SignIn.started_at > bindparam("began_after", type_=Moment),
        used_at > bindparam("used_after", type_=Moment),
    )


def limits() -> dict[str, Any]:
    """What the condition `is_open` compares with now."""
    now = utcnow()
    return {"began_after": now - AGE_MAX, "used_after": now - IDLE_MAX}


COLUMNS = (SignIn.id, Person.session_epoch, SignIn.started_at, SignIn.last_used_at)
SESSION = (
    select(*COLUMNS)
    .join(Person, SignIn.person_id == Person.id)
    .where(Person.id == bindparam("person"), SignIn.handle == bindparam("handle"), Person.closed_at.is_(None))
    .where(is_open())
)
SESSION_AND_ACCOUNT = SESSION.add_columns(Person)
TOLD_AT = select(func.max(Notification.created_at)).where(Notification.person_id == Person.id).scalar_subquery()
TOLD_SESSION = SESSION.add_columns(TOLD_AT)
TOLD_SESSION_AND_ACCOUNT = SESSION_AND_ACCOUNT.add_columns(TOLD_AT)


def find_session(person_id: int, handle: str) -> OpenSession | None:
    """The session `handle` of a person; None when it has ended or the account is closed. Reads no account."""
    statement = TOLD_SESSION if reading_copy.configured() else SESSION
    row = db.session.connection().execute(statement, {"person": person_id, "handle": handle, **limits()}).first()
    return None if row is None else _session(row, *row[4:])


def find_session_and_account(person_id: int, handle: str) -> tuple[OpenSession, Person] | None:
    """The session `handle` of a person with the account, in one statement; None as for `find_session`."""
    statement = TOLD_SESSION_AND_ACCOUNT if reading_copy.configured() else SESSION_AND_ACCOUNT
    row = db.session.execute(statement, {"person": person_id, "handle": handle, **limits()}).first()
    return None if row is None else (_session(row, *row[5:]), row[4])


def epochs(person_ids: Sequence[int]) -> dict[int, int]:
    """The present session epoch of each of these people, in one statement."""
    rows = db.session.execute(select(Person.id, Person.session_epoch).where(Person.id.in_(person_ids)))
    return {person_id: epoch for person_id, epoch in rows}  # noqa: C416 - typed row by row


def _session(row: Any, told_at: datetime | None = None) -> OpenSession:
    sign_in_id, epoch, started_at, used_at = row[:4]
    return OpenSession(sign_in_id, epoch, started_at, used_at or started_at, told_at)
