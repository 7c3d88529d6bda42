"""What one person got in finished auctions; for the standing, the outcome beside the results, and my bids. One
statement, whatever the number of bidders and of auctions."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from cashticket.auction.values import AwardState, State
from cashticket.extensions import db
from cashticket.models import Auction, Award, FinalRank, Seat
from cashticket.settlement import line


@dataclass(frozen=True, slots=True)
class Outcome:
    """`kind` is the state of the person's award, or in_line (with `position`), passed_over (with `why`: holds_ticket or
    account) or no_bid. `rank` is the final rank."""

    kind: str
    rank: int | None = None
    award: Award | None = None
    position: int | None = None
    why: str | None = None


def outcome_of(auction: Auction, person_id: int) -> Outcome:
    """The outcome of a settled or voided auction for a person."""
    return outcomes_of([auction], person_id)[auction.id]


def outcomes_of(auctions: Iterable[Auction], person_id: int) -> dict[int, Outcome]:
    """The outcome of each of these settled or voided auctions for a person, by auction."""
    finished = list(auctions)
    rows = _rows({auction.id for auction in finished if auction.ranked_at is not None}, person_id)
    return {auction.id: _outcome(auction, rows.get(auction.id)) for auction in finished}


def _rows(ranked: Collection[int], person_id: int) -> dict[int, Any]:
    if not ranked:
        return {}
    place = (FinalRank.rank, FinalRank.line_place, FinalRank.waiting, line.gone_before())
    rows = db.session.execute(
        select(FinalRank.auction_id, *place, line.holds_ticket(), Award)
        .join(Auction, Auction.id == FinalRank.auction_id)
        .outerjoin(Award, (Award.auction_id == FinalRank.auction_id) & (Award.person_id == FinalRank.person_id))
        .outerjoin(Seat, Seat.id == Award.seat_id)
        .options(contains_eager(Award.seat))
        .where(FinalRank.auction_id.in_(ranked), FinalRank.person_id == person_id)
    )
    return {row[0]: row[1:] for row in rows}


def _outcome(auction: Auction, row: Any) -> Outcome:
    if row is None:
        return Outcome(AwardState.VOIDED if auction.state is State.VOIDED else "no_bid")
    rank, line_place, waiting, gone, holds_ticket, award = row
    if award is not None:
        return Outcome(award.state, rank, award)
    if auction.state is State.VOIDED:
        return Outcome(AwardState.VOIDED, rank)
    if waiting:
        return Outcome("in_line", rank, position=line_place - gone)
    return Outcome("passed_over", rank, why=line.HOLDS_TICKET if holds_ticket else line.ACCOUNT)
