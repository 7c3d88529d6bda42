"""Settlement: awards the seats of an auction once, from the ledger alone, when every accepted bid is recorded.

First the order of the live store is compared with the order in the ledger; if they differ, nothing is written (see
`readiness`). Then the final ranks of everybody are stored in short units (see `ranking`). One last unit claims the
auction: it looks whether bids or ranks changed meanwhile, gives the seats to the best N who are not passed over, the
best of them seat 1, and lets the ranks count. Repeating it is harmless at any point.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import false, select, update
from sqlalchemy.orm import Session

from cashticket.auction import settlement_rules
from cashticket.auction.values import NoticeKind, RankedBid, State
from cashticket.extensions import db
from cashticket.ledger.setting_aside import SURPLUS
from cashticket.models import Auction, Award, Concert, FinalRank, Quarantined, Seat
from cashticket.models.units import in_one_unit
from cashticket.settlement import notices
from cashticket.settlement.drawing import draw
from cashticket.settlement.handover import lapse_expired
from cashticket.settlement.issuing import issue, lock_concert_of, window_end
from cashticket.settlement.moving_up import tell_moved_up
from cashticket.settlement.ranking import Overtaken, Ranking, find_change, find_difference, write_ranks
from cashticket.settlement.readiness import NotReady, find_problem, not_ready, unknown_auction

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settled:
    """The auction is settled, now or (`repeated`) before. `award_ids` are in seat order."""

    auction_id: int
    award_ids: tuple[int, ...]
    repeated: bool = False


def settle(
    auction_id: int,
    engine_order: Iterable[RankedBid],
    final_sequence: int,
    now: datetime,
    expired_by: datetime | None = None,
) -> Settled | NotReady:
    """Settle an auction whose bidding is over. `engine_order` (best first) and `final_sequence` are the final ones of
    the live store; the purchase windows begin at `now` (aware UTC). Offers of the concert that had expired at
    `expired_by` (UTC, `now` if missing) lapse first. Returns why when it cannot be settled now."""
    answer = _prepare(auction_id, engine_order, final_sequence)
    if not isinstance(answer, Settled | NotReady):
        ranking = answer
        answer = in_one_unit(lambda session: _settle(session, ranking, final_sequence, now, expired_by or now))
    if isinstance(answer, NotReady):
        level = logging.INFO if answer.is_ordinary else logging.ERROR
        log.log(level, "auction %s is not settled: %s: %s", auction_id, answer.reason, answer.detail)
    elif not answer.repeated:
        log.info("auction %s settled with %s awards", auction_id, len(answer.award_ids))
    return answer


def _prepare(auction_id: int, engine_order: Iterable[RankedBid], final_sequence: int) -> Settled | NotReady | Ranking:
    """Compare both orders and store the ranks, unless something forbids settling or it is done already."""
    answer = _look(auction_id, final_sequence) or find_difference(auction_id, engine_order)
    if answer is not None:
        return answer
    try:
        return write_ranks(auction_id)
    except Overtaken:
        return _look(auction_id, final_sequence) or NotReady(
            "not_ranked", "another process is at it: it is tried again"
        )


def _look(auction_id: int, final_sequence: int) -> Settled | NotReady | None:
    """Whether the auction is settled already, or what in the ledger forbids it."""
    session = db.session()
    session.rollback()
    auction = session.get(Auction, auction_id)
    if auction is not None and auction.state is State.SETTLED:
        return _settled(session, auction_id, repeated=True)
    answer = not_ready(session, auction_id, final_sequence)
    session.rollback()
    return answer


def _settle(
    session: Session, ranking: Ranking, final_sequence: int, now: datetime, expired_by: datetime
) -> Settled | NotReady:
    auction_id = ranking.auction_id
    concert = lock_concert_of(session, auction_id)
    if concert is None:
        return unknown_auction(auction_id)
    auction = session.scalars(select(Auction).where(Auction.id == auction_id).with_for_update()).one()
    if auction.state is State.SETTLED:
        return _settled(session, auction_id, repeated=True)
    problem = find_problem(session, auction, final_sequence) or find_change(session, ranking)
    if problem is not None:
        return problem
    if not _claim(session, auction, final_sequence, now):
        return _settled(session, auction_id, repeated=True)
    lapse_expired(session, concert, expired_by)
    _award_seats(session, auction, concert, now)
    tell_moved_up(session, now)
    return _settled(session, auction_id, repeated=False)


def _claim(session: Session, auction: Auction, final_sequence: int, now: datetime) -> bool:
    """Move the state from open to closing to settled, each only from the one before. False if another was first."""
    steps: tuple[tuple[State, dict[str, Any]], ...] = (
        (State.OPEN, {"state": State.CLOSING}),
        (
            State.CLOSING,
            {
                "state": State.SETTLED,
                "final_sequence": final_sequence,
                "settled_at": now,
                "ranked_at": now,
                "telling_since": now,
            },
        ),
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


def _award_seats(session: Session, auction: Auction, concert: Concert, now: datetime) -> None:
    winners = draw(session, auction)
    awards = _new_awards(session, auction, concert, winners, now)
    issue(session, auction, awards, now)
    # Winners have little time to buy, so they are told in this unit. It is as long as there are seats. All others are
    # told by a job.
    notices.add_award_notices(session, NoticeKind.WON, awards, now)
    won = (FinalRank.auction_id == auction.id, FinalRank.waiting == false(), FinalRank.line_place.is_(None))
    session.execute(update(FinalRank).where(*won).values(told_at=now), execution_options={"synchronize_session": False})


def _new_awards(
    session: Session, auction: Auction, concert: Concert, winners: Sequence[tuple[int, RankedBid]], now: datetime
) -> list[Award]:
    seats = session.scalars(select(Seat).where(Seat.auction_id == auction.id).order_by(Seat.number)).all()
    if not (expires_at := window_end(now, auction.purchase_hours, concert)):
        log.error("auction %s is settled after its cancellation deadline: nobody can buy any more", auction.id)
    uniform = settlement_rules.uniform_price([winner.amount for _, winner in winners], auction.seats, auction.minimum)
    return [
        Award(
            auction_id=auction.id,
            concert_id=auction.concert_id,
            seat=seat,
            person_id=winner.person,
            rank=rank,
            price=settlement_rules.award_price(auction.pricing, winner.amount, uniform),
            offered_at=now,
            expires_at=expires_at or concert.cancel_until,
        )
        for seat, (rank, winner) in zip(seats, winners, strict=False)
    ]


def _settled(session: Session, auction_id: int, *, repeated: bool) -> Settled:
    won = select(Award.id).join(Seat).where(Award.auction_id == auction_id, Award.previous_id.is_(None))
    return Settled(
        auction_id,
        award_ids=tuple(session.scalars(won.order_by(Seat.number))),
        repeated=repeated,
    )
