"""The second factors of an account, and the proof of one: a code of an app, a passkey or a recovery code.

Wrong codes of an account are counted over all its sessions: 10 in 15 minutes, 20 in a day. Only who knows the password
can make that many, passkeys and recovery codes are never counted, and a new password by mail forgets the count, so the
limit keeps nobody out of their own account.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from cashticket.accounts.passkey_ceremonies import RelyingParty
from cashticket.extensions import db
from cashticket.models import AuthenticatorApp, Passkey, PendingSignIn, RecoveryCode, WrongCode

WRONG_CODES_MAX = ((10, timedelta(minutes=15)), (20, timedelta(days=1)))


class Method(StrEnum):
    """By what somebody proved a second factor."""

    APP = "app"
    PASSKEY = "passkey"
    RECOVERY_CODE = "recovery_code"


class Reason(StrEnum):
    """Why a second factor was not proved."""

    MISSING = "missing"
    WRONG = "wrong"
    # The code was right and has been used before.
    USED = "used"
    TOO_MANY = "too_many"
    # The challenge of a passkey is too old, answered already, or was never given.
    CHALLENGE = "challenge"
    # No passkey of this account, or not signed for this challenge and this site.
    FOREIGN = "foreign"
    # The passkey's count of uses went backwards: there may be a copy of it.
    CLONED = "cloned"
    # A passkey that shall replace the password did not verify its owner.
    UNVERIFIED = "unverified"
    # This session has failed too often without the password.
    SIGN_IN_AGAIN = "sign_in_again"
    # It was not used together with the password since that was reset.
    PASSWORD_FIRST = "password_first"  # noqa: S105 - the name of a reason


class FactorRefused(Exception):
    """The second factor is not proved. `seconds` is how long codes are refused, with Reason.TOO_MANY."""

    def __init__(self, reason: Reason, seconds: int = 0) -> None:
        super().__init__(reason.value)
        self.reason, self.seconds = reason, seconds


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody sends: a typed `code`, or the `answer` of a passkey to `challenge`."""

    code: str = ""
    answer: str = ""
    challenge: str | None = None


@dataclass(frozen=True, slots=True)
class Means:
    """What checking a proof takes: the site as authenticators know it, and the signing keys, newest first."""

    party: RelyingParty | None
    secret_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Factors:
    """What an account has set up. `codes_left` counts unused recovery codes."""

    app_since: datetime | None
    passkeys: Sequence[Passkey]
    codes_left: int

    @property
    def any_set(self) -> bool:
        """Recovery codes alone are no factor: they only stand in for one."""
        return self.app_since is not None or bool(self.passkeys)


def factors_of(person_id: int) -> Factors:
    """The second factors of an account. Three SQL statements."""
    app = select(AuthenticatorApp.created_at).where(AuthenticatorApp.person_id == person_id)
    codes = select(func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return Factors(db.session.scalar(app), passkeys_of(person_id), db.session.scalar(codes) or 0)


def passkeys_of(person_id: int) -> Sequence[Passkey]:
    """The passkeys of an account, the oldest first."""
    return db.session.scalars(select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)).all()


def any_set(person_id: int) -> bool:
    """Whether an account has a second factor. One SQL statement."""
    return bool(db.session.scalar(select(_any_set(person_id))))


def any_set_in(session: Session, person_id: int) -> bool:
    """Whether an account has a second factor, as a unit sees it."""
    return bool(session.scalar(select(_any_set(person_id))))


def _any_set(person_id: int) -> ColumnElement[bool]:
    app = exists().where(AuthenticatorApp.person_id == person_id)
    return or_(app, exists().where(Passkey.person_id == person_id))


def erase(session: Session, person_id: int) -> None:
    """Delete every second factor of an account and all traces of their use, in the caller's unit."""
    for table in (AuthenticatorApp, Passkey, RecoveryCode, PendingSignIn, WrongCode):
        session.execute(delete(table).where(table.person_id == person_id))


def forget_wrong_codes(session: Session, person_id: int) -> None:
    """Forget the wrong codes of an account, in a unit that gives it a new password: whoever typed them knew the old
    one."""
    session.execute(delete(WrongCode).where(WrongCode.person_id == person_id))


def after_reset(session: Session, person_id: int) -> None:
    """What a new password by a mailed link changes, in its unit: wrong codes are forgotten, and no passkey signs in
    alone until it was used together with the new password. A thief may have added one."""
    forget_wrong_codes(session, person_id)
    session.execute(update(Passkey).where(Passkey.person_id == person_id).values(works_alone=False))


def after_undo(session: Session, person_id: int, changed_at: datetime) -> None:
    """What undoing a change of address changes, in its unit: factors set since the change are removed, because a thief
    set them. Older ones stay: whoever reads the old mailbox does not get past them."""
    for table in (AuthenticatorApp, Passkey, RecoveryCode):
        session.execute(delete(table).where(table.person_id == person_id, table.created_at >= changed_at))
    if any_set_in(session, person_id):
        after_reset(session, person_id)
    else:
        erase(session, person_id)
