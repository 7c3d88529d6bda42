"""Settlement: once, from the ledger alone, when every accepted bid is in it.

Winners are the best N of the final order who are not passed over; rank 1 among them gets seat 1. Before anything is
written, the order that the live store ended with must equal the order in the ledger. Whatever is not as it should be
stops settlement with a named reason and changes nothing; there is no repair by guess. Repeating it is harmless.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from cashticket.auction import settlement_rules
from cashticket.auction.values import UNFINISHED_STATES, NoticeKind, RankedBid, State
from cashticket.ledger import gaps, notice_queries, queries
from cashticket.models import Auction, Award, Concert, Quarantined, RecordedBid, Seat
from cashticket.models.units import in_one_unit
from cashticket.settlement import line, notices
from cashticket.settlement.handover import lapse_expired
from cashticket.settlement.issuing import issue, lock_concert, window_end

log = logging.getLogger(__name__)

SURPLUS = "surplus: the ledger is complete without it"


@dataclass(frozen=True, slots=True)
class Settled:
    """Done, now or (`repeated`) before. `award_ids` in seat order; `notification_ids` are those not mailed yet."""

    auction_id: int
    award_ids: tuple[int, ...]
    notification_ids: tuple[int, ...]
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class NotReady:
    """Nothing was changed. `reason` is one of unknown_auction, voided, earlier_auction, not_recorded, quarantined,
    incomplete, order_differs; `detail` says it in a sentence for the operator."""

    reason: str
    detail: str


def settle(
    auction_id: int, engine_order: Sequence[RankedBid], final_sequence: int, now: datetime
) -> Settled | NotReady:
    """Settle an auction whose bidding is over. `engine_order` and `final_sequence` are what the live store ended
    with; `now` (aware UTC) starts the purchase windows."""
    answer = in_one_unit(lambda session: _settle(session, auction_id, list(engine_order), final_sequence, now))
    if isinstance(answer, NotReady):
        # Waiting for the ledger or for an earlier auction is ordinary; the rest needs an operator.
        level = logging.INFO if answer.reason in ("not_recorded", "earlier_auction") else logging.ERROR
        log.log(level, "auction %s is not settled: %s: %s", auction_id, answer.reason, answer.detail)
    elif not answer.repeated:
        log.info("auction %s settled with %s awards", auction_id, len(answer.award_ids))
    return answer


def _settle(
    session: Session, auction_id: int, engine_order: list[RankedBid], final_sequence: int, now: datetime
) -> Settled | NotReady:
    concert_id = session.scalar(select(Auction.concert_id).where(Auction.id == auction_id))
    if concert_id is None:
        return NotReady("unknown_auction", f"there is no auction {auction_id} in the ledger")
    concert = lock_concert(session, concert_id)
    auction = session.scalars(select(Auction).where(Auction.id == auction_id).with_for_update()).one()
    if auction.state is State.SETTLED:
        return _settled(session, auction_id, repeated=True)
    order = queries.final_order(auction_id, session)
    problem = _problem(session, auction, order, engine_order, final_sequence)
    if problem is not None:
        return problem
    if not _claim(session, auction, final_sequence, now):
        return _settled(session, auction_id, repeated=True)
    _award(session, auction, concert, order, now)
    return _settled(session, auction_id, repeated=False)


# Is it time?


def not_ready(session: Session, auction_id: int, engine_order: list[RankedBid], final_sequence: int) -> NotReady | None:
    """Why `settle` would settle nothing now, None when it would. Reads alone, and locks nobody out."""
    auction = session.get(Auction, auction_id)
    if auction is None:
        return NotReady("unknown_auction", f"there is no auction {auction_id} in the ledger")
    return _problem(session, auction, queries.final_order(auction_id, session), engine_order, final_sequence)


def _problem(
    session: Session, auction: Auction, order: list[RankedBid], engine_order: list[RankedBid], final_sequence: int
) -> NotReady | None:
    problem = _standing_problem(session, auction) or _ledger_problem(session, auction, final_sequence)
    if problem is None and order != engine_order:
        return NotReady("order_differs", _first_difference(order, engine_order))
    return problem


def _standing_problem(session: Session, auction: Auction) -> NotReady | None:
    if auction.state is State.VOIDED:
        return NotReady("voided", f"auction {auction.id} was voided")
    earlier = session.scalar(
        select(Auction.id)
        .where(
            Auction.concert_id == auction.concert_id,
            Auction.state.in_(UNFINISHED_STATES),
            or_(
                Auction.ends_at < auction.ends_at,
                (Auction.ends_at == auction.ends_at) & (Auction.id < auction.id),
            ),
        )
        .limit(1)
    )
    if earlier is not None:
        return NotReady("earlier_auction", f"auction {earlier} of the same concert ended earlier and comes first")
    return None


def _ledger_problem(session: Session, auction: Auction, final_sequence: int) -> NotReady | None:
    if auction.recorded_sequence != final_sequence:
        detail = f"{auction.recorded_sequence} of {final_sequence} bids are recorded"
        return NotReady("not_recorded", detail)
    set_aside = select(func.count()).where(Quarantined.auction_id == auction.id, Quarantined.sequence.is_not(None))
    unresolved = session.scalar(set_aside.where(Quarantined.resolved_at.is_(None))) or 0
    if unresolved:
        return NotReady("quarantined", f"{unresolved} bids were set aside and wait for an operator")
    recorded = session.scalar(select(func.count()).where(RecordedBid.auction_id == auction.id)) or 0
    explained = (session.scalar(set_aside) or 0) + gaps.width(gaps.gaps_of(auction.id, session))
    if not recorded <= final_sequence <= recorded + explained:
        return NotReady("incomplete", f"the ledger has {recorded} bids where {final_sequence} were accepted")
    return None


def _first_difference(ledger: list[RankedBid], engine: list[RankedBid]) -> str:
    for rank, (mine, theirs) in enumerate(zip(ledger, engine, strict=False), 1):
        if mine != theirs:
            return f"ledger and live store differ from rank {rank} (bids {mine.sequence} and {theirs.sequence})"
    return f"the ledger ranks {len(ledger)} people, the live store {len(engine)}"


def _claim(session: Session, auction: Auction, final_sequence: int, now: datetime) -> bool:
    """Open → closing → settled, each from the state before alone; False when somebody else was there first."""
    steps: tuple[tuple[State, dict[str, Any]], ...] = (
        (State.OPEN, {"state": State.CLOSING}),
        (State.CLOSING, {"state": State.SETTLED, "final_sequence": final_sequence, "settled_at": now}),
    )
    for old, values in steps:
        claimed = session.execute(
            update(Auction).where(Auction.id == auction.id, Auction.state == old).values(**values),
            execution_options={"synchronize_session": False},
        )
    session.execute(
        update(Quarantined)
        .where(Quarantined.auction_id == auction.id, Quarantined.resolved_at.is_(None))
        .values(resolved_at=now, resolution=SURPLUS)
    )
    return claimed.rowcount == 1  # type: ignore[attr-defined,no-any-return]


# Who gets what?


def _award(session: Session, auction: Auction, concert: Concert, order: list[RankedBid], now: datetime) -> None:
    lapse_expired(session, concert, now)
    why = line.passed_over(session, auction)
    winners = settlement_rules.winners(order, auction.seats, why)
    seats = session.scalars(select(Seat).where(Seat.auction_id == auction.id).order_by(Seat.number)).all()
    if not (expires_at := window_end(now, auction.purchase_hours, concert)):
        log.error("auction %s is settled after its cancellation deadline: nobody can buy any more", auction.id)
    uniform = settlement_rules.uniform_price([winner.amount for winner in winners], auction.seats, auction.minimum)
    ranks = {standing.person: rank for rank, standing in enumerate(order, 1)}
    awards = [
        Award(
            auction_id=auction.id,
            concert_id=auction.concert_id,
            seat=seat,
            person_id=winner.person,
            rank=ranks[winner.person],
            price=settlement_rules.award_price(auction.pricing, winner.amount, uniform),
            offered_at=now,
            expires_at=expires_at or concert.cancel_until,
        )
        for seat, winner in zip(seats, winners, strict=False)
    ]
    issue(session, auction, awards, now)
    notices.add_award_notices(session, NoticeKind.WON, awards, now)
    out = {winner.person for winner in winners} | why.keys()
    positions = {standing.person: place for place, standing in enumerate(settlement_rules.line(order, out), 1)}
    notices.add_outcome_notices(session, auction, order, positions, why, now)


def _settled(session: Session, auction_id: int, *, repeated: bool) -> Settled:
    won = select(Award.id).join(Seat).where(Award.auction_id == auction_id, Award.previous_id.is_(None))
    return Settled(
        auction_id,
        tuple(session.scalars(won.order_by(Seat.number))),
        notice_queries.unmailed_of(auction_id, session),
        repeated,
    )
