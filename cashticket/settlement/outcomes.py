"""What one person got in one finished auction; for the standing, the results and my bids. One statement, whatever the
number of bidders."""

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
    row: Any = None
    if auction.ranked_at is not None:
        row = db.session.execute(
            select(FinalRank.rank, FinalRank.line_place, FinalRank.waiting, line.gone_before(), Award)
            .outerjoin(Award, (Award.auction_id == FinalRank.auction_id) & (Award.person_id == FinalRank.person_id))
            .outerjoin(Seat, Seat.id == Award.seat_id)
            .options(contains_eager(Award.seat))
            .where(FinalRank.auction_id == auction.id, FinalRank.person_id == person_id)
        ).one_or_none()
    if row is None:
        return Outcome(AwardState.VOIDED if auction.state is State.VOIDED else "no_bid")
    rank, line_place, waiting, gone, award = row
    if award is not None:
        return Outcome(award.state, rank, award)
    if auction.state is State.VOIDED:
        return Outcome(AwardState.VOIDED, rank)
    if waiting:
        return Outcome("in_line", rank, position=line_place - gone)
    return Outcome("passed_over", rank, why=line.why_not_waiting(db.session(), auction.concert_id, person_id))
