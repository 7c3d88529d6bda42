"""Voiding: an operator cancels a whole auction, before or after it was settled. All awards end, bought seats are to be
refunded, and every bidder gets one notice; nothing is deleted.

The concert's row is held as for every change of awards, so voiding and settling never overlap. Repeating it is harmless
and adds notices for people whose bids were recorded since.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from cashticket.auction.values import LIVE_AWARD_STATES, AwardState, NoticeKind, State
from cashticket.errors import OperatorError
from cashticket.models import Auction, Award, AwardEvent, Notification, RecordedBid
from cashticket.models.operator_acts import WHY_MAX, Act, auction_subject, record_act
from cashticket.models.outbox_adding import add_notice_messages
from cashticket.models.units import in_one_unit
from cashticket.settlement.issuing import change_state, lock_concert_of


class NotVoidable(OperatorError):
    """The auction cannot be voided."""


@dataclass(frozen=True, slots=True)
class Refund:
    """A bought seat whose price (won) is to be given back."""

    award_id: int
    seat: str
    price: int


@dataclass(frozen=True, slots=True)
class Voided:
    """The auction is voided, now or (`repeated`) before. `withdrawn` counts seats that were offered and not bought;
    `mails` counts the people who were told by this call."""

    auction_id: int
    refunds: tuple[Refund, ...]
    withdrawn: int
    mails: int
    repeated: bool = False


def void(auction_id: int, why: str, operator: str, now: datetime) -> Voided:
    """Void an auction at `now` (aware UTC) and record the act with its reason. Raises NotVoidable."""
    why = why.strip()
    if not 1 <= len(why) <= WHY_MAX:
        raise NotVoidable(f"Say why, in 1 to {WHY_MAX} characters.")
    return in_one_unit(lambda session: _void(session, auction_id, why, operator, now))


def _void(session: Session, auction_id: int, why: str, operator: str, now: datetime) -> Voided:
    if lock_concert_of(session, auction_id) is None:
        raise NotVoidable(f"There is no auction {auction_id}; `flask auction list` shows them.")
    auction = session.scalars(select(Auction).where(Auction.id == auction_id).with_for_update()).one()
    old = auction.state
    repeated = old is State.VOIDED
    if not repeated:
        _void_awards(session, auction, now)
        session.execute(
            update(Auction)
            .where(Auction.id == auction_id, Auction.state == old)
            .values(state=State.VOIDED, voided_at=now)
        )
    refunds, withdrawn = _refunds(session, auction_id)
    if not repeated:
        facts = {"was": old, "withdrawn": withdrawn, "refunds": [asdict(refund) for refund in refunds]}
        record_act(session, operator, Act.AUCTION_VOID, auction_subject(auction_id), why, facts)
    mails = _add_notices(session, auction_id, refunds, now)
    return Voided(auction_id, refunds, withdrawn, mails, repeated)


def _void_awards(session: Session, auction: Auction, now: datetime) -> None:
    for old in LIVE_AWARD_STATES:
        held = session.scalars(
            select(Award).where(Award.auction_id == auction.id, Award.state == old).order_by(Award.id)
        ).all()
        change_state(session, held, old, AwardState.VOIDED, now)


def _refunds(session: Session, auction_id: int) -> tuple[tuple[Refund, ...], int]:
    """The seats that were bought when the auction was voided, and how many were only offered."""
    bought = select(AwardEvent.award_id).where(
        AwardEvent.auction_id == auction_id, AwardEvent.state == AwardState.BOUGHT
    )
    voided = session.scalars(
        select(Award)
        .where(Award.auction_id == auction_id, Award.state == AwardState.VOIDED)
        .options(joinedload(Award.seat))
        .order_by(Award.seat_id)
    ).all()
    paid = set(session.scalars(bought))
    refunds = tuple(Refund(award.id, award.seat.label, award.price) for award in voided if award.id in paid)
    return refunds, len(voided) - len(refunds)


def _add_notices(session: Session, auction_id: int, refunds: Iterable[Refund], now: datetime) -> int:
    """Add a notice and its mail for every bidder who has none yet; those of buyers state the refund. Returns how
    many."""
    notified = select(Notification.person_id).where(
        Notification.auction_id == auction_id, Notification.kind == NoticeKind.VOIDED, Notification.occasion == 0
    )
    bidders = select(RecordedBid.person_id).where(
        RecordedBid.auction_id == auction_id, RecordedBid.person_id.not_in(notified)
    )
    holders = select(Award.id, Award.person_id).where(Award.auction_id == auction_id)
    person_of = {award_id: person_id for award_id, person_id in session.execute(holders)}  # noqa: C416 - typed by row
    facts: dict[int, dict[str, Any]] = {
        person_of[refund.award_id]: {"why": "bought"} | asdict(refund) for refund in refunds
    }
    for person_id in session.scalars(bidders.distinct().order_by(RecordedBid.person_id)):
        session.add(
            Notification(
                person_id=person_id,
                auction_id=auction_id,
                kind=NoticeKind.VOIDED,
                facts=facts.get(person_id, {}),
                created_at=now,
            )
        )
    session.flush()
    voided = (Notification.auction_id == auction_id, Notification.kind == NoticeKind.VOIDED)
    return add_notice_messages(session, now, *voided)
