"""Recorded bids in windows, as plain rows, for those who read all bids of an auction with bounded memory.

Recorded bids never change, so windows may be read in separate transactions. Every function reads in the request's
session.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import func, select

from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.ledger.withdrawals import merged, numbered, withdrawals_of
from cashticket.models import Auction, Notification, RecordedBid, Withdrawal

BIDS_MAX = 5_000
"""Bids that one statement reads at most."""

NOTICES_MAX = 5_000

BidRow = Any
"""Values of one bid under the names of COLUMNS."""

COLUMNS = (
    RecordedBid.sequence,
    RecordedBid.person_id,
    RecordedBid.nth,
    RecordedBid.amount,
    RecordedBid.at_ms,
    RecordedBid.request_id,
    RecordedBid.ends_at_ms,
    RecordedBid.rank,
    RecordedBid.cutoff,
    RecordedBid.displaced_id,
    RecordedBid.alert,
)


def bids_between(auction_id: int, after: int, through: int, count: int = BIDS_MAX) -> Iterator[Sequence[BidRow]]:
    """Yield the bids with sequences above `after` up to `through` in windows of `count`, in sequence, with the
    withdrawals, which are few, among them."""
    within = (Withdrawal.sequence > after, Withdrawal.sequence <= through)
    withdrawn = withdrawals_of(auction_id, *within) if after < through else []
    while after < through:
        rows = db.session.execute(
            select(*COLUMNS)
            .where(RecordedBid.auction_id == auction_id, RecordedBid.sequence > after, RecordedBid.sequence <= through)
            .order_by(RecordedBid.sequence)
            .limit(count)
        ).all()
        if not rows:
            break
        after = rows[-1].sequence
        yield merged(rows, [each for each in withdrawn if each.sequence < after])
        withdrawn = [each for each in withdrawn if each.sequence > after]
    if withdrawn:
        yield withdrawn


def bids_of_people(auction_id: int, people: Sequence[int], through: int) -> Sequence[BidRow]:
    """The bids and withdrawals of these people with sequences up to `through`, in sequence. The caller bounds
    `people`."""
    of = (Withdrawal.person_id.in_(people), Withdrawal.sequence <= through)
    bids = db.session.execute(
        select(*COLUMNS)
        .where(
            RecordedBid.auction_id == auction_id,
            RecordedBid.person_id.in_(people),
            RecordedBid.sequence <= through,
        )
        .order_by(RecordedBid.sequence)
    ).all()
    return merged(bids, withdrawals_of(auction_id, *of))


def bids_numbered(auction_id: int, numbers: Sequence[int], count: int = BIDS_MAX) -> Iterator[BidRow]:
    """Yield the bids and withdrawals that have these sequences, asked for in windows of `count`."""
    for first in range(0, len(numbers), count):
        window = RecordedBid.sequence.in_(numbers[first : first + count])
        yield from db.session.execute(select(*COLUMNS).where(RecordedBid.auction_id == auction_id, window))
        yield from numbered(auction_id, numbers[first : first + count])


def last_bids(auction_id: int, count: int) -> Sequence[BidRow]:
    """The last `count` bids, the newest first."""
    newest = select(*COLUMNS).where(RecordedBid.auction_id == auction_id).order_by(RecordedBid.sequence.desc())
    return db.session.execute(newest.limit(count)).all()


def bid_count(auction_id: int) -> int:
    """How many bids the ledger has."""
    return db.session.scalar(select(func.count()).where(RecordedBid.auction_id == auction_id)) or 0


def bids_past_the_fence(auction_id: int, count: int) -> Sequence[int]:
    """The lowest `count` sequences in the ledger above the auction's `recorded_sequence`; there should be none."""
    past = (
        select(RecordedBid.sequence)
        .join(Auction, Auction.id == RecordedBid.auction_id)
        .where(RecordedBid.auction_id == auction_id, RecordedBid.sequence > Auction.recorded_sequence)
        .order_by(RecordedBid.sequence)
        .limit(count)
    )
    return db.session.scalars(past).all()


def rank_out_notices(auction_id: int, after_id: int = 0) -> Iterator[Sequence[Any]]:
    """Yield rows of `id`, `occasion` and `is_right` in windows, for each notice of a displacement with an id above
    `after_id`: the sequence of the bid that it names, and whether that bid displaced the person and called for it."""
    bid = RecordedBid
    while True:
        rows = db.session.execute(
            select(
                Notification.id,
                Notification.occasion,
                ((bid.displaced_id == Notification.person_id) & bid.alert).label("is_right"),
            )
            .outerjoin(bid, (bid.auction_id == Notification.auction_id) & (bid.sequence == Notification.occasion))
            .where(
                Notification.auction_id == auction_id,
                Notification.kind == NoticeKind.RANK_OUT,
                Notification.id > after_id,
            )
            .order_by(Notification.id)
            .limit(NOTICES_MAX)
        ).all()
        if not rows:
            return
        after_id = rows[-1].id
        yield rows


def moments_between(auction_id: int, after_ms: int, before_ms: int) -> Sequence[int]:
    """When the bids of an auction were accepted that came between these moments (ms)."""
    of_auction = RecordedBid.auction_id == auction_id
    within = (of_auction, RecordedBid.at_ms > after_ms, RecordedBid.at_ms < before_ms)
    return db.session.scalars(select(RecordedBid.at_ms).where(*within)).all()
