"""Reads of the results of finished auctions, in pages of final ranks. A read costs the same whatever the size."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import contains_eager

from cashticket.auction.values import AwardState
from cashticket.extensions import db
from cashticket.models import Auction, Award, AwardEvent, FinalRank, Outage, Seat
from cashticket.models.reading_copy import require

PAGE_ROWS = 50
"""Final ranks on one page."""

SAME_ALIAS_MAX = 5
"""Two people of one concert may have the same alias by chance; more than a few never do."""


@dataclass(frozen=True, slots=True)
class Finished:
    """An auction as its results show it, with its concert. `bidders` is the number of final ranks, 0 before they count;
    `changes` is the number of the last change of its awards: with the state it names everything in the results that can
    still change. `outages` counts them."""

    auction: Auction
    bidders: int
    changes: int
    outages: int

    @property
    def pages(self) -> int:
        """The number of pages, at least 1."""
        return max(1, page_of(self.bidders))


@dataclass(frozen=True, slots=True)
class Result:
    """One final rank, and the seat if one was awarded. `person` is never shown to others; `awarded` is the state of
    the award, None without one. Amounts and prices are in won."""

    rank: int
    person: int
    alias: str
    amount: int
    sequence: int
    seat: str | None
    price: int | None
    awarded: AwardState | None


def page_of(rank: int) -> int:
    """The number of the page that shows a final rank, from 1; 0 for rank 0."""
    return -(-rank // PAGE_ROWS)


def finished(auction_id: int) -> Finished | None:
    """The auction, whatever its state; None if the ledger has none. One statement."""
    bidders = select(func.max(FinalRank.rank)).where(FinalRank.auction_id == auction_id).scalar_subquery()
    outages = select(func.max(Outage.number)).where(Outage.auction_id == auction_id).scalar_subquery()
    row = db.session.execute(
        select(Auction, bidders, _changes(auction_id), outages)
        .join(Auction.concert)
        .options(contains_eager(Auction.concert))
        .where(Auction.id == auction_id)
    ).one_or_none()
    if row is None:
        return None
    auction, ranked, changed, moved = row
    return Finished(auction, ranked or 0 if auction.ranked_at is not None else 0, changed or 0, moved or 0)


def results(auction_id: int, first: int, last: int, finished: Finished | None = None) -> list[Result]:
    """The final ranks `first` to `last` with seats and prices. The award is the person's own, in any state. One
    statement, however many ranks. They are at least as new as `finished`."""
    rows = db.session.execute(
        select(
            FinalRank.rank,
            FinalRank.person_id,
            FinalRank.alias,
            FinalRank.amount,
            FinalRank.sequence,
            Seat.label,
            Award.price,
            Award.state,
            _changes(auction_id),
        )
        .outerjoin(Award, (Award.auction_id == FinalRank.auction_id) & (Award.person_id == FinalRank.person_id))
        .outerjoin(Seat, Seat.id == Award.seat_id)
        .where(FinalRank.auction_id == auction_id, FinalRank.rank.between(first, last))
        .order_by(FinalRank.rank)
    ).all()
    if finished is not None:
        require(len(rows) == max(0, min(last, finished.bidders) - first + 1))
        require(all((row[-1] or 0) >= finished.changes for row in rows[:1]))
    return [Result(*row[:-1]) for row in rows]


def _changes(auction_id: int) -> ScalarSelect[Any]:
    return select(func.max(AwardEvent.number)).where(AwardEvent.auction_id == auction_id).scalar_subquery()


def page(auction_id: int, number: int, finished: Finished) -> list[Result]:
    """The rows of page `number`, from 1, at least as new as `finished`."""
    return results(auction_id, (number - 1) * PAGE_ROWS + 1, number * PAGE_ROWS, finished)


def ranks_of_alias(auction_id: int, alias: str) -> Sequence[int]:
    """The final ranks of the people with this alias, best first; almost always one or none."""
    rows = select(FinalRank.rank).where(FinalRank.auction_id == auction_id, FinalRank.alias == alias)
    return db.session.scalars(rows.order_by(FinalRank.rank).limit(SAME_ALIAS_MAX)).all()
