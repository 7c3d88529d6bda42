"""What one person got in one finished auction; for the standing, the results and my bids."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from cashticket.auction import rules
from cashticket.auction.values import AwardState, RankedBid, State
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.models import Auction, Award
from cashticket.settlement import line


@dataclass(frozen=True, slots=True)
class Outcome:
    """`kind` is the state of the person's award, or in_line (with `position`), passed_over (with `why`: holds_ticket or
    account), out_of_line or no_bid. `rank` is the final rank."""

    kind: str
    rank: int | None = None
    award: Award | None = None
    position: int | None = None
    why: str | None = None


def outcome_of(auction: Auction, person_id: int) -> Outcome:
    """The outcome of a settled or voided auction for a person. Reads the final order of all bidders."""
    order = queries.final_order(auction.id)
    rank = rules.rank(order, person_id)
    own = select(Award).where(Award.auction_id == auction.id, Award.person_id == person_id)
    award = db.session.scalar(own.options(joinedload(Award.seat)))
    if award is not None:
        return Outcome(award.state, rank, award)
    if auction.state is State.VOIDED:
        return Outcome(AwardState.VOIDED, rank)
    if rank is None:
        return Outcome("no_bid")
    return _without_award(auction, person_id, order, rank)


def _without_award(auction: Auction, person_id: int, order: list[RankedBid], rank: int) -> Outcome:
    why = line.passed_over(db.session(), auction).get(person_id)
    if why is not None:
        return Outcome("passed_over", rank, why=why)
    position = line.position(auction, order, person_id)
    return Outcome("in_line" if position else "out_of_line", rank, position=position)
