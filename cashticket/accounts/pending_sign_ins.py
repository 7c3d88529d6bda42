"""A sign-in between its two steps: the password was right, the second factor is missing.

The browser's cookie holds a random token, the table its hash. It is no session: it opens the second step of one person
and nothing else, for ten minutes, five tries and one success. Whatever ends the sessions of the account ends it too.
"""

import hashlib
import logging
import secrets
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, delete, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from cashticket.accounts import mail_links
from cashticket.accounts.mail_links import Purpose
from cashticket.extensions import db
from cashticket.logs.failures import failure_text
from cashticket.models import PendingSignIn, Person
from cashticket.models.units import in_one_unit

log = logging.getLogger(__name__)

LIFETIME = timedelta(minutes=10)
TRIES_MAX = 5
# Later nobody needs the row.
ROW_LIFETIME = timedelta(days=1)


def begin(person: Person, now: datetime) -> str:
    """Begin the second step of `person`, whose password was right. Returns the token for the cookie."""
    token = secrets.token_urlsafe(32)
    person_id, epoch = person.id, person.session_epoch

    def work(session: Session) -> None:
        session.execute(delete(PendingSignIn).where(PendingSignIn.created_at < now - ROW_LIFETIME))
        session.add(PendingSignIn(person_id=person_id, token_hash=_hashed(token), session_epoch=epoch, created_at=now))

    in_one_unit(work)
    return token


def person_of(token: str, now: datetime) -> Person | None:
    """The account that may take its second step with `token`; None once the step is over."""
    rows = select(Person).join(PendingSignIn, PendingSignIn.person_id == Person.id).where(_open(token, now))
    rows = rows.where(PendingSignIn.session_epoch == Person.session_epoch, Person.closed_at.is_(None))
    return db.session.scalar(rows.where(PendingSignIn.failures < TRIES_MAX))


def take_try(token: str, now: datetime) -> bool:
    """Use one of the five tries, before anything is checked: a hundred sent at once are not all checked."""
    left = update(PendingSignIn).where(_open(token, now), PendingSignIn.failures < TRIES_MAX)
    return _changes_one(left.values(failures=PendingSignIn.failures + 1))


def give_back_try(token: str) -> None:
    """Give the last try back, because it was not judged or cannot have been a guess. Never fails: while the database is
    away the try stays used."""
    used = update(PendingSignIn).where(PendingSignIn.token_hash == _hashed(token), PendingSignIn.failures > 0)
    try:
        _changes_one(used.values(failures=PendingSignIn.failures - 1))
    except SQLAlchemyError as error:
        log.warning("a try of a second step could not be given back: %s", failure_text(error))


def finish(token: str, now: datetime) -> bool:
    """End the second step because it succeeded. False if it was over already."""
    return _changes_one(update(PendingSignIn).where(_open(token, now)).values(ended_at=now))


def mail_if_used_up(token: str, now: datetime) -> int | None:
    """Once every try has failed, store a mail to the owner: somebody else may know the password. Returns its id."""

    def work(session: Session) -> int | None:
        failed = select(PendingSignIn).where(
            PendingSignIn.token_hash == _hashed(token),
            PendingSignIn.failures >= TRIES_MAX,
            PendingSignIn.ended_at.is_(None),
        )
        row = session.scalar(failed.with_for_update())
        if row is None:
            return None
        row.ended_at = now
        person = session.get_one(Person, row.person_id)
        return mail_links.store_mail(
            session, Purpose.FACTOR_FAILED, person.email, person.locale, person_id=person.id
        ).id

    return in_one_unit(work)


def _open(token: str, now: datetime) -> ColumnElement[bool]:
    return and_(
        PendingSignIn.token_hash == _hashed(token),
        PendingSignIn.ended_at.is_(None),
        PendingSignIn.created_at > now - LIFETIME,
    )


def _changes_one(statement: Any) -> bool:
    return in_one_unit(lambda session: cast("CursorResult[Any]", session.execute(statement)).rowcount) == 1


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
