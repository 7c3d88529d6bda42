"""Quarantined entries: which there are, and how an operator resolves one by recording or discarding it.

An unresolved entry blocks the settlement of its auction. A decision is stored with its reason and never changed.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from cashticket.auction.values import UNFINISHED_STATES, Entry
from cashticket.errors import OperatorError
from cashticket.extensions import db
from cashticket.ledger.bid_rows import entry_from_text
from cashticket.ledger.given_up_bids import Why, give_up_bid
from cashticket.ledger.recording import insert_entry
from cashticket.logs.failures import failure_text
from cashticket.models import Auction, Quarantined
from cashticket.models.columns import utcnow
from cashticket.models.operator_acts import Act, auction_subject, record_act
from cashticket.models.units import in_one_unit

WINDOW = 1_000
"""Entries that one statement reads or counts at most."""


class NotResolvable(OperatorError):
    """The entry cannot be resolved."""


def waiting(auction_id: int) -> int:
    """How many quarantined entries with a sequence number wait for an operator."""
    unresolved = select(func.count()).where(
        Quarantined.auction_id == auction_id, Quarantined.sequence.is_not(None), Quarantined.resolved_at.is_(None)
    )
    return db.session.scalar(unresolved) or 0


def waiting_by_auction() -> dict[int, int]:
    """How many quarantined entries wait for an operator, by auction; WINDOW of all of them are counted at most."""
    unresolved = select(Quarantined.auction_id).where(Quarantined.resolved_at.is_(None)).limit(WINDOW).subquery()
    rows = select(unresolved.c.auction_id, func.count()).group_by(unresolved.c.auction_id)
    return {auction_id: count for auction_id, count in db.session.execute(rows)}  # noqa: C416 - typed row by row


def decided(auction_id: int) -> int:
    """How many quarantined entries an operator has decided about."""
    resolved = select(func.count()).where(Quarantined.auction_id == auction_id, Quarantined.resolved_at.is_not(None))
    return db.session.scalar(resolved) or 0


def quarantined_entries(auction_id: int) -> Sequence[Quarantined]:
    """All quarantined entries of an auction, resolved or not, oldest first."""
    rows = select(Quarantined).where(Quarantined.auction_id == auction_id).order_by(Quarantined.id)
    return db.session.scalars(rows).all()


def each_quarantined(auction_id: int) -> Iterator[Quarantined]:
    """All quarantined entries of an auction, oldest first, read in windows. Each belongs to no session once the next is
    asked for."""
    after, rows = 0, select(Quarantined).where(Quarantined.auction_id == auction_id).order_by(Quarantined.id)
    while entries := db.session.scalars(rows.where(Quarantined.id > after).limit(WINDOW)).all():
        for entry in entries:
            after = entry.id
            yield entry
            db.session.expunge(entry)


def is_complete(entry: Quarantined) -> bool:
    """Whether the entry has every field that a recorded bid needs."""
    return _entry(entry) is not None


def discard_entry(auction_id: int, entry_id: int, why: str, operator: str) -> Quarantined:
    """Resolve an entry by leaving its bid out of the ledger for good, and tell its bidder, if the text shows who that
    is. Raises NotResolvable."""

    def unit(session: Session) -> Quarantined:
        quarantined = _waiting_entry(session, auction_id, entry_id)
        if entry := _entry(quarantined):
            give_up_bid(session, auction_id, entry, "it was set aside, and an operator discarded it", Why.DISCARDED)
        return _resolve(session, quarantined, "discarded", why, operator)

    return in_one_unit(unit)


def record_entry(auction_id: int, entry_id: int, why: str, operator: str) -> Quarantined:
    """Resolve an entry by recording its bid. Raises NotResolvable if it is incomplete, if the schema refuses it, or if
    the auction is settled."""

    def unit(session: Session) -> Quarantined:
        _reopen_ranks(session, auction_id)
        quarantined = _waiting_entry(session, auction_id, entry_id)
        entry = _entry(quarantined)
        if entry is None:
            raise NotResolvable(f"Entry {entry_id} lacks a field that a bid needs; it can only be discarded.")
        insert_entry(session, auction_id, entry)
        return _resolve(session, quarantined, "recorded", why, operator)

    try:
        return in_one_unit(unit)
    except (IntegrityError, DataError, OperationalError) as error:
        if isinstance(error, OperationalError) and "constraint" not in str(error.orig).lower():
            raise
        raise NotResolvable(f"The ledger still refuses entry {entry_id}: {failure_text(error)}.") from error


def _reopen_ranks(session: Session, auction_id: int) -> None:
    """Let the final ranks of a voided auction be written again, and its people be told, with the bid that is recorded
    now. Raises NotResolvable for an auction that was settled."""
    auction = session.get(Auction, auction_id, with_for_update=True)
    if auction is None or auction.state in UNFINISHED_STATES:
        return
    if auction.settled_at is not None:
        raise NotResolvable(
            f"Auction {auction_id} was settled, so its ranks are final; the entry can only be discarded."
        )
    auction.ranked_at, auction.telling_since = None, utcnow()


def _waiting_entry(session: Session, auction_id: int, entry_id: int) -> Quarantined:
    entry = session.scalars(
        select(Quarantined).where(Quarantined.id == entry_id, Quarantined.auction_id == auction_id).with_for_update()
    ).one_or_none()
    if entry is None:
        raise NotResolvable(f"Auction {auction_id} has no entry {entry_id}; `flask auction quarantine` lists them.")
    if entry.resolved_at is not None:
        raise NotResolvable(f"Entry {entry_id} was resolved before: {entry.resolution}")
    return entry


def _resolve(session: Session, entry: Quarantined, how: str, why: str, operator: str) -> Quarantined:
    entry.resolved_at, entry.resolution = utcnow(), f"{how} by {operator}: {why}"[:500]
    facts = {"entry": entry.id, "sequence": entry.sequence, "as": how}
    record_act(session, operator, Act.AUCTION_RESOLVE, auction_subject(entry.auction_id), why, facts)
    session.flush()
    return entry


def _entry(quarantined: Quarantined) -> Entry | None:
    """The bid that was quarantined; None when a field is missing or the sequence is another."""
    entry = entry_from_text(quarantined.raw)
    return entry if entry is not None and entry.sequence == quarantined.sequence else None
