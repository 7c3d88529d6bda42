"""Records the accepted bids that wait in the list of an auction, each exactly once.

Fence, insert, commit, trim. The auction's `recorded_sequence` is moved first, in the same transaction as the rows,
and only from the value that was read: two drains, a crash at any step, or a whole repeat change nothing. What cannot
be recorded is quarantined with the reason and never guessed; an unexplained gap stops that auction.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from sqlalchemy import insert, select, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from cashticket.auction.values import UNFINISHED_STATES, Bid, Entry, PoisonEntry, State
from cashticket.ledger import withdrawals
from cashticket.ledger.bid_rows import bid_of, row_of, text_of
from cashticket.ledger.displacements import notify_displaced, notify_displaced_if_possible
from cashticket.ledger.fence import Contradiction, Overtaken, move_fence, recorded_through
from cashticket.ledger.setting_aside import (
    bids_set_aside,
    place_unreadable,
    set_aside,
    set_aside_unreadable,
    unplaced_entries,
)
from cashticket.ledger.withdrawals import is_withdrawal
from cashticket.locale import to_moment
from cashticket.logs.failures import failure_text
from cashticket.models import Auction, RecordedBid
from cashticket.models.units import in_one_unit


class Source(Protocol):
    """Where accepted bids wait; the engine is one."""

    def peek(self, auction_id: int, count: int) -> list[Entry | PoisonEntry]: ...

    def trim(self, auction_id: int, through_sequence: int) -> int: ...

    def discard(self, auction_id: int, raw: str) -> bool: ...


InsertRows = Callable[[Session, int, Sequence[Entry]], None]


def record_waiting(source: Source, auction_id: int, batch: int = 500) -> int:
    """Record the oldest waiting bids of an auction, at most `batch`. Returns how many entries left the list, 0 when
    none waits.

    Raises LedgerGap, and whatever the source or the database raise while they are away; then call it again.
    """
    entries = source.peek(auction_id, batch)
    if not entries:
        return 0
    head = entries[0]
    if isinstance(head, PoisonEntry):
        return _set_aside_head(source, auction_id, head)
    readable = list(_readable(entries))
    return source.trim(auction_id, _commit_entries(auction_id, readable))


def _set_aside_head(source: Source, auction_id: int, head: PoisonEntry) -> int:
    in_one_unit(lambda session: set_aside_unreadable(session, auction_id, head))
    return int(source.discard(auction_id, head.raw))


def record_end(auction_id: int, ends_at_ms: int, final_sequence: int) -> bool:
    """Mark the auction closing, with the end that was in force; called once the engine has closed it and the list is
    empty. Unplaced entries get the last missing numbers. Returns False, with nothing changed, while a bid up to
    `final_sequence` is missing. Raises LedgerGap."""

    def unit(session: Session) -> bool:
        recorded = recorded_through(session, auction_id)
        if final_sequence > recorded:
            if len(unplaced_entries(session, auction_id)) != final_sequence - recorded:
                return False
            move_fence(session, auction_id, recorded, final_sequence)
        place_unreadable(session, auction_id, recorded, final_sequence)
        end = update(Auction).where(Auction.id == auction_id, Auction.state.in_(UNFINISHED_STATES))
        session.execute(end.values(ends_at=to_moment(ends_at_ms), state=State.CLOSING))
        return True

    return in_one_unit(unit)


def _commit_entries(auction_id: int, entries: Sequence[Entry]) -> int:
    """Commit the new ones of `entries`, given in list order. Returns the sequence up to which the list may be
    trimmed. Raises Contradiction, also after the commit, when an entry must not be trimmed."""
    through = _commit_new(auction_id, entries)
    _check_doubled(auction_id, [entry for entry in entries if entry.sequence <= through])
    return through


def _commit_new(auction_id: int, entries: Sequence[Entry]) -> int:
    while True:
        try:
            return in_one_unit(lambda session: _write_entries(session, auction_id, entries, insert_rows=_insert_all))
        except Overtaken:
            continue
        except (IntegrityError, DataError):
            # The schema refuses one of them: write them again row by row and quarantine what is refused.
            return in_one_unit(lambda session: _write_entries(session, auction_id, entries, insert_rows=_insert_each))


def _write_entries(session: Session, auction_id: int, entries: Sequence[Entry], insert_rows: InsertRows) -> int:
    """Move the fence and insert the contiguous run of new entries. Returns the last recorded sequence."""
    recorded = recorded_through(session, auction_id)
    _check_repeats(session, auction_id, [entry for entry in entries if entry.sequence <= recorded])
    run = list(_contiguous(entry for entry in entries if entry.sequence > recorded))
    if not run:
        return recorded
    first, last = run[0].sequence, run[-1].sequence
    move_fence(session, auction_id, recorded, last, ends_at_ms=max(entry.ends_at_ms for entry in run))
    place_unreadable(session, auction_id, recorded, first - 1)
    insert_rows(session, auction_id, run)
    return last


def _readable(entries: Sequence[Entry | PoisonEntry]) -> Iterator[Entry]:
    for entry in entries:
        if isinstance(entry, PoisonEntry):
            return
        yield entry


def _check_repeats(session: Session, auction_id: int, repeats: Sequence[Entry]) -> None:
    """Raise Contradiction if an entry differs from the bid that has its sequence in the ledger: recorded, or set
    aside with its text. A number that was given up, or set aside unreadable, belongs to no readable entry."""
    numbers = [entry.sequence for entry in repeats]
    if not numbers:
        return
    rows = select(RecordedBid).where(RecordedBid.auction_id == auction_id, RecordedBid.sequence.in_(numbers))
    owners = bids_set_aside(session, auction_id, numbers)
    owners |= {bid.sequence: bid_of(bid) for bid in session.scalars(rows)}
    owners |= {row.sequence: bid_of(row) for row in withdrawals.numbered(auction_id, numbers, session)}
    contradicting = [entry for entry in repeats if owners.get(entry.sequence) != bid_of(entry)]
    if contradicting:
        raise Contradiction(auction_id, contradicting)


def _check_doubled(auction_id: int, entries: Sequence[Entry]) -> None:
    """Raise Contradiction if two of these recorded entries have one number and differ: trimming would drop both."""
    owners: dict[int, Bid] = {}
    doubled = [entry for entry in entries if owners.setdefault(entry.sequence, bid_of(entry)) != bid_of(entry)]
    if doubled:
        raise Contradiction(auction_id, doubled)


def _contiguous(entries: Iterator[Entry]) -> Iterator[Entry]:
    expected = None
    for entry in entries:
        if expected is not None and entry.sequence != expected:
            return
        expected = entry.sequence + 1
        yield entry


def _insert_all(session: Session, auction_id: int, run: Sequence[Entry]) -> None:
    bids = [entry for entry in run if not is_withdrawal(entry)]
    if bids:
        session.execute(insert(RecordedBid), [row_of(auction_id, entry) for entry in bids])
    notify_displaced(session, auction_id, bids)
    taken_out = list(filter(is_withdrawal, run))
    withdrawals.insert_withdrawals(session, auction_id, taken_out)
    withdrawals.tell_brought_in(session, auction_id, taken_out)


def insert_entry(session: Session, auction_id: int, entry: Entry) -> None:
    """Write one bid or withdrawal. Raises IntegrityError and DataError when the schema refuses it."""
    if is_withdrawal(entry):
        withdrawals.insert_withdrawals(session, auction_id, [entry])
    else:
        session.execute(insert(RecordedBid), [row_of(auction_id, entry)])


def _insert_each(session: Session, auction_id: int, run: Sequence[Entry]) -> None:
    for entry in run:
        try:
            with session.begin_nested():
                insert_entry(session, auction_id, entry)
        except (IntegrityError, DataError) as error:
            reason = f"the ledger refuses it: {failure_text(error)}"
            set_aside(session, auction_id, text_of(entry), reason, entry.sequence)
        else:
            tell = withdrawals.tell_brought_in_if_possible if is_withdrawal(entry) else notify_displaced_if_possible
            tell(session, auction_id, entry)
