"""The public record of a finished auction: every accepted bid by alias, as everybody may read it.

Rows are read by ranges of sequences, so that each page costs the same wherever it stands. Nothing among them says who
somebody is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, contains_eager

from cashticket.auction.aliases import alias
from cashticket.auction.end_moves import EndWalk, Shift
from cashticket.extensions import db
from cashticket.ledger.end_moves import first_end, shifts_of
from cashticket.ledger.withdrawals import WithdrawnRow, withdrawals_of
from cashticket.models import Auction, FinalRank, GivenUpBid, RecordedBid, Withdrawal

PAGE_NUMBERS = 50
"""Sequences on one page."""


@dataclass(frozen=True, slots=True)
class PublicRecord:
    """An auction as its record shows it, with its concert. `last` is the highest sequence that was given, `given_up`
    the number of answered bids that could not be kept, `withdrawn` that of withdrawals, `first_end_ms` the end that was
    announced at first."""

    auction: Auction
    auction_id: int
    salt: str
    soft_close_ms: int
    is_ranked: bool
    last: int
    given_up: int
    withdrawn: int
    first_end_ms: int
    shifts: tuple[Shift, ...]

    @property
    def pages(self) -> int:
        """The number of pages, at least 1."""
        return max(1, page_of(self.last))


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One accepted bid. `rank` and `cutoff` (won) are those right after it, `ends_at_ms` is the end then, and
    `moved_ms` how far this bid moved it. `final_rank` is None unless the bid stood at the end.

    A bid that was answered and could not be kept has neither rank nor cut-off, and `is_kept` is False. A row with
    `is_withdrawal` is no bid: the standing of this amount was taken out of the order. Its `rank` is the one it had.
    """

    sequence: int
    alias: str
    nth: int
    amount: int
    at_ms: int
    rank: int | None = None
    final_rank: int | None = None
    cutoff: int | None = None
    ends_at_ms: int | None = None
    moved_ms: int = 0
    is_kept: bool = True
    is_withdrawal: bool = False


def page_of(sequence: int) -> int:
    """The number of the page that shows a sequence, from 1; 0 for sequence 0."""
    return -(-sequence // PAGE_NUMBERS)


def numbers_of(page: int) -> tuple[int, int]:
    """The first and the last sequence of a page, from 1."""
    return (page - 1) * PAGE_NUMBERS + 1, page * PAGE_NUMBERS


def record_of(auction_id: int) -> PublicRecord | None:
    """The record of an auction, whatever its state; None if the ledger has no such auction. Three statements."""
    of_auction = GivenUpBid.auction_id == auction_id
    given_up = select(func.count(GivenUpBid.id)).where(of_auction).scalar_subquery()
    highest = select(func.max(GivenUpBid.sequence)).where(of_auction).scalar_subquery()
    taken_out = select(func.count(Withdrawal.id)).where(Withdrawal.auction_id == auction_id).scalar_subquery()
    row = db.session.execute(
        select(Auction, given_up, highest, taken_out)
        .join(Auction.concert)
        .options(contains_eager(Auction.concert))
        .where(Auction.id == auction_id)
    ).one_or_none()
    if row is None:
        return None
    auction, lost, last_lost, withdrawn = row
    shifts = shifts_of(auction_id)
    return PublicRecord(
        auction,
        auction_id=auction_id,
        salt=auction.alias_salt,
        soft_close_ms=auction.soft_close_seconds * 1000,
        is_ranked=auction.ranked_at is not None,
        last=max(auction.recorded_sequence, last_lost or 0),
        given_up=lost,
        withdrawn=withdrawn,
        first_end_ms=first_end(auction, shifts),
        shifts=tuple(shifts),
    )


def page(record: PublicRecord, number: int) -> list[RecordRow]:
    """The rows of page `number`, from 1, in sequence. At most four statements."""
    first, last = numbers_of(number)
    before = select(RecordedBid.ends_at_ms).where(
        RecordedBid.auction_id == record.auction_id, RecordedBid.sequence < first
    )
    ends_at_ms = db.session.scalar(before.order_by(RecordedBid.sequence.desc()).limit(1)) if first > 1 else None
    walk = EndWalk(ends_at_ms or record.first_end_ms, record.shifts, record.soft_close_ms)
    return rows_of(db.session(), record, first, last, walk)


def rows_of(session: Session, record: PublicRecord, first: int, last: int, walk: EndWalk) -> list[RecordRow]:
    """The rows `first` to `last` in sequence; `walk` has gone along all before. At most three statements."""
    stood = (
        (FinalRank.auction_id == RecordedBid.auction_id)
        & (FinalRank.person_id == RecordedBid.person_id)
        & (FinalRank.sequence == RecordedBid.sequence)
    )
    bids = session.execute(
        select(
            RecordedBid.sequence,
            RecordedBid.person_id,
            RecordedBid.nth,
            RecordedBid.amount,
            RecordedBid.at_ms,
            RecordedBid.ends_at_ms,
            RecordedBid.rank,
            RecordedBid.cutoff,
            FinalRank.rank.label("final_rank"),
        )
        .outerjoin(FinalRank, stood)
        .where(RecordedBid.auction_id == record.auction_id, RecordedBid.sequence.between(first, last))
        .order_by(RecordedBid.sequence)
    )
    rows = [_row(record, bid, walk) for bid in bids]
    if record.withdrawn:
        rows += _withdrawals(session, record, first, last)
    if record.given_up:
        rows += [_lost_row(record, bid) for bid in _given_up(session, record.auction_id, first, last)]
    return sorted(rows, key=lambda row: (row.sequence, not row.is_kept))


def _row(record: PublicRecord, bid: Any, walk: EndWalk) -> RecordRow:
    return RecordRow(
        sequence=bid.sequence,
        alias=alias(record.salt, record.auction_id, bid.person_id),
        nth=bid.nth,
        amount=bid.amount,
        at_ms=bid.at_ms,
        rank=bid.rank,
        final_rank=bid.final_rank if record.is_ranked else None,
        cutoff=bid.cutoff,
        ends_at_ms=bid.ends_at_ms,
        moved_ms=walk.moved_by(bid.sequence, bid.at_ms, bid.ends_at_ms),
    )


def _withdrawals(session: Session, record: PublicRecord, first: int, last: int) -> list[RecordRow]:
    within = Withdrawal.sequence.between(first, last)
    return [_withdrawal_row(record, each) for each in withdrawals_of(record.auction_id, within, session=session)]


def _withdrawal_row(record: PublicRecord, row: WithdrawnRow) -> RecordRow:
    name = alias(record.salt, record.auction_id, row.person_id)
    shown = RecordRow(row.sequence, name, row.nth, row.amount, row.at_ms, is_withdrawal=True)
    return replace(shown, rank=row.rank, cutoff=row.cutoff, ends_at_ms=row.ends_at_ms)


def _lost_row(record: PublicRecord, bid: GivenUpBid) -> RecordRow:
    name = alias(record.salt, record.auction_id, bid.person_id)
    return RecordRow(bid.sequence, name, bid.nth, bid.amount, bid.at_ms, is_kept=False)


def _given_up(session: Session, auction_id: int, first: int, last: int) -> Iterator[GivenUpBid]:
    rows = select(GivenUpBid).where(GivenUpBid.auction_id == auction_id, GivenUpBid.sequence.between(first, last))
    yield from session.scalars(rows.order_by(GivenUpBid.sequence, GivenUpBid.id))
