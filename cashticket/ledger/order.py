"""The final order computed from recorded bids by the database: the newest bid of each person, best first, without
those whose standing was withdrawn after it.

It is read as a stream, so that the memory used does not grow with the number of bidders.
"""

from collections.abc import Iterator, Sequence

from sqlalchemy import Select, Subquery, and_, func, select
from sqlalchemy.orm import Session

from cashticket.auction.values import RankedBid
from cashticket.extensions import db
from cashticket.ledger.withdrawals import is_withdrawn
from cashticket.models import Auction, FinalRank, RecordedBid, Withdrawal

WINDOW_ROWS = 1_000
"""Rows of the order that are held in memory at once."""


def order_of_ledger(auction_id: int) -> Select[int, int, int]:
    """The statement that reads person, amount (won) and sequence of every bidder, best first."""
    newest = (
        select(func.max(RecordedBid.sequence).label("sequence"))
        .where(RecordedBid.auction_id == auction_id)
        .group_by(RecordedBid.person_id)
        .subquery()
    )
    return (
        select(RecordedBid.person_id, RecordedBid.amount, RecordedBid.sequence)
        .join(newest, and_(RecordedBid.auction_id == auction_id, RecordedBid.sequence == newest.c.sequence))
        .where(~is_withdrawn(RecordedBid))
        .order_by(RecordedBid.amount.desc(), RecordedBid.sequence)
    )


def order_windows(auction_id: int) -> Iterator[Sequence[RankedBid]]:
    """The whole order in windows of WINDOW_ROWS, as it is when the first window is read. It is read on a connection of
    its own, which is given back when the last window was read or the iterator is closed."""
    with db.engine.connect().execution_options(stream_results=True, max_row_buffer=WINDOW_ROWS) as connection:
        for rows in connection.execute(order_of_ledger(auction_id)).partitions(WINDOW_ROWS):
            yield [RankedBid(person, amount, sequence) for person, amount, sequence in rows]


def size_of_ledger(session: Session, auction_id: int) -> tuple[int, int]:
    """How many bids of the auction are recorded, and the largest id among them. Bids are only added, so the same size
    at two moments means the same bids."""
    size = select(func.count(), func.coalesce(func.max(RecordedBid.id), 0)).where(RecordedBid.auction_id == auction_id)
    count, last_id = session.execute(size).one()
    return count, last_id


def differing_rank(session: Session, auction_id: int) -> int | None:
    """The first rank at which the stored final ranks differ from the recorded bids, None if they are the same. The
    database compares all of them in one statement."""
    order = _numbered(auction_id)
    same = and_(
        FinalRank.auction_id == auction_id,
        FinalRank.rank == order.c.rank,
        FinalRank.person_id == order.c.person_id,
        FinalRank.amount == order.c.amount,
        FinalRank.sequence == order.c.sequence,
    )
    both = order.outerjoin(FinalRank.__table__, same)
    rank: int | None = session.scalar(select(func.min(order.c.rank)).select_from(both).where(FinalRank.rank.is_(None)))
    if rank is not None:
        return rank
    stored = session.scalar(select(func.max(FinalRank.rank)).where(FinalRank.auction_id == auction_id)) or 0
    bidders = count_bidders(session, auction_id)
    return None if stored == bidders else bidders + 1


def count_bidders(session: Session, auction_id: int) -> int:
    """How many people stand in the auction with a recorded bid."""
    people = select(func.count(func.distinct(RecordedBid.person_id))).where(RecordedBid.auction_id == auction_id)
    later = and_(
        RecordedBid.auction_id == auction_id,
        RecordedBid.person_id == Withdrawal.person_id,
        RecordedBid.sequence > Withdrawal.sequence,
    )
    withdrawn = select(func.count(func.distinct(Withdrawal.person_id))).where(
        Withdrawal.auction_id == auction_id, ~select(RecordedBid.id).where(later).exists()
    )
    return (session.scalar(people) or 0) - (session.scalar(withdrawn) or 0)


def amount_at(auction: Auction, rank: int) -> int | None:
    """The amount (won) of the bid at this rank, None when fewer people have bid. Before the final ranks count, the
    database sorts all bids for it."""
    if auction.ranked_at is not None:
        final = select(FinalRank.amount).where(FinalRank.auction_id == auction.id, FinalRank.rank == rank)
        return db.session.scalar(final)
    row = db.session.execute(order_of_ledger(auction.id).offset(rank - 1).limit(1)).one_or_none()
    return None if row is None else row.amount


def _numbered(auction_id: int) -> Subquery:
    order = order_of_ledger(auction_id).order_by(None).subquery()
    rank = func.row_number().over(order_by=(order.c.amount.desc(), order.c.sequence)).label("rank")
    return select(rank, order.c.person_id, order.c.amount, order.c.sequence).subquery()
