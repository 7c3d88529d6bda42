"""Verifications of identity: begun for one account in one session, ended by the provider's answer, once.

An answer counts when its provider vouches for it, it belongs to the running verification, name and date of birth are
those of the account, and no other account is this person's. The key is stored as a keyed hash alone.
"""

import secrets
import unicodedata
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from cashticket.extensions import db
from cashticket.identity.provider import LIFETIME, Identity
from cashticket.models import IdentityCheck, Person, PersonKey
from cashticket.models.identity_checks import CheckOutcome
from cashticket.models.outbox_adding import hashed
from cashticket.signing import keyed_hash

HIDDEN = "***"


def begin(session: Session, person: Person, handle: str, now: datetime) -> IdentityCheck:
    """Begin a verification in the session with this handle, in the caller's unit, which has locked `person`. The one
    before ends."""
    session.execute(delete(IdentityCheck).where(IdentityCheck.person_id == person.id))
    reference = f"identity-{secrets.token_hex(16)}"
    check = IdentityCheck(person_id=person.id, reference=reference, session_hash=_session_hash(handle), created_at=now)
    session.add(check)
    session.flush()
    return check


def latest(person_id: int, now: datetime) -> IdentityCheck | None:
    """The verification of this account that runs at `now` (UTC) or has just ended."""
    check = db.session.scalar(select(IdentityCheck).where(IdentityCheck.person_id == person_id))
    return check if check is not None and now < check.created_at + LIFETIME else None


def came_back(session: Session, person: Person, handle: str, reference: str, now: datetime) -> IdentityCheck | None:
    """The verification with which a browser came back, in the caller's unit, which has locked `person`; None when none
    runs under that reference. It may come back once; from another session it ends with nothing proven."""
    check = session.scalar(select(IdentityCheck).where(IdentityCheck.person_id == person.id))
    if check is None or check.reference != reference or check.returned_at or now >= check.created_at + LIFETIME:
        return None
    check.returned_at = now
    if check.session_hash != _session_hash(handle):
        check.outcome = CheckOutcome.OTHER_SESSION
    return check


def waiting(session: Session, now: datetime) -> list[IdentityCheck]:
    """The verifications whose answers are to be fetched, the oldest first."""
    fresh = (IdentityCheck.returned_at > now - LIFETIME, IdentityCheck.outcome.is_(None))
    return list(session.scalars(select(IdentityCheck).where(*fresh).order_by(IdentityCheck.returned_at)))


def refuse(session: Session, check: IdentityCheck, outcome: CheckOutcome) -> None:
    """End a verification with nothing proven, in the caller's unit, unless it has ended meanwhile."""
    row = session.get(IdentityCheck, check.id, with_for_update=True)
    if row is not None and row.outcome is None:
        row.outcome = outcome


def prove(
    session: Session, person: Person, reference: str, identity: Identity, key: str, now: datetime
) -> CheckOutcome | None:
    """Judge whom the provider has seen and, if it is this account's person, count their identity as proven, in the
    caller's unit, which has locked `person`. `key` keys the hash. None when the verification has ended meanwhile."""
    check = session.scalar(select(IdentityCheck).where(IdentityCheck.person_id == person.id))
    if check is None or check.reference != reference or check.outcome is not None or person.closed_at:
        return None
    key_hash = keyed_hash([key], "key of a person", identity.key)
    check.outcome, check.other_address = _judged(session, person, identity, key_hash, now)
    if check.outcome is not CheckOutcome.PROVEN:
        return check.outcome
    if session.scalar(select(PersonKey.id).where(PersonKey.person_id == person.id)) is None:
        session.add(PersonKey(person_id=person.id, key_hash=key_hash, live=1, proven_at=now))
    person.identity_proven_at = now
    person.revision += 1
    return check.outcome


def delete_old(session: Session, now: datetime) -> None:
    """Delete the verifications that have ended, in the caller's unit."""
    session.execute(delete(IdentityCheck).where(IdentityCheck.created_at <= now - LIFETIME))


def hidden_address(email: str) -> str:
    """An address by which its owner, and nobody else, can tell which it is: `al***@example.com`."""
    mailbox, _, host = email.partition("@")
    return f"{mailbox[:2] if len(mailbox) > 3 else mailbox[:1]}{HIDDEN}@{host}"[:80]


def _judged(
    session: Session, person: Person, identity: Identity, key_hash: str, now: datetime
) -> tuple[CheckOutcome, str | None]:
    if _plain(identity.name) != _plain(person.name):
        return CheckOutcome.OTHER_NAME, None
    if identity.birth_date != person.birth_date:
        return CheckOutcome.OTHER_BIRTH, None
    own = session.scalar(select(PersonKey).where(PersonKey.person_id == person.id))
    if own is not None and own.key_hash != key_hash:
        return CheckOutcome.OTHER_PERSON, None
    others = select(PersonKey.live, Person).join(Person, Person.id == PersonKey.person_id)
    others = others.where(PersonKey.key_hash == key_hash, PersonKey.person_id != person.id)
    for live, other in session.execute(others):
        if live:
            return CheckOutcome.TAKEN, hidden_address(other.email)
        if other.blocked_at is not None:
            return CheckOutcome.EXCLUDED, None
    return CheckOutcome.PROVEN, None


def _plain(name: str) -> str:
    """A name without what two registers may write in two ways: blanks, case, width."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def _session_hash(handle: str) -> str:
    return hashed(f"session {handle}")
