"""Setting up, renaming and removing second factors. Every act is mailed to the owner, who may not have been the actor.

The first factor brings ten recovery codes; without any factor there are none. The caller has checked the password and,
where one is set, a second factor. `acting` is the handle of the session that acts: sessions.Overtaken is raised when it
has ended meanwhile.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cashticket.accounts import acting_sessions, mail_links, one_time_codes, people, second_factors
from cashticket.accounts.mail_links import Purpose
from cashticket.accounts.passkey_ceremonies import NewKey
from cashticket.accounts.sealed_secrets import seal
from cashticket.accounts.second_factor_proofs import spend_challenge
from cashticket.accounts.second_factors import FactorRefused, Reason
from cashticket.errors import OperatorError
from cashticket.models import AuthenticatorApp, Passkey, Person, RecoveryCode
from cashticket.models.columns import utcnow
from cashticket.models.operator_acts import Act, record_act
from cashticket.models.units import in_one_unit

PASSKEYS_MAX = 20


class PasskeyExists(Exception):
    """This passkey is set up already, here or in another account."""


class TooManyPasskeys(Exception):
    """The account has as many passkeys as an account can have."""


class NoSuchPasskey(Exception):
    """The account has no such passkey."""


class NoFactorSet(OperatorError):
    """The account has no second factor."""


class Changed(NamedTuple):
    """A change that was made: the mail about it, and the new recovery codes if there are any, to be shown once."""

    mail_id: int
    codes: list[str]


def set_app(
    person_id: int, secret: bytes, code: str, keys: tuple[str, ...], now: datetime, *, acting: str = ""
) -> Changed:
    """Set up an authenticator app, or replace the one that is set, with a first code of it.

    Raises FactorRefused when `code` is not of `secret`.
    """
    step = one_time_codes.matching_step(secret, one_time_codes.typed_app_code(code), now)
    if step is None:
        raise FactorRefused(Reason.WRONG)
    sealed = seal(secret, str(person_id), keys)

    def put(session: Session, person: Person) -> Purpose:
        session.execute(delete(AuthenticatorApp).where(AuthenticatorApp.person_id == person.id))
        session.add(AuthenticatorApp(person_id=person.id, sealed_secret=sealed, last_step=step))
        return Purpose.APP_SET

    return _set(person_id, put, acting)


def add_passkey(
    person_id: int, key: NewKey, name: str, user_handle: str, challenge: str, now: datetime, *, acting: str = ""
) -> Changed:
    """Add a passkey that a browser made for `challenge`.

    Raises PasskeyExists, TooManyPasskeys, and FactorRefused when the challenge was answered before.
    """

    def put(session: Session, person: Person) -> Purpose:
        present = session.scalars(select(Passkey.credential_id).where(Passkey.person_id == person.id)).all()
        if len(present) >= PASSKEYS_MAX:
            raise TooManyPasskeys
        if session.scalar(select(Passkey.id).where(Passkey.credential_id == key.credential_id)):
            raise PasskeyExists
        spend_challenge(session, challenge, now)
        session.add(Passkey(person_id=person.id, user_handle=user_handle, name=name, **key._asdict()))
        return Purpose.PASSKEY_ADDED

    try:
        return _set(person_id, put, acting)
    except IntegrityError:
        raise FactorRefused(Reason.CHALLENGE) from None


def rename_passkey(person_id: int, passkey_id: int, name: str) -> None:
    """Give a passkey another name. Raises NoSuchPasskey."""
    one = update(Passkey).where(Passkey.id == passkey_id, Passkey.person_id == person_id)
    changed = in_one_unit(lambda session: cast("CursorResult[Any]", session.execute(one.values(name=name))).rowcount)
    if not changed:
        raise NoSuchPasskey


def remove_passkey(person_id: int, passkey_id: int, acting: str = "") -> Changed:
    """Remove a passkey. Raises NoSuchPasskey."""

    def delete_one(session: Session) -> None:
        gone = session.execute(delete(Passkey).where(Passkey.id == passkey_id, Passkey.person_id == person_id))
        if cast("CursorResult[Any]", gone).rowcount == 0:
            raise NoSuchPasskey

    return _remove(person_id, delete_one, acting)


def remove_app(person_id: int, acting: str = "") -> Changed:
    """Remove the authenticator app. Repeating is harmless."""
    return _remove(
        person_id,
        lambda session: session.execute(delete(AuthenticatorApp).where(AuthenticatorApp.person_id == person_id)),
        acting,
    )


def turn_off(person_id: int, acting: str = "") -> Changed:
    """Remove every second factor and the recovery codes."""
    return _remove(person_id, lambda session: second_factors.erase(session, person_id), acting)


def renew_codes(person_id: int, acting: str = "") -> Changed:
    """Replace the recovery codes by ten new ones. Raises NoFactorSet."""

    def work(session: Session) -> Changed:
        person = people.locked(session, person_id)
        acting_sessions.require_open(session, person_id, acting)
        if not second_factors.any_set_in(session, person_id):
            raise NoFactorSet
        codes = _issue_codes(session, person_id)
        return Changed(_mail(session, person, Purpose.CODES_RENEWED), codes)

    return in_one_unit(work)


def reset_by_operator(person_id: int, operator: str, why: str) -> Changed:
    """Remove every second factor of somebody who has lost them, and record the act. Raises NoFactorSet."""

    def work(session: Session) -> Changed:
        person = people.locked(session, person_id)
        if not second_factors.any_set_in(session, person_id):
            raise NoFactorSet(f"Account {person_id} has no second factor.")
        second_factors.erase(session, person_id)
        record_act(session, operator, Act.USER_RESET_FACTOR, f"person {person_id}", why)
        return Changed(_mail(session, person, Purpose.FACTOR_RESET), [])

    return in_one_unit(work)


def _set(person_id: int, put: Callable[[Session, Person], Purpose], acting: str) -> Changed:
    def work(session: Session) -> Changed:
        person = people.locked(session, person_id)
        acting_sessions.require_open(session, person_id, acting)
        first = not second_factors.any_set_in(session, person_id)
        purpose = put(session, person)
        codes = _issue_codes(session, person_id) if first else []
        return Changed(_mail(session, person, purpose), codes)

    return in_one_unit(work)


def _remove(person_id: int, removal: Callable[[Session], object], acting: str) -> Changed:
    def work(session: Session) -> Changed:
        person = people.locked(session, person_id)
        acting_sessions.require_open(session, person_id, acting)
        removal(session)
        left = second_factors.any_set_in(session, person_id)
        if not left:
            second_factors.erase(session, person_id)
        return Changed(_mail(session, person, Purpose.FACTOR_REMOVED if left else Purpose.FACTORS_OFF), [])

    return in_one_unit(work)


def _issue_codes(session: Session, person_id: int) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = one_time_codes.new_recovery_codes()
    for code in codes:
        hashed = one_time_codes.recovery_code_hash(code)
        session.add(RecoveryCode(person_id=person_id, code_hash=hashed, created_at=utcnow()))
    return codes


def _mail(session: Session, person: Person, purpose: Purpose) -> int:
    return mail_links.store_mail(session, purpose, person.email, person.locale, person_id=person.id).id
