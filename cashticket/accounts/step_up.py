"""When a session last proved a second factor. An act that moves money needs a proof of the last 15 minutes."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from cashticket.accounts import second_factors
from cashticket.extensions import db
from cashticket.models import SignIn
from cashticket.models.units import in_one_unit

FRESH_FOR = timedelta(minutes=15)


def mark_proved(handle: str, now: datetime) -> None:
    """Note that the session `handle` has just proved a second factor."""
    proved = update(SignIn).where(SignIn.handle == handle).values(proved_at=now)
    in_one_unit(lambda session: session.execute(proved))


def is_needed(person_id: int, handle: str, now: datetime) -> bool:
    """Whether the session must prove a second factor first: one is set, and the last proof is too old."""
    if not second_factors.any_set(person_id):
        return False
    proved_at = db.session.scalar(select(SignIn.proved_at).where(SignIn.handle == handle))
    return proved_at is None or proved_at < now - FRESH_FOR
