"""Settlement: awards the seats of an auction once, from the ledger alone, when every accepted bid is recorded.

Winners are the best N of the final order who are not passed over; the best of them gets seat 1. The final order of the
live store must equal the order in the ledger, else nothing is written (see `readiness`). Repeating it is harmless.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cashticket.auction import settlement_rules
from cashticket.auction.values import NoticeKind, RankedBid, State
from cashticket.ledger import queries
from cashticket.ledger.setting_aside import SURPLUS
from cashticket.models import Auction, Award, Concert, Quarantined, Seat
from cashticket.models.units import in_one_unit
from cashticket.settlement import line, notices
from cashticket.settlement.handover import lapse_expired
from cashticket.settlement.issuing import issue, lock_concert_of, window_end
from cashticket.settlement.readiness import NotReady, find_problem, unknown_auction

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settled:
    """The auction is settled, now or (`repeated`) before. `award_ids` are in seat order."""

    auction_id: int
    award_ids: tuple[int, ...]
    repeated: bool = False


def settle(
    auction_id: int, engine_order: Sequence[RankedBid], final_sequence: int, now: datetime
) -> Settled | NotReady:
    """Settle an auction whose bidding is over. `engine_order` and `final_sequence` are the final ones of the live
    store; the purchase windows begin at `now` (aware UTC)."""
    answer = in_one_unit(lambda session: _settle(session, auction_id, list(engine_order), final_sequence, now))
    if isinstance(answer, NotReady):
        level = logging.INFO if answer.is_ordinary else logging.ERROR
        log.log(level, "auction %s is not settled: %s: %s", auction_id, answer.reason, answer.detail)
    elif not answer.repeated:
        log.info("auction %s settled with %s awards", auction_id, len(answer.award_ids))
    return answer


def _settle(
    session: Session, auction_id: int, engine_order: list[RankedBid], final_sequence: int, now: datetime
) -> Settled | NotReady:
    concert = lock_concert_of(session, auction_id)
    if concert is None:
        return unknown_auction(auction_id)
    auction = session.scalars(select(Auction).where(Auction.id == auction_id).with_for_update()).one()
    if auction.state is State.SETTLED:
        return _settled(session, auction_id, repeated=True)
    order = queries.final_order(auction_id, session)
    problem = find_problem(session, auction, order, engine_order, final_sequence)
    if problem is not None:
        return problem
    if not _claim(session, auction, final_sequence, now):
        return _settled(session, auction_id, repeated=True)
    _award_seats(session, auction, concert, order, now)
    return _settled(session, auction_id, repeated=False)


def _claim(session: Session, auction: Auction, final_sequence: int, now: datetime) -> bool:
    """Move the state from open to closing to settled, each only from the one before. False if another was first."""
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


def _award_seats(session: Session, auction: Auction, concert: Concert, order: list[RankedBid], now: datetime) -> None:
    lapse_expired(session, concert, now)
    passed_over = line.passed_over(session, auction)
    winners = settlement_rules.winners(order, auction.seats, passed_over)
    awards = _new_awards(session, auction, concert, order, winners, now)
    issue(session, auction, awards, now)
    notices.add_award_notices(session, NoticeKind.WON, awards, now)
    out_of_line = {winner.person for winner in winners} | passed_over.keys()
    waiting = settlement_rules.line(order, out_of_line)
    positions = {ranked.person: position for position, ranked in enumerate(waiting, 1)}
    notices.add_outcome_notices(session, auction, order, positions, passed_over, now)


def _new_awards(
    session: Session,
    auction: Auction,
    concert: Concert,
    order: list[RankedBid],
    winners: list[RankedBid],
    now: datetime,
) -> list[Award]:
    seats = session.scalars(select(Seat).where(Seat.auction_id == auction.id).order_by(Seat.number)).all()
    if not (expires_at := window_end(now, auction.purchase_hours, concert)):
        log.error("auction %s is settled after its cancellation deadline: nobody can buy any more", auction.id)
    uniform = settlement_rules.uniform_price([winner.amount for winner in winners], auction.seats, auction.minimum)
    ranks = {ranked.person: rank for rank, ranked in enumerate(order, 1)}
    return [
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


def _settled(session: Session, auction_id: int, *, repeated: bool) -> Settled:
    won = select(Award.id).join(Seat).where(Award.auction_id == auction_id, Award.previous_id.is_(None))
    return Settled(
        auction_id,
        award_ids=tuple(session.scalars(won.order_by(Seat.number))),
        repeated=repeated,
    )
