"""What became of one person in one finished auction, for the pages that say it: standing, results, my bids."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from cashticket.auction.values import AwardState, State
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.models import Auction, Award
from cashticket.settlement import line


@dataclass(frozen=True, slots=True)
class Outcome:
    """`kind` is an award's state (offered, bought, declined, lapsed, cancelled, voided), or in_line (`position` tells
    which), passed_over (`why` is holds_ticket or account), out_of_line, or no_bid. `rank` is the final rank."""

    kind: str
    rank: int | None = None
    award: Award | None = None
    position: int | None = None
    why: str | None = None


def outcome_of(auction: Auction, person_id: int) -> Outcome:
    """The outcome of a settled or voided auction for a person. A few SQL statements."""
    order = queries.final_order(auction.id)
    rank = next((rank for rank, standing in enumerate(order, 1) if standing.person == person_id), None)
    mine = select(Award).where(Award.auction_id == auction.id, Award.person_id == person_id)
    award = db.session.scalar(mine.options(joinedload(Award.seat)))
    if award is not None:
        return Outcome(award.state, rank, award)
    if auction.state is State.VOIDED:
        return Outcome(AwardState.VOIDED, rank)
    if rank is None:
        return Outcome("no_bid")
    return _without_award(auction, person_id, rank)


def _without_award(auction: Auction, person_id: int, rank: int) -> Outcome:
    why = line.passed_over(db.session(), auction).get(person_id)
    if why is not None:
        return Outcome("passed_over", rank, why=why)
    position = line.position(auction.id, person_id)
    return Outcome("in_line" if position else "out_of_line", rank, position=position)
