"""Checks a proof of a second factor. Each proof works once, also when it is sent twice at the same moment."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cashticket.accounts import mail_links, passkey_ceremonies, people
from cashticket.accounts.mail_links import Purpose
from cashticket.accounts.one_time_codes import matching_step, recovery_code_hash, typed_app_code
from cashticket.accounts.passkey_ceremonies import AnswerRefused, RelyingParty
from cashticket.accounts.sealed_secrets import seal, unseal
from cashticket.accounts.second_factors import WRONG_CODES_MAX, FactorRefused, Means, Method, Proof, Reason
from cashticket.models import AuthenticatorApp, Passkey, Person, RecoveryCode, SpentChallenge, WrongCode
from cashticket.models.units import in_one_unit

CHALLENGE_LIFETIME = timedelta(minutes=5)


class Proved(NamedTuple):
    """A second factor was proved. `mail_id` is a mail to send about it, if any."""

    person_id: int
    method: Method
    mail_id: int | None = None


def prove(person_id: int, proof: Proof, means: Means, now: datetime) -> Proved:
    """Check a proof of a second factor of this account at `now` and use it up. Raises FactorRefused."""
    if proof.answer:
        return prove_by_passkey(proof, means, now, person_id=person_id)
    if not proof.code.strip():
        raise FactorRefused(Reason.MISSING)
    outcome = in_one_unit(lambda session: _check_code(session, person_id, proof.code, means.secret_keys, now))
    if isinstance(outcome, FactorRefused):
        raise outcome
    return outcome


def prove_by_passkey(proof: Proof, means: Means, now: datetime, *, person_id: int | None = None) -> Proved:
    """Check the answer of a passkey: one of this account, or of any account that may sign in.

    Without `person_id` the passkey is the only proof, so it must have verified its owner. Raises FactorRefused.
    """
    if proof.challenge is None or means.party is None:
        raise FactorRefused(Reason.CHALLENGE)
    party, challenge = means.party, proof.challenge
    try:
        return in_one_unit(lambda session: _check_passkey(session, proof.answer, party, challenge, now, person_id))
    except AnswerRefused:
        raise FactorRefused(Reason.FOREIGN) from None
    except IntegrityError:
        # Another request has spent the challenge.
        raise FactorRefused(Reason.CHALLENGE) from None


def spend_challenge(session: Session, challenge: str, now: datetime) -> None:
    """Mark a challenge as answered, in the caller's unit. The unit fails with IntegrityError if it was before."""
    session.execute(delete(SpentChallenge).where(SpentChallenge.expires_at < now))
    digest = hashlib.sha256(challenge.encode()).hexdigest()
    # Kept twice as long as it can be answered, because machines' clocks differ.
    session.add(SpentChallenge(challenge_hash=digest, expires_at=now + 2 * CHALLENGE_LIFETIME))
    session.flush()


def _check_code(
    session: Session, person_id: int, typed: str, keys: Sequence[str], now: datetime
) -> Proved | FactorRefused:
    """A refusal is returned, so that the count of wrong codes is committed."""
    person = people.locked(session, person_id)
    if code := typed_app_code(typed):
        return _check_app_code(session, person_id, code, keys, now)
    hashed = recovery_code_hash(typed)
    unused = update(RecoveryCode).where(RecoveryCode.person_id == person_id, RecoveryCode.code_hash == hashed)
    used = session.execute(unused.where(RecoveryCode.used_at.is_(None)).values(used_at=now))
    if hashed is None or cast("CursorResult[Any]", used).rowcount == 0:
        return FactorRefused(Reason.WRONG)
    return Proved(person_id, Method.RECOVERY_CODE, _mail(session, person))


def _check_app_code(
    session: Session, person_id: int, code: str, keys: Sequence[str], now: datetime
) -> Proved | FactorRefused:
    if seconds := _seconds_refused(session, person_id, now):
        return FactorRefused(Reason.TOO_MANY, seconds)
    app = session.get(AuthenticatorApp, person_id)
    secret = unseal(app.sealed_secret, str(person_id), keys) if app else None
    step = matching_step(secret, code, now) if secret else None
    if app is None or secret is None or step is None:
        session.execute(delete(WrongCode).where(WrongCode.person_id == person_id, WrongCode.at < _oldest(now)))
        session.add(WrongCode(person_id=person_id, at=now))
        return FactorRefused(Reason.WRONG)
    if step <= app.last_step:
        return FactorRefused(Reason.USED)
    app.last_step = step
    if unseal(app.sealed_secret, str(person_id), keys[:1]) is None:
        app.sealed_secret = seal(secret, str(person_id), keys)
    return Proved(person_id, Method.APP)


def _seconds_refused(session: Session, person_id: int, now: datetime) -> int:
    """For how many seconds codes of the app are refused, because too many were wrong; 0 if they are checked."""
    rows = select(WrongCode.at).where(WrongCode.person_id == person_id, WrongCode.at > _oldest(now))
    moments = session.scalars(rows.order_by(WrongCode.at.desc()).limit(WRONG_CODES_MAX[-1][0])).all()
    ends = [moments[count - 1] + span for count, span in WRONG_CODES_MAX if len(moments) >= count]
    return max((int((end - now).total_seconds()) + 1 for end in ends if end > now), default=0)


def _oldest(now: datetime) -> datetime:
    return now - WRONG_CODES_MAX[-1][1]


def _check_passkey(
    session: Session, answer: str, party: RelyingParty, challenge: str, now: datetime, person_id: int | None
) -> Proved:
    credential_id, user_handle = passkey_ceremonies.named_credential(answer)
    passkey = session.scalar(select(Passkey).where(Passkey.credential_id == credential_id).with_for_update())
    if passkey is None or (person_id is not None and passkey.person_id != person_id):
        raise FactorRefused(Reason.FOREIGN)
    if user_handle not in (None, passkey.user_handle):
        raise FactorRefused(Reason.FOREIGN)
    signature = passkey_ceremonies.check_signature(answer, party, challenge, passkey)
    spend_challenge(session, challenge, now)
    if person_id is None and not signature.user_verified:
        raise FactorRefused(Reason.UNVERIFIED)
    if (signature.sign_count or passkey.sign_count) and signature.sign_count <= passkey.sign_count:
        raise FactorRefused(Reason.CLONED)
    if person_id is None and not passkey.works_alone:
        raise FactorRefused(Reason.PASSWORD_FIRST)
    passkey.sign_count, passkey.last_used_at, passkey.works_alone = signature.sign_count, now, True
    return Proved(passkey.person_id, Method.PASSKEY)


def _mail(session: Session, person: Person) -> int:
    return mail_links.store_mail(
        session, Purpose.RECOVERY_CODE_USED, person.email, person.locale, person_id=person.id
    ).id
