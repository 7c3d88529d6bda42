"""Hand-over: a freed seat goes to the next in line, as an offer at that person's own bid.

A seat is free when it was awarded before and nobody holds it now. k free seats are k offers to k people, the best
seat to the first in line; nobody else's seat changes. No time left before the cancellation deadline, or nobody left
in the line: the seat stays unsold. A seat that nobody ever won is not handed over.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from cashticket.auction import rules
from cashticket.auction.values import Pricing
from cashticket.ledger import queries
from cashticket.models import Auction, Award, Concert, Seat
from cashticket.models.units import in_one_unit
from cashticket.settlement import line, notices
from cashticket.settlement.issuing import issue, lock_concert, window_end


def offer_freed(auction_id: int, now: datetime) -> list[Award]:
    """Offer every free seat of a settled auction, in a unit of its own. Repeating it is harmless."""

    def work(session: Session) -> list[Award]:
        concert_id = session.scalar(select(Auction.concert_id).where(Auction.id == auction_id))
        if concert_id is None:
            return []
        concert = lock_concert(session, concert_id)
        return offer_in(session, session.get_one(Auction, auction_id), concert, now)

    return in_one_unit(work)


def offer_in(session: Session, auction: Auction, concert: Concert, now: datetime) -> list[Award]:
    """The same within the caller's unit, which holds the concert's row."""
    expires_at = window_end(now, auction.offer_hours, concert)
    free = _free_seats(session, auction.id)
    if auction.state != "settled" or expires_at is None or not free:
        return []
    order = queries.final_order(auction.id, session)
    ranks = {standing.person: rank for rank, standing in enumerate(order, 1)}
    waiting = rules.line(order, line.out_of_line(session, auction))
    pricing = Pricing(auction.pricing)
    offers = [
        Award(
            auction_id=auction.id,
            concert_id=auction.concert_id,
            seat=seat,
            person_id=next_one.person,
            previous_id=previous_id,
            rank=ranks[next_one.person],
            price=rules.award_price(pricing, next_one.amount, next_one.amount, handed_over=True),
            offered_at=now,
            expires_at=expires_at,
        )
        for (seat, previous_id), next_one in zip(free, waiting, strict=False)
    ]
    if offers:
        issue(session, auction, offers, now)
        notices.tell_awards(session, "offered", offers, now)
    return offers


def _free_seats(session: Session, auction_id: int) -> Sequence[tuple[Seat, int]]:
    """Seats awarded before and held by nobody, best first, each with the award that was the last on it."""
    held = aliased(Award)
    rows = session.execute(
        select(Seat, func.max(Award.id))
        .join(Award, Award.seat_id == Seat.id)
        .where(Seat.auction_id == auction_id, ~exists().where(held.seat_id == Seat.id, held.live == 1))
        .group_by(Seat.id)
        .order_by(Seat.number)
    )
    return [(seat, last) for seat, last in rows]
