"""Revoking: an operator ends one live award for a reason, such as a stolen card. Its seat is offered to the next in
line, as after a cancellation, and its holder is told why and leaves the line for good.

The concert's row is held, as for every change of awards, so it never overlaps with buying, cancelling or a lapse.
Repeating it changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from cashticket.auction.values import AwardState, State
from cashticket.errors import OperatorError
from cashticket.extensions import db
from cashticket.models import Award, AwardEvent
from cashticket.models.operator_acts import WHY_MAX, Act, award_subject, record_act
from cashticket.models.units import in_one_unit
from cashticket.settlement import line, notices
from cashticket.settlement.handover import free_seat
from cashticket.settlement.issuing import lock_award, window_end
from cashticket.settlement.moving_up import tell_moved_up


class NotRevocable(OperatorError):
    """The award cannot be revoked."""


@dataclass(frozen=True, slots=True)
class Revoked:
    """The award is revoked, now or (`repeated`) before. `refund` is what its holder paid, in won; `offered` are the ids
    of the awards by which free seats were offered in the same unit, none while the line is paused."""

    award_id: int
    seat: str
    person_id: int
    refund: int
    offered: tuple[int, ...] = ()
    repeated: bool = False
    line_paused: bool = False


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What revoking would do to an award as it is now: who would be told, what would be given back (won), and the final
    rank to which the seat would be offered, None if nobody would be offered it now, as while the line is paused."""

    state: AwardState
    seat: str
    person_id: int
    refund: int
    next_rank: int | None
    line_paused: bool = False


def foresee(award_id: int, now: datetime) -> Foreseen:
    """Look what revoking would do at `now` (UTC); nothing is changed. Raises NotRevocable."""
    session = db.session()
    shown = (joinedload(Award.seat), joinedload(Award.auction))
    award = session.scalar(select(Award).where(Award.id == award_id).options(*shown))
    if award is None:
        raise _unknown(award_id)
    if award.state is not AwardState.REVOKED:
        _check(award, now)
    auction = award.auction
    paused = auction.line_paused_at is not None
    goes_on = auction.state is State.SETTLED and not paused
    may_offer = goes_on and window_end(now, auction.offer_hours, auction.concert) is not None
    waiting = line.next_in_line(session, auction.id, 1) if award.live and may_offer else []
    next_rank = waiting[0].rank if waiting else None
    return Foreseen(award.state, award.seat.label, award.person_id, _paid(session, award), next_rank, paused)


def revoke(award_id: int, why: str, operator: str, now: datetime) -> Revoked:
    """Revoke an award at `now` (UTC), and record the act with its reason, which its holder is told. Raises
    NotRevocable."""
    why = why.strip()
    if not 1 <= len(why) <= WHY_MAX:
        raise NotRevocable(f"Say why, in 1 to {WHY_MAX} characters.")
    return in_one_unit(lambda session: _revoke(session, award_id, why, operator, now))


def _revoke(session: Session, award_id: int, why: str, operator: str, now: datetime) -> Revoked:
    locked = lock_award(session, Award.id == award_id)
    if locked is None:
        raise _unknown(award_id)
    concert, award = locked
    was, refund, paused = award.state, _paid(session, award), award.auction.line_paused_at is not None
    if was is AwardState.REVOKED:
        return Revoked(award_id, award.seat.label, award.person_id, refund, repeated=True, line_paused=paused)
    _check(award, now)
    offers = free_seat(session, concert, award, AwardState.REVOKED, now)
    notices.add_revoked_notice(session, award, why, now, was_bought=was is AwardState.BOUGHT)
    facts = {"was": was, "auction": award.auction_id, "seat": award.seat.label, "refund": refund}
    record_act(session, operator, Act.AWARD_REVOKE, award_subject(award_id), why, facts)
    tell_moved_up(session, now)
    offered = tuple(offer.id for offer in offers)
    return Revoked(award_id, award.seat.label, award.person_id, refund, offered, line_paused=paused)


def _check(award: Award, now: datetime) -> None:
    """Raises NotRevocable for an award that holds no seat at `now`."""
    if award.state is AwardState.OFFERED and now >= award.expires_at:
        raise NotRevocable(f"The time to buy of award {award.id} has run out; it lapses by itself.")
    if award.live is None:
        raise NotRevocable(f"Award {award.id} is {award.state}: it holds no seat that could be taken back.")


def _paid(session: Session, award: Award) -> int:
    """The price of an award that was bought, in won; 0 if it never was."""
    bought = select(AwardEvent.id).where(AwardEvent.award_id == award.id, AwardEvent.state == AwardState.BOUGHT)
    return award.price if session.scalar(bought.limit(1)) is not None else 0


def _unknown(award_id: int) -> NotRevocable:
    return NotRevocable(f"There is no award {award_id}; `flask award list` shows those of an auction.")
