"""What the ledger could not take: set aside as a row with its text and the reason, at its place in the order.

Nothing is guessed: entries that nobody can read take the numbers that are missing only if there are exactly as many.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cashticket.auction.values import Entry, PoisonEntry
from cashticket.ledger.bid_rows import text_of
from cashticket.ledger.fence import LedgerGap, move_fence, recorded_through
from cashticket.models import Quarantined
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit

log = logging.getLogger(__name__)

RAW_MAX = 10_000
"""Characters of a set-aside entry that are kept, spelled out at most 60,000 bytes. An honest one has a few hundred."""

SURPLUS = "surplus: the bids before and after it follow each other, none is missing"


def _kept(raw: str) -> str:
    """The text as a database can hold it: bytes that are no text are spelled out."""
    return raw[:RAW_MAX].encode("utf-8", "backslashreplace").decode()


def set_aside(session: Session, auction_id: int, raw: str, reason: str, sequence: int | None) -> None:
    """Keep the text of an entry with the reason; `sequence` is its place in the order, None while nobody knows it."""
    log.error("auction %s: entry set aside, sequence %s: %s", auction_id, sequence or "unknown", reason[:300])
    session.add(Quarantined(auction_id=auction_id, sequence=sequence, raw=_kept(raw), reason=_kept(reason)[:500]))
    session.flush()


def set_aside_unreadable(session: Session, auction_id: int, poison: PoisonEntry) -> None:
    """Repeating it is harmless: every bid's text is unique, so a text already set aside is the same entry again."""
    recorded_through(session, auction_id)
    # Compared here and not in SQL, whose text comparison ignores case on MariaDB.
    known = session.scalars(select(Quarantined.raw).where(Quarantined.auction_id == auction_id))
    if _kept(poison.raw) not in set(known):
        set_aside(session, auction_id, poison.raw, f"unreadable: {poison.reason}", sequence=None)


def unplaced_entries(session: Session, auction_id: int) -> Sequence[Quarantined]:
    """Unreadable entries of which it is not known which bid they were, oldest first."""
    return session.scalars(
        select(Quarantined)
        .where(Quarantined.auction_id == auction_id, Quarantined.sequence.is_(None), Quarantined.resolved_at.is_(None))
        .order_by(Quarantined.id)
    ).all()


def place_unreadable(session: Session, auction_id: int, recorded: int, before: int) -> None:
    """The bids `recorded`+1 … `before` are missing: exactly the unreadable entries since then, or the auction stops."""
    unplaced, missing = unplaced_entries(session, auction_id), range(recorded + 1, before + 1)
    if missing and len(missing) != len(unplaced):
        counted = session.scalar(select(func.count()).where(Quarantined.auction_id == auction_id))
        raise LedgerGap(
            f"auction {auction_id}: bids {missing.start} to {before} are neither in the ledger nor in the list; "
            f"{len(unplaced)} unreadable entries are unaccounted for, {counted} were set aside in all"
        )
    for entry, sequence in zip(unplaced, missing, strict=False):
        entry.sequence = sequence
    if not missing:
        for entry in unplaced:
            entry.resolved_at, entry.resolution = utcnow(), SURPLUS


def set_aside_contradiction(auction_id: int, entries: Sequence[Entry]) -> None:
    """Set aside waiting bids whose numbers belong to others, under numbers of their own. Repeating it is harmless."""
    in_one_unit(lambda session: _set_aside_under_new_numbers(session, auction_id, entries))


def _set_aside_under_new_numbers(session: Session, auction_id: int, entries: Sequence[Entry]) -> None:
    reasons = {
        f"bid {entry.sequence} of the live store contradicts the ledger: {entry.request_id}" for entry in entries
    }
    done = select(Quarantined.reason).where(Quarantined.auction_id == auction_id, Quarantined.reason.in_(reasons))
    told = set(session.scalars(done))
    for entry in entries:
        reason = f"bid {entry.sequence} of the live store contradicts the ledger: {entry.request_id}"
        if reason not in told:
            recorded = recorded_through(session, auction_id)
            move_fence(session, auction_id, recorded, recorded + 1)
            text = text_of(replace(entry, sequence=recorded + 1))
            set_aside(session, auction_id, text, reason, recorded + 1)
