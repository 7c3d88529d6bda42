"""Devices that people let us push to: browsers that a session has subscribed, until it ends or its owner says so."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cashticket.accounts.sessions import Overtaken
from cashticket.extensions import db
from cashticket.models import Person, PushSubscription, SignIn
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit

DEVICES_MAX = 10
"""Of one person. The one that was not seen for the longest time gives its place to a new one."""

UNSEEN_AGE = timedelta(days=180)
"""A device that has said nothing for so long is forgotten."""


@dataclass(frozen=True, slots=True)
class Device:
    """A browser as it names itself: the address at its push service, its public key and its secret (base64url)."""

    endpoint: str
    p256dh: str
    auth: str


def subscribe(person_id: int, handle: str, device: Device, locale: str) -> None:
    """Push to a device from now on, in the language `locale`; `handle` is the session that asks. Repeating it notes
    that the device is still there.

    A device of somebody else becomes this person's: another account is signed in there now. Raises Overtaken if the
    session has ended.
    """

    def work(session: Session) -> None:
        # The account is locked first, so that two devices wait for each other, and for the end of a session.
        session.get_one(Person, person_id, with_for_update=True)
        sign_in = select(SignIn.id).where(SignIn.person_id == person_id, SignIn.handle == handle)
        sign_in_id = session.scalar(sign_in.where(SignIn.ended_at.is_(None)))
        if sign_in_id is None:
            raise Overtaken
        row = session.scalar(select(PushSubscription).where(PushSubscription.endpoint_hash == _hash(device.endpoint)))
        if row is None:
            row = PushSubscription(endpoint=device.endpoint, endpoint_hash=_hash(device.endpoint))
            session.add(row)
        row.person_id, row.sign_in_id, row.locale = person_id, sign_in_id, locale
        row.p256dh, row.auth = device.p256dh, device.auth
        row.failures, row.seen_at = 0, utcnow()
        session.flush()
        _forget_unseen(session, person_id)

    try:
        in_one_unit(work)
    except IntegrityError:
        # Another account stored the same endpoint meanwhile; now it is there.
        in_one_unit(work)


def unsubscribe(person_id: int, endpoint: str) -> bool:
    """Push to the device of a person at `endpoint` no more. Returns whether it was there."""
    own = (PushSubscription.person_id == person_id, PushSubscription.endpoint_hash == _hash(endpoint))
    return in_one_unit(lambda session: bool(session.execute(delete(PushSubscription).where(*own)).rowcount))  # type: ignore[attr-defined]


def unsubscribe_all(person_id: int) -> int:
    """Push to no device of a person any more. Returns how many there were."""
    own = delete(PushSubscription).where(PushSubscription.person_id == person_id)
    return in_one_unit(lambda session: int(session.execute(own).rowcount))  # type: ignore[attr-defined]


def count(person_id: int) -> int:
    """How many devices a person has."""
    own = select(func.count()).select_from(PushSubscription).where(PushSubscription.person_id == person_id)
    return db.session.scalar(own) or 0


def _forget_unseen(session: Session, person_id: int) -> None:
    newest = select(PushSubscription.id).where(PushSubscription.person_id == person_id)
    newest = newest.order_by(PushSubscription.seen_at.desc(), PushSubscription.id.desc())
    if too_many := session.scalars(newest.offset(DEVICES_MAX)).all():
        session.execute(delete(PushSubscription).where(PushSubscription.id.in_(too_many)))


def _hash(endpoint: str) -> str:
    return hashlib.sha256(endpoint.encode()).hexdigest()
