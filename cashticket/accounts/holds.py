"""Holds on the bids of a person: while one lasts, no auction takes a bid of this person.

A hold closes the gap between asking whether a bid stands and changing what no standing bid allows to change. Only one
lasts at a time. If its process dies, it ends after `HOLD_MAX` (models/people.py).
"""

from datetime import datetime

from sqlalchemy.orm import Session

from cashticket.accounts import people
from cashticket.models import Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit


class BidsHeld(Exception):
    """Another hold on the bids of this person lasts. Try again in a moment."""


def hold(person_id: int) -> Person:
    """Begin a hold. The caller tells the auctions afterwards, and ends it with `release`. Raises BidsHeld,
    people.PersonNotFound."""

    def work(session: Session) -> Person:
        row = people.locked(session, person_id)
        now = utcnow()
        if row.are_bids_held(now):
            raise BidsHeld
        row.bids_held_at = now
        row.revision += 1
        return row

    return in_one_unit(work)


def release(person_id: int, held_at: datetime) -> Person:
    """End the hold that began at `held_at`, if it still lasts. The caller tells the auctions afterwards."""

    def work(session: Session) -> Person:
        row = people.locked(session, person_id)
        if row.bids_held_at == held_at:
            row.bids_held_at = None
        row.revision += 1
        return row

    return in_one_unit(work)
