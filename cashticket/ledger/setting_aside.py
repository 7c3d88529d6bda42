"""Quarantines what the ledger cannot record: keeps its text, the reason and, if known, its sequence number.

Unreadable entries are given the missing sequence numbers only if both counts are equal; nothing is guessed.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cashticket.auction.values import Bid, Entry, PoisonEntry
from cashticket.ledger.bid_rows import bid_of, entry_from_text, text_of
from cashticket.ledger.fence import LedgerGap, move_fence, recorded_through
from cashticket.models import Quarantined
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit

log = logging.getLogger(__name__)

RAW_MAX = 10_000
"""Characters of an entry's text that are stored, escaped at most 60,000 bytes. A proper entry has a few hundred."""

SURPLUS = "surplus: no bid is missing in its place"
"""The resolution of an unreadable entry that replaced no bid."""


def _storable(raw: str) -> str:
    """The text as a database can store it: bytes that are no text are escaped."""
    return raw[:RAW_MAX].encode("utf-8", "backslashreplace").decode()


def set_aside(session: Session, auction_id: int, raw: str, reason: str, sequence: int | None) -> None:
    """Quarantine the text of an entry with the reason. `sequence` is None while nobody knows which bid it is."""
    log.error("auction %s: entry set aside, sequence %s: %s", auction_id, sequence or "unknown", reason[:300])
    session.add(
        Quarantined(auction_id=auction_id, sequence=sequence, raw=_storable(raw), reason=_storable(reason)[:500])
    )
    session.flush()


def set_aside_unreadable(session: Session, auction_id: int, poison: PoisonEntry) -> None:
    """Quarantine an unreadable entry. Repeating it is harmless, because the texts of two bids are never equal."""
    recorded_through(session, auction_id)
    # Compared here and not in SQL, whose text comparison ignores case on MariaDB.
    texts = session.scalars(select(Quarantined.raw).where(Quarantined.auction_id == auction_id))
    if _storable(poison.raw) not in set(texts):
        set_aside(session, auction_id, poison.raw, f"unreadable: {poison.reason}", sequence=None)


def unplaced_entries(session: Session, auction_id: int) -> Sequence[Quarantined]:
    """Unresolved quarantined entries without a sequence number, oldest first."""
    return session.scalars(
        select(Quarantined)
        .where(Quarantined.auction_id == auction_id, Quarantined.sequence.is_(None), Quarantined.resolved_at.is_(None))
        .order_by(Quarantined.id)
    ).all()


def place_unreadable(session: Session, auction_id: int, recorded: int, before: int) -> None:
    """Give the missing numbers `recorded` + 1 to `before` to the unplaced entries; if none is missing, the entries are
    surplus. Raises LedgerGap if the counts differ."""
    unplaced, missing = unplaced_entries(session, auction_id), range(recorded + 1, before + 1)
    if missing and len(missing) != len(unplaced):
        total = session.scalar(select(func.count()).where(Quarantined.auction_id == auction_id))
        raise LedgerGap(
            f"auction {auction_id}: bids {missing.start} to {before} are neither in the ledger nor in the list; "
            f"{len(unplaced)} unreadable entries have no sequence number yet, {total} entries were set aside in all"
        )
    for entry, sequence in zip(unplaced, missing, strict=False):
        entry.sequence = sequence
    if not missing:
        for entry in unplaced:
            entry.resolved_at, entry.resolution = utcnow(), SURPLUS


def set_aside_contradiction(auction_id: int, entries: Sequence[Entry]) -> None:
    """Quarantine waiting bids whose numbers the ledger gave to other bids, each under a new number. Repeating it is
    harmless."""
    in_one_unit(lambda session: _set_aside_under_new_numbers(session, auction_id, entries))


def bids_set_aside(session: Session, auction_id: int, numbers: Collection[int]) -> dict[int, Bid]:
    """The bids that were set aside under these numbers, as far as their texts can be read."""
    rows = select(Quarantined.raw).where(Quarantined.auction_id == auction_id, Quarantined.sequence.in_(numbers))
    entries = filter(None, map(entry_from_text, session.scalars(rows)))
    return {entry.sequence: bid_of(entry) for entry in entries}


def _set_aside_under_new_numbers(session: Session, auction_id: int, entries: Sequence[Entry]) -> None:
    for entry in entries:
        reason = f"bid {entry.sequence} of the live store contradicts the ledger: {entry.request_id}"
        if _is_set_aside(session, auction_id, entry, reason):
            continue
        recorded = recorded_through(session, auction_id)
        move_fence(session, auction_id, recorded, recorded + 1)
        text = text_of(replace(entry, sequence=recorded + 1))
        set_aside(session, auction_id, text, reason, recorded + 1)


def _is_set_aside(session: Session, auction_id: int, entry: Entry, reason: str) -> bool:
    """Whether this very bid was set aside for this reason. Two strangers may have the same number and request id."""
    rows = select(Quarantined.raw).where(Quarantined.auction_id == auction_id, Quarantined.reason == reason)
    texts = filter(None, map(entry_from_text, session.scalars(rows)))
    return any(replace(bid_of(each), sequence=entry.sequence) == bid_of(entry) for each in texts)
