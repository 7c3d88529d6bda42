"""Proving a phone: a code of six digits is sent to a number, and whoever types it has that phone.

A code works for five minutes and takes five tries. An account has one running code at most: asking again ends the one
before. The code is made from a row and the signing key, as links in mails are, so it is stored nowhere.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from cashticket.extensions import db
from cashticket.models import Person, PhoneCode
from cashticket.models.outbox_adding import add_code_sms
from cashticket.signing import keyed_hash
from cashticket.typed.text import number_text

DIGITS = 6
LIFETIME = timedelta(minutes=5)
TRIES_MAX = 5
TYPED_LENGTH_MAX = 40
PURPOSE = "phone code"


class Outcome(StrEnum):
    """What became of a typed code."""

    PROVEN = "proven"
    WRONG = "wrong"
    # No code runs: it is too old, was tried too often, or was replaced.
    ENDED = "ended"
    # It was right, and another account has proved the same number.
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of a typed code, and how many tries are left for a wrong one."""

    outcome: Outcome
    tries_left: int = 0


def begin(session: Session, person: Person, phone: str, now: datetime) -> PhoneCode:
    """Make a code for a number (E.164) and put its SMS into the outbox, in the caller's unit, which has locked
    `person`. The account's code before it ends."""
    session.execute(delete(PhoneCode).where(PhoneCode.person_id == person.id))
    code = PhoneCode(person_id=person.id, phone=phone, nonce=secrets.token_hex(16), tries=0, created_at=now)
    session.add(code)
    session.flush()
    add_code_sms(session, code.id, person.locale, now + LIFETIME)
    return code


def running(person_id: int, now: datetime) -> PhoneCode | None:
    """The code of this account that may be typed at `now` (UTC)."""
    code = db.session.scalar(select(PhoneCode).where(PhoneCode.person_id == person_id))
    return code if code is not None and _runs(code, now) else None


def digits_of(code: PhoneCode, key: str) -> str:
    """The six digits of a code, made with a signing key. Raises NoSigningKey."""
    number = keyed_hash([key], PURPOSE, f"{code.id} {code.phone} {code.nonce}").partition(":")[2]
    return f"{int(number, 16) % 10**DIGITS:0{DIGITS}d}"


def prove(session: Session, person: Person, typed: str, keys: Sequence[str], now: datetime) -> Proof:
    """Judge a typed code and, if it is right, give its number to `person` as proven, in the caller's unit, which has
    locked `person`. A try counts whatever comes of it.

    An account that only claimed the number loses it. `keys` are the signing keys, of which any may have made the code.
    """
    code = session.scalar(select(PhoneCode).where(PhoneCode.person_id == person.id))
    if code is None or not _runs(code, now):
        return Proof(Outcome.ENDED)
    code.tries += 1
    plain = number_text(typed[:TYPED_LENGTH_MAX]).replace(" ", "").replace("-", "")
    matches = [hmac.compare_digest(digits_of(code, key).encode(), plain.encode()) for key in keys]
    if not any(matches):
        left = TRIES_MAX - code.tries
        return Proof(Outcome.WRONG, left) if left else Proof(Outcome.ENDED)
    holder = session.scalar(select(Person).where(Person.phone == code.phone, Person.id != person.id).with_for_update())
    session.delete(code)
    if holder is not None and holder.phone_proven_at is not None:
        return Proof(Outcome.TAKEN)
    if holder is not None:
        holder.phone = None
        session.flush()
    person.phone, person.phone_proven_at = code.phone, now
    person.revision += 1
    return Proof(Outcome.PROVEN)


def delete_old(session: Session, now: datetime) -> None:
    """Delete the codes that nobody typed in time, in the caller's unit."""
    session.execute(delete(PhoneCode).where(PhoneCode.created_at <= now - LIFETIME))


def _runs(code: PhoneCode, now: datetime) -> bool:
    return code.tries < TRIES_MAX and now < code.created_at + LIFETIME
