"""Decisions of holders about their awards (buy, decline, cancel), and the lapse of expired offers.

Each decision holds the concert's row and is a conditional update from the one state it may start in, so it happens
once, however often it is requested. In the same unit a purchase stores its receipt, and a decision that frees a seat
stores its confirmation and offers the seat to the next in line.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cashticket.auction.values import AwardState, NoticeKind
from cashticket.extensions import db
from cashticket.models import Award, Concert
from cashticket.models.units import in_one_unit
from cashticket.settlement.handover import expired, free_seat, lapse_expired
from cashticket.settlement.issuing import CHANGED_COLUMNS, change_state, lock_award, lock_concert
from cashticket.settlement.moving_up import tell_moved_up
from cashticket.settlement.notices import add_bought_notice, add_given_up_notice


class AwardNotFound(LookupError):
    """This person has no such award. An award of somebody else raises the same."""


class NotAllowed(Exception):
    """The decision is not possible. `reason` is expired, declined, lapsed, cancelled, revoked, voided, bought,
    not_bought, too_late or blocked."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Decided:
    """The award as it is now. `has_mail`: this decision was made just now, and somebody has mail: its holder the
    receipt or confirmation, the next in line an offer."""

    award: Award
    has_mail: bool = False


@dataclass(frozen=True, slots=True)
class _Move:
    old: AwardState
    new: AwardState


BUY = _Move(AwardState.OFFERED, AwardState.BOUGHT)
DECLINE = _Move(AwardState.OFFERED, AwardState.DECLINED)
CANCEL = _Move(AwardState.BOUGHT, AwardState.CANCELLED)
GIVEN_UP = {AwardState.DECLINED: NoticeKind.DECLINED, AwardState.CANCELLED: NoticeKind.CANCELLED}


def buy(award_id: int, person_id: int, now: datetime) -> Decided:
    """Buy an offered seat before the offer expires; the buyer gets a receipt. Raises NotAllowed, AwardNotFound."""
    return _decide(award_id, person_id, now, BUY)


def decline(award_id: int, person_id: int, now: datetime) -> Decided:
    """Decline an offered seat and offer it to the next in line. Raises NotAllowed, AwardNotFound."""
    return _decide(award_id, person_id, now, DECLINE)


def cancel(award_id: int, person_id: int, now: datetime) -> Decided:
    """Cancel a bought seat before the concert's cancellation deadline and offer it to the next in line. Raises
    NotAllowed, AwardNotFound."""
    return _decide(award_id, person_id, now, CANCEL)


def lapse_all_expired(now: datetime) -> list[int]:
    """Lapse every expired offer and offer the freed seats. Returns the ids of the auctions affected."""
    concert_ids = db.session.scalars(
        select(Award.concert_id).where(*expired(now)).distinct().order_by(Award.concert_id)
    )
    return sorted(auction_id for concert_id in concert_ids.all() for auction_id in _lapse(concert_id, now))


def _lapse(concert_id: int, now: datetime) -> list[int]:
    def work(session: Session) -> list[int]:
        lapsed = lapse_expired(session, lock_concert(session, concert_id), now)
        tell_moved_up(session, now)
        return lapsed.auction_ids

    return in_one_unit(work)


def _decide(award_id: int, person_id: int, now: datetime, move: _Move) -> Decided:
    def work(session: Session) -> Decided:
        concert, award = _locked(session, award_id, person_id)
        if award.state is move.new:
            return Decided(award)
        if reason := _refusal(award, concert, move, now):
            raise NotAllowed(reason)
        if move is BUY:
            change_state(session, [award], move.old, move.new, now)
            add_bought_notice(session, award, concert, now)
        else:
            add_given_up_notice(session, award, GIVEN_UP[move.new], now)
            free_seat(session, concert, award, move.new, now)
            tell_moved_up(session, now)
        session.refresh(award, CHANGED_COLUMNS)
        return Decided(award, has_mail=True)

    return in_one_unit(work)


def _locked(session: Session, award_id: int, person_id: int) -> tuple[Concert, Award]:
    mine = (Award.id == award_id, Award.person_id == person_id)
    locked = lock_award(session, *mine)
    if locked is None:
        raise AwardNotFound(f"person {person_id} has no award {award_id}")
    return locked


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
