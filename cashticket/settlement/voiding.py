"""Voiding: an operator cancels a whole auction, before or after it was settled. All awards end, bought seats are to be
refunded, and every bidder gets one notice; nothing is deleted.

The concert's row is held as for every change of awards, so voiding and settling never overlap. That unit grows with the
seats; all other bidders are told by `telling` afterwards. Repeating it is harmless, and people whose bids were recorded
since are told too.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from cashticket.auction.values import LIVE_AWARD_STATES, AwardState, State
from cashticket.errors import OperatorError
from cashticket.extensions import db
from cashticket.ledger.operator_acts import REASON_IS_PUBLIC
from cashticket.ledger.order import count_bidders
from cashticket.models import Auction, Award, AwardEvent, FinalRank
from cashticket.models.columns import utcnow
from cashticket.models.operator_acts import WHY_MAX, Act, auction_subject, record_act
from cashticket.models.units import in_one_unit
from cashticket.settlement.handover import offer_to_returned
from cashticket.settlement.issuing import AWARDS_A_STATEMENT, change_state, lock_concert_of
from cashticket.settlement.moving_up import tell_moved_up
from cashticket.settlement.notices import add_result_notices
from cashticket.settlement.ranking import Overtaken, Ranking, find_change, write_ranks
from cashticket.settlement.telling import voided_notices

MOMENT = timedelta(microseconds=1)
"""The shortest time between two moments that the database tells apart."""


class NotVoidable(OperatorError):
    """The auction cannot be voided."""


@dataclass(frozen=True, slots=True)
class Refund:
    """A bought seat whose price (won) is to be given back."""

    auction_id: int
    award_id: int
    seat: str
    price: int


@dataclass(frozen=True, slots=True)
class Voided:
    """The auction is voided, now or (`repeated`) before. `withdrawn` counts seats that were offered and not bought."""

    auction_id: int
    refunds: tuple[Refund, ...]
    withdrawn: int
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What voiding would do to an auction as it is now: seats withdrawn from people who may still buy, bought seats
    and their prices (won, together), and how many bidders would be told."""

    state: State
    offered: int
    bought: int
    refunds: int
    bidders: int


def foresee(auction_id: int) -> Foreseen:
    """Count what voiding would do; nothing is changed. Raises NotVoidable."""
    session = db.session()
    auction = session.get(Auction, auction_id)
    if auction is None:
        raise NotVoidable(f"There is no auction {auction_id}; `flask auction list` shows them.")
    counts = select(Award.state, func.count(), func.sum(Award.price)).where(Award.auction_id == auction_id)
    held = {state: (count, int(won)) for state, count, won in session.execute(counts.group_by(Award.state))}
    bought, won = held.get(AwardState.BOUGHT, (0, 0))
    offered, _ = held.get(AwardState.OFFERED, (0, 0))
    return Foreseen(auction.state, offered, bought, won, count_bidders(session, auction_id))


def void(auction_id: int, why: str, operator: str, now: datetime) -> Voided:
    """Void an auction at `now` (aware UTC) and record the act with its reason. Raises NotVoidable."""
    why = why.strip()
    if not 1 <= len(why) <= WHY_MAX:
        raise NotVoidable(f"Say why, in 1 to {WHY_MAX} characters.")

    def work(session: Session) -> Voided:
        done = void_in(session, auction_id, why, operator, now)
        # Holders are back in the lines of the concert's other auctions, where seats may be free.
        concert = session.get_one(Auction, auction_id).concert
        offer_to_returned(session, concert, now, beyond=[auction_id])
        tell_moved_up(session, now)
        return done

    return in_one_unit(work)


def void_in(session: Session, auction_id: int, why: str, operator: str, now: datetime) -> Voided:
    """Void an auction in the caller's unit, with a `why` that was checked. Raises NotVoidable."""
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
    refunds, withdrawn = ended(session, auction_id)
    if not repeated:
        facts = {
            "was": old,
            "withdrawn": withdrawn,
            "refunds": [asdict(refund) for refund in refunds],
            REASON_IS_PUBLIC: True,
        }
        record_act(session, operator, Act.AUCTION_VOID, auction_subject(auction_id), why, facts)
    since = _telling_since(session, auction_id, now)
    _tell_holders(session, auction_id, now, since)
    # Everybody else is told by a job. A repeat looks for people whose bids were recorded since.
    again = {"telling_since": since} | ({} if auction.settled_at else {"ranked_at": None})
    session.execute(update(Auction).where(Auction.id == auction_id).values(**again))
    return Voided(auction_id, refunds, withdrawn, repeated)


def _void_awards(session: Session, auction: Auction, now: datetime) -> None:
    for old in LIVE_AWARD_STATES:
        held = session.scalars(
            select(Award).where(Award.auction_id == auction.id, Award.state == old).order_by(Award.id)
        ).all()
        change_state(session, held, old, AwardState.VOIDED, now)


def ended(session: Session, auction_id: int) -> tuple[tuple[Refund, ...], int]:
    """The seats that were bought when an auction was voided, and how many were only offered."""
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
    refunds = tuple(Refund(auction_id, award.id, award.seat.label, award.price) for award in voided if award.id in paid)
    return refunds, len(voided) - len(refunds)


def _telling_since(session: Session, auction_id: int, now: datetime) -> datetime:
    """The moment from which everybody is told again: `now`, or just after the last one who was told the earlier end.
    The clock of the machine that told them may be ahead of this one's."""
    last = session.scalar(select(func.max(FinalRank.told_at)).where(FinalRank.auction_id == auction_id))
    return now if last is None else max(now, last + MOMENT)


def _tell_holders(session: Session, auction_id: int, now: datetime, told_at: datetime) -> None:
    """Tell whoever lost an offer or a bought seat, at most one for each seat, in the unit that takes it away. Their
    final ranks get `told_at`."""
    held = (Award.auction_id == auction_id, Award.state == AwardState.VOIDED)
    holders = session.scalars(select(Award.person_id).where(*held).order_by(Award.seat_id)).all()
    for start in range(0, len(holders), AWARDS_A_STATEMENT):
        people = holders[start : start + AWARDS_A_STATEMENT]
        add_result_notices(session, voided_notices(session, auction_id, people), auction_id, now)
        mine = (FinalRank.auction_id == auction_id, FinalRank.person_id.in_(people))
        session.execute(
            update(FinalRank).where(*mine).values(told_at=told_at), execution_options={"synchronize_session": False}
        )


def rank_voided(auction_id: int) -> None:
    """Store the final ranks of a voided auction whose bids are all recorded, and let them count, so that its bidders
    can be told. Does nothing when they count already. Repeating it is harmless."""
    auction = db.session.get_one(Auction, auction_id)
    if auction.state is not State.VOIDED or auction.ranked_at is not None:
        return
    try:
        ranking = write_ranks(auction_id)
    except Overtaken:
        return
    in_one_unit(lambda session: _let_count(session, ranking))


def _let_count(session: Session, ranking: Ranking) -> None:
    # Without a match the next run of the job writes the ranks again.
    session.execute(select(Auction.id).where(Auction.id == ranking.auction_id).with_for_update())
    if find_change(session, ranking) is None:
        unranked = update(Auction).where(Auction.id == ranking.auction_id, Auction.ranked_at.is_(None))
        session.execute(unranked.where(Auction.state == State.VOIDED).values(ranked_at=utcnow()))
