"""What holders do with their awards: buy, decline, cancel; and what time does: let lapse.

Each move holds the concert's row and is a conditional update from the one state it starts in, so it happens once,
however often and from wherever it is asked. A move that frees the seat offers it to the next in line in the same
unit. Doing the same again is harmless and answers the same.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from cashticket.auction.values import AwardState
from cashticket.extensions import db
from cashticket.models import Auction, Award, Concert
from cashticket.models.units import in_one_unit
from cashticket.settlement.handover import expired, lapse_expired, offer_free_seats
from cashticket.settlement.issuing import CHANGING, change, lock_concert


class AwardNotFound(LookupError):
    """There is no such award of this person; other people's awards are not told apart from missing ones."""


class NotAllowed(Exception):
    """The move is not open. `reason`: expired, declined, lapsed, cancelled, voided, bought, not_bought, too_late,
    blocked."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class _Move:
    old: AwardState
    new: AwardState


BUY = _Move(AwardState.OFFERED, AwardState.BOUGHT)
DECLINE = _Move(AwardState.OFFERED, AwardState.DECLINED)
CANCEL = _Move(AwardState.BOUGHT, AwardState.CANCELLED)


def buy(award_id: int, person_id: int, now: datetime) -> Award:
    """Confirm the purchase of an offered seat before its clock runs out. Raises NotAllowed, AwardNotFound."""
    return _decide(award_id, person_id, now, BUY)


def decline(award_id: int, person_id: int, now: datetime) -> Award:
    """Give up an offered seat; the next in line is offered it. Raises NotAllowed, AwardNotFound."""
    return _decide(award_id, person_id, now, DECLINE)


def cancel(award_id: int, person_id: int, now: datetime) -> Award:
    """Give back a bought seat before the concert's cancellation deadline; the next in line is offered it. Raises
    NotAllowed, AwardNotFound."""
    return _decide(award_id, person_id, now, CANCEL)


def lapse_all_expired(now: datetime) -> list[int]:
    """Let every award lapse whose clock has run out, and offer the freed seats. The auctions where any did."""
    concert_ids = db.session.scalars(
        select(Award.concert_id).where(*expired(now)).distinct().order_by(Award.concert_id)
    )
    return sorted(auction_id for concert_id in concert_ids.all() for auction_id in _lapse(concert_id, now))


def _lapse(concert_id: int, now: datetime) -> list[int]:
    return in_one_unit(lambda session: lapse_expired(session, lock_concert(session, concert_id), now))


def _decide(award_id: int, person_id: int, now: datetime, move: _Move) -> Award:
    def work(session: Session) -> Award:
        concert, award = _locked(session, award_id, person_id)
        if award.state is move.new:
            return award
        if reason := _refusal(award, concert, move, now):
            raise NotAllowed(reason)
        change(session, [award], move.old, move.new, now)
        if move is not BUY:
            lapse_expired(session, concert, now)
            offer_free_seats(session, award.auction, concert, now)
        session.refresh(award, CHANGING)
        return award

    return in_one_unit(work)


def _locked(session: Session, award_id: int, person_id: int) -> tuple[Concert, Award]:
    mine = (Award.id == award_id, Award.person_id == person_id)
    concert_id = session.scalar(select(Award.concert_id).where(*mine))
    if concert_id is None:
        raise AwardNotFound(f"person {person_id} has no award {award_id}")
    concert = lock_concert(session, concert_id)
    shown = (joinedload(Award.seat), joinedload(Award.person), joinedload(Award.auction).joinedload(Auction.concert))
    return concert, session.scalars(select(Award).where(*mine).options(*shown)).one()


def _refusal(award: Award, concert: Concert, move: _Move, now: datetime) -> str | None:
    if award.state is not move.old:
        return "not_bought" if award.state is AwardState.OFFERED else award.state
    if move.old is AwardState.OFFERED and now >= award.expires_at:
        return "expired"
    if move is BUY and not award.person.may_hold_award:
        return "blocked"
    if move is CANCEL and now >= concert.cancel_until:
        return "too_late"
    return None
