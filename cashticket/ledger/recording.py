"""The recording: from the list of accepted bids into the tables, each bid exactly once.

Fence, insert, commit, trim. The auction's `recorded_sequence` is moved first, in the same transaction as the rows,
and only from the value that was read: two drains, a crash at any step, or a whole repeat change nothing. What cannot
be recorded is set aside with its reason and never guessed at; a hole that nothing explains stops that auction.
"""

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from itertools import takewhile
from typing import Any, Protocol

from sqlalchemy import case, func, insert, select, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from cashticket.auction.values import Entry, PoisonEntry
from cashticket.ledger.displacements import tell_displaced, tell_displaced_if_possible
from cashticket.models import Auction, Quarantined, RecordedBid
from cashticket.models.columns import to_moment, utcnow
from cashticket.models.units import in_one_unit

log = logging.getLogger(__name__)

RAW_MOST = 10_000
"""Characters of a set-aside entry that are kept, spelled out at most 60,000 bytes. An honest one has a few hundred."""

SURPLUS = "surplus: the bids before and after it follow each other, none is missing"


class Source(Protocol):
    """Where accepted bids wait; the engine is one."""

    def peek(self, auction_id: int, count: int) -> list[Entry | PoisonEntry]: ...

    def trim(self, auction_id: int, through_sequence: int) -> int: ...

    def discard(self, auction_id: int, raw: str) -> bool: ...


class LedgerGap(Exception):
    """A bid is missing between ledger and list and nothing set aside explains it. This auction stops; nothing was
    changed. An operator compares the two with `flask auction check`."""


class Contradiction(LedgerGap):
    """Waiting bids (`entries`) have numbers that the ledger gave to others, or gave up: the live store went on from an
    older state of itself. This auction stops; nothing was changed. `flask auction rebuild` sets them aside."""

    def __init__(self, auction_id: int, entries: Sequence[Entry]) -> None:
        numbers = ", ".join(str(entry.sequence) for entry in entries[:10])
        super().__init__(f"auction {auction_id}: waiting bids {numbers} are not the ones that the ledger has")
        self.entries = entries


class _Overtaken(Exception):
    """Another drain moved the fence meanwhile."""


def record_waiting(source: Source, auction_id: int, batch: int = 500) -> int:
    """Record the oldest waiting bids of an auction, at most `batch`; how many entries left the list (0: none waits).

    Raises LedgerGap, and whatever the source or the database raise while they are away: then simply call again.
    """
    entries = source.peek(auction_id, batch)
    if not entries:
        return 0
    head = entries[0]
    if isinstance(head, PoisonEntry):
        poison = head
        in_one_unit(lambda session: _set_aside_unreadable(session, auction_id, poison))
        return int(source.discard(auction_id, poison.raw))
    readable = [*takewhile(lambda entry: isinstance(entry, Entry), entries)]
    return source.trim(auction_id, _record(auction_id, readable))


def record_end(auction_id: int, ends_at_ms: int, final_sequence: int) -> bool:
    """Once the engine closed and the list is empty: mark the auction closing at the end that was in force, and account
    for unreadable entries at the very end of the list. False, and nothing changed, while bids up to `final_sequence`
    are missing."""

    def unit(session: Session) -> bool:
        recorded = _recorded_sequence(session, auction_id)
        if final_sequence > recorded:
            if len(_unplaced(session, auction_id)) != final_sequence - recorded:
                return False
            _move_fence(session, auction_id, recorded, final_sequence)
        _place_unreadable(session, auction_id, recorded, final_sequence)
        end = update(Auction).where(Auction.id == auction_id, Auction.state.in_(("open", "closing")))
        session.execute(end.values(ends_at=to_moment(ends_at_ms), state="closing"))
        return True

    return in_one_unit(unit)


def _record(auction_id: int, entries: Sequence[Any]) -> int:
    """Record what is new among `entries` (in list order); the sequence up to which the list may be trimmed."""
    while True:
        try:
            return in_one_unit(lambda session: _record_run(session, auction_id, entries, insert_rows=_insert_all))
        except _Overtaken:
            continue
        except (IntegrityError, DataError):
            # One of them is refused by the schema: the same again, row by row, setting aside what is refused.
            return in_one_unit(lambda session: _record_run(session, auction_id, entries, insert_rows=_insert_each))


def _record_run(session: Session, auction_id: int, entries: Sequence[Entry], insert_rows: Any) -> int:
    recorded = _recorded_sequence(session, auction_id)
    _check_repeats(session, auction_id, [entry for entry in entries if entry.sequence <= recorded])
    run = [*_contiguous(entry for entry in entries if entry.sequence > recorded)]
    if not run:
        return recorded
    first, last = run[0].sequence, run[-1].sequence
    _move_fence(session, auction_id, recorded, last, ends_at_ms=max(entry.ends_at_ms for entry in run))
    _place_unreadable(session, auction_id, recorded, first - 1)
    insert_rows(session, auction_id, run)
    return last


