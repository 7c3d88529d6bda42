"""What was set aside, and what an operator decides about it: recorded after all, or discarded for a reason.

An entry that waits blocks the settlement of its auction. A decision is kept with its reason and never changed.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from cashticket.errors import OperatorError
from cashticket.extensions import db
from cashticket.models import OperatorAct, Quarantined, RecordedBid
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit

NUMBERS = ("sequence", "person", "nth", "amount", "at_ms", "ends_at_ms", "rank", "cutoff")


class NotResolvable(OperatorError):
    """The entry cannot be resolved."""


def waiting(auction_id: int) -> int:
    """How many entries with a place in the sequence wait for an operator."""
    held = select(func.count()).where(
        Quarantined.auction_id == auction_id, Quarantined.sequence.is_not(None), Quarantined.resolved_at.is_(None)
    )
    return db.session.scalar(held) or 0


def entries(auction_id: int) -> Sequence[Quarantined]:
    """Everything set aside, oldest first, resolved or not."""
    found = select(Quarantined).where(Quarantined.auction_id == auction_id).order_by(Quarantined.id)
    return db.session.scalars(found).all()


def is_complete(entry: Quarantined) -> bool:
    """Whether the entry says everything a recorded bid needs."""
    return _fields(entry) is not None


def discard(auction_id: int, entry_id: int, why: str, operator: str) -> Quarantined:
    """Leave the entry out of the ledger for good: that bid does not count. Raises NotResolvable."""

    def unit(session: Session) -> Quarantined:
        entry = _waiting_entry(session, auction_id, entry_id)
        return _resolved(session, entry, "discarded", why, operator)

    return in_one_unit(unit)


def record(auction_id: int, entry_id: int, why: str, operator: str) -> Quarantined:
    """Record the entry as the bid that it is. Raises NotResolvable when it is incomplete or still does not fit."""

    def unit(session: Session) -> Quarantined:
        entry = _waiting_entry(session, auction_id, entry_id)
        fields = _fields(entry)
        if fields is None:
            raise NotResolvable(f"Entry {entry_id} does not say everything a bid needs; it can only be discarded.")
        session.execute(insert(RecordedBid), [{"auction_id": auction_id, **fields}])
        return _resolved(session, entry, "recorded", why, operator)

    try:
        return in_one_unit(unit)
    except (IntegrityError, DataError, OperationalError) as error:
        if isinstance(error, OperationalError) and "constraint" not in str(error.orig).lower():
            raise
        raise NotResolvable(f"The ledger still refuses entry {entry_id}: {error.orig}") from error


def _waiting_entry(session: Session, auction_id: int, entry_id: int) -> Quarantined:
    entry = session.scalars(
        select(Quarantined).where(Quarantined.id == entry_id, Quarantined.auction_id == auction_id).with_for_update()
    ).one_or_none()
    if entry is None:
        raise NotResolvable(f"Auction {auction_id} has no entry {entry_id}; `flask auction quarantine` lists them.")
    if entry.resolved_at is not None:
        raise NotResolvable(f"Entry {entry_id} was resolved before: {entry.resolution}")
    return entry


def _resolved(session: Session, entry: Quarantined, how: str, why: str, operator: str) -> Quarantined:
    entry.resolved_at, entry.resolution = utcnow(), f"{how} by {operator}: {why}"[:500]
    facts = {"entry": entry.id, "sequence": entry.sequence, "as": how}
    subject = f"auction {entry.auction_id}"
    session.add(OperatorAct(operator=operator, act="auction resolve", subject=subject, why=why, facts=facts))
    session.flush()
    return entry


def _fields(entry: Quarantined) -> dict[str, Any] | None:
    """The columns of the bid an entry stands for, None when something is missing or contradicts its place."""
    try:
        said = json.loads(entry.raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or any(type(said.get(name)) is not int for name in NUMBERS):
        return None
    displaced = said.get("displaced")
    if said["sequence"] != entry.sequence or not isinstance(said.get("request_id"), str):
        return None
    if displaced is not None and type(displaced) is not int:
        return None
    return {
        **{name: said[name] for name in NUMBERS if name != "person"},
        "person_id": said["person"],
        "request_id": said["request_id"],
        "displaced_id": displaced,
        "alert": said.get("alert") is True,
    }
