"""The line behind the winners: who is passed over and why, and who waits for a freed seat.

Reads only. Every settlement and every hand-over asks again who is passed over.
"""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from cashticket.auction import settlement_rules
from cashticket.auction.values import RankedBid, State
from cashticket.extensions import db
from cashticket.models import Auction, Award, Person, RecordedBid

HOLDS_TICKET = "holds_ticket"
ACCOUNT = "account"


def passed_over(session: Session, auction: Auction) -> dict[int, str]:
    """Bidders who may not be awarded a seat now, each with the reason: HOLDS_TICKET or ACCOUNT (blocked or closed)."""
    barred = select(Person.id).where(
        or_(Person.blocked_at.is_not(None), Person.closed_at.is_not(None)),
        Person.id.in_(select(RecordedBid.person_id).where(RecordedBid.auction_id == auction.id)),
    )
    holders = select(Award.person_id).where(Award.concert_id == auction.concert_id, Award.live == 1)
    return dict.fromkeys(session.scalars(barred), ACCOUNT) | dict.fromkeys(session.scalars(holders), HOLDS_TICKET)


def out_of_line(session: Session, auction: Auction) -> set[int]:
    """Everybody who cannot be offered a freed seat now: people with an award of this auction in any state, and people
    passed over."""
    awarded = session.scalars(select(Award.person_id).where(Award.auction_id == auction.id))
    return set(awarded) | set(passed_over(session, auction))


def position(auction: Auction, order: Sequence[RankedBid], person_id: int) -> int | None:
    """A person's position in the line of a settled auction, from 1; None if not in it. `order` is the final order."""
    if auction.state is not State.SETTLED:
        return None
    return settlement_rules.line_position(order, out_of_line(db.session(), auction), person_id)
