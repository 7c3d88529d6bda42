"""Hand-over: offers a freed seat to the next in line, at that person's own bid.

A seat is free when it was awarded before and nobody holds it now. With k free seats, the first k people in line get
an offer each, the first of them the best seat; nobody else's seat changes. A seat stays unsold if the cancellation
deadline has come or the line is empty, of which the organiser is told, and waits while the line is paused. Who comes
back into a line, because a right to a seat of another auction of the concert ended, is offered a seat that stayed
unsold there. A seat that nobody ever won is not handed over.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload

from cashticket.auction import settlement_rules
from cashticket.auction.values import AwardState, NoticeKind, State
from cashticket.models import Auction, Award, Concert, Seat
from cashticket.models.news_of_people import noted_lines
from cashticket.models.units import in_one_unit
from cashticket.settlement import line, notices
from cashticket.settlement.exhausted import tell_organiser
from cashticket.settlement.issuing import change_state, issue, lock_concert_of, window_end
from cashticket.settlement.moving_up import tell_moved_up


def offer_freed(auction_id: int, now: datetime) -> list[Award]:
    """Offer all free seats of a settled auction to the next in line, in a unit of its own. Returns the offers.
    Repeating it is harmless."""

    def work(session: Session) -> list[Award]:
        concert = lock_concert_of(session, auction_id)
        if concert is None:
            return []
        lapse_expired(session, concert, now)
        offers = offer_free_seats(session, session.get_one(Auction, auction_id), concert, now)
        tell_moved_up(session, now)
        return offers

    return in_one_unit(work)


def expired(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """SQL conditions of an offered award that has expired at `now`."""
    return (Award.state == AwardState.OFFERED, Award.expires_at <= now)


@dataclass(frozen=True, slots=True)
class HandOver:
    """Awards that lapsed in a unit, and the awards by which freed seats were offered to the next in line."""

    lapsed: Sequence[Award]
    offered: Sequence[Award]

    @property
    def auction_ids(self) -> list[int]:
        """The auctions in which awards lapsed, ascending."""
        return sorted({award.auction_id for award in self.lapsed})


def lapse_expired(session: Session, concert: Concert, now: datetime) -> HandOver:
    """Lapse every expired offer of this concert and offer the freed seats. The caller holds the concert's row.

    Every unit that frees or awards seats begins with this, so that who gets a seat depends on when offers expired and
    not on when a job noticed.
    """
    lapsed = session.scalars(
        select(Award)
        .where(Award.concert_id == concert.id, *expired(now))
        .options(joinedload(Award.seat))
        .order_by(Award.auction_id, Award.seat_id)
    ).all()
    change_state(session, lapsed, AwardState.OFFERED, AwardState.LAPSED, now)
    notices.add_award_notices(session, NoticeKind.LAPSED, lapsed, now)
    offered: list[Award] = []
    hand_over = HandOver(lapsed, offered)
    for auction_id in hand_over.auction_ids:
        offered += offer_free_seats(session, session.get_one(Auction, auction_id), concert, now)
    offered += offer_to_returned(session, concert, now, beyond=hand_over.auction_ids)
    return hand_over


def offer_to_returned(session: Session, concert: Concert, now: datetime, *, beyond: Collection[int]) -> list[Award]:
    """Offer seats that stayed free to people whom this unit brought back into their lines, because it ended their right
    to a seat of another auction of the concert. The auctions `beyond` have been looked at. The caller holds the
    concert's row, and has offered the seats that it freed."""
    changed = sorted(set(noted_lines(session)) - set(beyond))
    auctions = (session.get_one(Auction, auction_id) for auction_id in changed)
    theirs = [auction for auction in auctions if auction.concert_id == concert.id]
    return [offer for auction in theirs for offer in offer_free_seats(session, auction, concert, now)]


def free_seat(session: Session, concert: Concert, award: Award, new: AwardState, now: datetime) -> list[Award]:
    """End a live award with the state `new`, and offer its seat. Returns every offer of the unit. The caller holds the
    concert's row and has looked that the award may end so."""
    # Seats whose time ran out before are offered first, as if a job had noticed at once.
    before = lapse_expired(session, concert, now).offered
    change_state(session, [award], award.state, new, now)
    offers = offer_free_seats(session, award.auction, concert, now)
    returned = offer_to_returned(session, concert, now, beyond=[award.auction_id])
    return [*before, *offers, *returned]


def offer_free_seats(session: Session, auction: Auction, concert: Concert, now: datetime) -> list[Award]:
    """Offer all free seats of the auction to the next in line, none while the line is paused, and tell the organiser of
    seats that nobody waits for. The caller holds the concert's row."""
    if auction.line_paused_at is not None:
        return []
    expires_at = window_end(now, auction.offer_hours, concert)
    free = _free_seats(session, auction.id)
    if auction.state is not State.SETTLED or expires_at is None or not free:
        return []
    waiting = line.next_in_line(session, auction.id, len(free))
    offers = [
        Award(
            auction_id=auction.id,
            concert_id=auction.concert_id,
            seat=seat,
            person_id=next_one.person_id,
            previous_id=previous_id,
            rank=next_one.rank,
            price=settlement_rules.award_price(auction.pricing, next_one.amount, next_one.amount, handed_over=True),
            offered_at=now,
            expires_at=expires_at,
        )
        for (seat, previous_id), next_one in zip(free, waiting, strict=False)
    ]
    if offers:
        issue(session, auction, offers, now)
        notices.add_award_notices(session, NoticeKind.OFFERED, offers, now)
    if left := [last for _, last in free[len(waiting) :]]:
        tell_organiser(session, auction.id, left, now)
    return offers


def _free_seats(session: Session, auction_id: int) -> Sequence[tuple[Seat, int]]:
    """Seats that were awarded before and are held by nobody, best first, each with the id of its last award."""
    # One pass over the awards of the auction leaves MariaDB no choice of an order of joins for all seats. Without the
    # hint it reads the awards of every auction when those of this one are a third of them. SQLite ignores the hint.
    free = (
        select(Award.seat_id, func.max(Award.id).label("last"))
        .with_hint(Award, "FORCE INDEX (ix_awards_auction_id)")
        .where(Award.auction_id == auction_id)
        .group_by(Award.seat_id)
        .having(func.count(Award.live) == 0)
        .subquery()
    )
    rows = session.execute(select(Seat, free.c.last).join(free, free.c.seat_id == Seat.id).order_by(Seat.number))
    return [(seat, last) for seat, last in rows]
