"""Hand-over: a freed seat goes to the next in line, as an offer at that person's own bid.

A seat is free when it was awarded before and nobody holds it now. k free seats are k offers to k people, the best
seat to the first in line; nobody else's seat changes. No time left before the cancellation deadline, or nobody left
in the line: the seat stays unsold. A seat that nobody ever won is not handed over.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from cashticket.auction import settlement_rules
from cashticket.auction.values import AwardState, NoticeKind, State
from cashticket.ledger import queries
from cashticket.models import Auction, Award, Concert, Seat
from cashticket.models.units import in_one_unit
from cashticket.settlement import line, notices
from cashticket.settlement.issuing import change, issue, lock_concert, window_end


def offer_freed(auction_id: int, now: datetime) -> list[Award]:
    """Offer every free seat of a settled auction, in a unit of its own. Repeating it is harmless."""

    def work(session: Session) -> list[Award]:
        concert_id = session.scalar(select(Auction.concert_id).where(Auction.id == auction_id))
        if concert_id is None:
            return []
        concert = lock_concert(session, concert_id)
        lapse_expired(session, concert, now)
        return offer_free_seats(session, session.get_one(Auction, auction_id), concert, now)

    return in_one_unit(work)


def expired(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """The conditions of an award whose clock has run out at `now`."""
    return (Award.state == AwardState.OFFERED, Award.expires_at <= now)


def lapse_expired(session: Session, concert: Concert, now: datetime) -> list[int]:
    """Do first what time has done already: let the concert's expired awards lapse and offer their seats; in which
    auctions. Called at the start of every unit that frees or awards seats, so that who gets a seat depends on when
    awards ran out, not on when somebody looked. The caller's unit holds the concert's row."""
    lapsed = session.scalars(
        select(Award)
        .where(Award.concert_id == concert.id, *expired(now))
        .options(joinedload(Award.seat))
        .order_by(Award.auction_id, Award.seat_id)
    ).all()
    change(session, lapsed, AwardState.OFFERED, AwardState.LAPSED, now)
    notices.tell_awards(session, NoticeKind.LAPSED, lapsed, now)
    auction_ids = sorted({award.auction_id for award in lapsed})
    for auction_id in auction_ids:
        offer_free_seats(session, session.get_one(Auction, auction_id), concert, now)
    return auction_ids


def offer_free_seats(session: Session, auction: Auction, concert: Concert, now: datetime) -> list[Award]:
    """The same within the caller's unit, which holds the concert's row."""
    expires_at = window_end(now, auction.offer_hours, concert)
    free = _free_seats(session, auction.id)
    if auction.state is not State.SETTLED or expires_at is None or not free:
        return []
    order = queries.final_order(auction.id, session)
    ranks = {standing.person: rank for rank, standing in enumerate(order, 1)}
    waiting = settlement_rules.line(order, line.out_of_line(session, auction))
    pricing = auction.pricing
    offers = [
        Award(
            auction_id=auction.id,
            concert_id=auction.concert_id,
            seat=seat,
            person_id=next_one.person,
            previous_id=previous_id,
            rank=ranks[next_one.person],
            price=settlement_rules.award_price(pricing, next_one.amount, next_one.amount, handed_over=True),
            offered_at=now,
            expires_at=expires_at,
        )
        for (seat, previous_id), next_one in zip(free, waiting, strict=False)
    ]
    if offers:
        issue(session, auction, offers, now)
        notices.tell_awards(session, NoticeKind.OFFERED, offers, now)
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