def _check_repeats(session: Session, auction_id: int, repeats: Sequence[Entry]) -> None:
    """What was recorded before and comes again must be the same."""
    numbers = [entry.sequence for entry in repeats]
    if not numbers:
        return
    found = select(RecordedBid).where(RecordedBid.auction_id == auction_id, RecordedBid.sequence.in_(numbers))
    known = {
        bid.sequence: (bid.person_id, bid.nth, bid.amount, bid.at_ms, bid.request_id) for bid in session.scalars(found)
    }
    aside = select(Quarantined.sequence).where(Quarantined.auction_id == auction_id, Quarantined.sequence.in_(numbers))
    explained = set(session.scalars(aside)) - known.keys()
    strangers = [
        entry
        for entry in repeats
        if entry.sequence not in explained
        and known.get(entry.sequence) != (entry.person, entry.nth, entry.amount, entry.at_ms, entry.request_id)
    ]
    if strangers:
        raise Contradiction(auction_id, strangers)


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
            recorded = _recorded_sequence(session, auction_id)
            _move_fence(session, auction_id, recorded, recorded + 1)
            raw = json.dumps(asdict(replace(entry, sequence=recorded + 1)), ensure_ascii=False)
            _set_aside(session, auction_id, raw, reason, recorded + 1)


def _contiguous(entries: Iterator[Entry]) -> Iterator[Entry]:
    expected = None
    for entry in entries:
        if expected is not None and entry.sequence != expected:
            return
        expected = entry.sequence + 1
        yield entry


def _recorded_sequence(session: Session, auction_id: int) -> int:
    recorded = session.scalar(select(Auction.recorded_sequence).where(Auction.id == auction_id))
    if recorded is None:
        raise LedgerGap(f"auction {auction_id} has bids in the live store and no row in the ledger")
    return recorded


def _move_fence(session: Session, auction_id: int, old: int, new: int, ends_at_ms: int = 0) -> None:
    end = to_moment(ends_at_ms)
    moved = session.execute(
        update(Auction)
        .where(Auction.id == auction_id, Auction.recorded_sequence == old)
        # A soft close moves the end later; an operator may have moved it later still.
        .values(recorded_sequence=new, ends_at=case((Auction.ends_at < end, end), else_=Auction.ends_at)),
        execution_options={"synchronize_session": False},
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise _Overtaken


def _insert_all(session: Session, auction_id: int, run: Sequence[Entry]) -> None:
    session.execute(insert(RecordedBid), [_row(auction_id, entry) for entry in run])
    tell_displaced(session, auction_id, run)


def _insert_each(session: Session, auction_id: int, run: Sequence[Entry]) -> None:
    for entry in run:
        try:
            with session.begin_nested():
                session.execute(insert(RecordedBid), [_row(auction_id, entry)])
        except (IntegrityError, DataError) as error:
            raw = json.dumps(asdict(entry), ensure_ascii=False)
            _set_aside(session, auction_id, raw, f"the ledger refuses it: {error.orig}", entry.sequence)
        else:
            tell_displaced_if_possible(session, auction_id, entry)


def _row(auction_id: int, entry: Entry) -> dict[str, Any]:
    return {
        "auction_id": auction_id,
        "sequence": entry.sequence,
        "person_id": entry.person,
        "nth": entry.nth,
        "amount": entry.amount,
        "at_ms": entry.at_ms,
        "ends_at_ms": entry.ends_at_ms,
        "request_id": entry.request_id,
        "rank": entry.rank,
        "cutoff": entry.cutoff,
        "displaced_id": entry.displaced,
        "alert": entry.alert,
    }


# What could not be recorded


def _kept(raw: str) -> str:
    """The text as a database can hold it: bytes that are no text are spelled out."""
    return raw[:RAW_MOST].encode("utf-8", "backslashreplace").decode()


def _set_aside(session: Session, auction_id: int, raw: str, reason: str, sequence: int | None) -> None:
    log.error("auction %s: entry set aside, sequence %s: %s", auction_id, sequence or "unknown", reason[:300])
    session.add(Quarantined(auction_id=auction_id, sequence=sequence, raw=_kept(raw), reason=_kept(reason)[:500]))
    session.flush()


def _set_aside_unreadable(session: Session, auction_id: int, poison: PoisonEntry) -> None:
    """Repeating it is harmless: every bid's text is unique, so a text already set aside is the same entry again."""
    _recorded_sequence(session, auction_id)
    # Compared here and not in SQL, whose text comparison ignores case on MariaDB.
    known = session.scalars(select(Quarantined.raw).where(Quarantined.auction_id == auction_id))
    if _kept(poison.raw) not in set(known):
        _set_aside(session, auction_id, poison.raw, f"unreadable: {poison.reason}", sequence=None)


def _unplaced(session: Session, auction_id: int) -> Sequence[Quarantined]:
    """Unreadable entries of which it is not known which bid they were, oldest first."""
    return session.scalars(
        select(Quarantined)
        .where(Quarantined.auction_id == auction_id, Quarantined.sequence.is_(None), Quarantined.resolved_at.is_(None))
        .order_by(Quarantined.id)
    ).all()


def _place_unreadable(session: Session, auction_id: int, recorded: int, before: int) -> None:
    """The bids `recorded`+1 … `before` are missing: exactly the unreadable entries since then, or the auction stops."""
    unplaced, missing = _unplaced(session, auction_id), range(recorded + 1, before + 1)
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
