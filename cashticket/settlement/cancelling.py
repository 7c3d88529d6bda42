"""Cancelling a concert: all its auctions are voided in one unit, with the act that makes the concert cancelled.

So no crash leaves a concert half cancelled in the ledger. From that commit on whoever looks for auctions to tell (the
watch, or the command again) ends them in the live store and tells their bidders, as after any voiding. The unit grows
with the seats of the concert. A repeat changes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cashticket.auction.values import State
from cashticket.errors import OperatorError
from cashticket.extensions import db
from cashticket.models import Auction, Concert
from cashticket.models.operator_acts import WHY_MAX, Act, cancellation, concert_subject, record_act
from cashticket.models.units import in_one_unit
from cashticket.settlement import voiding
from cashticket.settlement.issuing import lock_concert
from cashticket.settlement.voiding import Foreseen, Refund, refunds_of


class NotCancellable(OperatorError):
    """The concert cannot be cancelled."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The concert is cancelled, now or (`repeated`) before, for the reason `why`. `auction_ids` are all its auctions;
    of those in `to_tell` not everybody was told yet."""

    concert_id: int
    why: str
    auction_ids: tuple[int, ...]
    to_tell: tuple[int, ...]
    repeated: bool = False


def foresee(concert_id: int) -> dict[int, Foreseen]:
    """What cancelling would do to each auction that is not void yet; nothing is changed. Raises NotCancellable."""
    if db.session.get(Concert, concert_id) is None:
        raise _unknown(concert_id)
    auctions = _auctions_of(db.session(), concert_id)
    return {row.id: voiding.foresee(row.id) for row in auctions if row.state is not State.VOIDED}


def cancel(concert_id: int, why: str, operator: str, now: datetime) -> Cancelled:
    """Cancel a concert at `now` (UTC) and record the act with its reason, which everybody may read. Raises
    NotCancellable."""
    why = why.strip()
    if not 1 <= len(why) <= WHY_MAX:
        raise NotCancellable(f"Say why, in 1 to {WHY_MAX} characters.")
    return in_one_unit(lambda session: _cancel(session, concert_id, why, operator, now))


def taken_back(concert_id: int) -> tuple[tuple[Refund, ...], int]:
    """The bought seats that the cancelling of a concert voided, whose prices are to be given back, and how many were
    only offered: the same whenever it is asked. Nothing for a concert that is not cancelled."""
    act = db.session.scalar(cancellation(concert_id))
    voided = [refunds_of(db.session(), auction_id) for auction_id in act.facts["auctions"]] if act else []
    refunds = tuple(refund for of_auction, _ in voided for refund in of_auction)
    return refunds, sum(withdrawn for _, withdrawn in voided)


def _cancel(session: Session, concert_id: int, why: str, operator: str, now: datetime) -> Cancelled:
    if session.get(Concert, concert_id) is None:
        raise _unknown(concert_id)
    lock_concert(session, concert_id)
    before = session.scalar(cancellation(concert_id))
    if before is None:
        running = [row.id for row in _auctions_of(session, concert_id) if row.state is not State.VOIDED]
        record_act(session, operator, Act.CONCERT_CANCEL, concert_subject(concert_id), why, {"auctions": running})
        for auction_id in running:
            voiding.void_in(session, auction_id, why, operator, now)
    auctions = _auctions_of(session, concert_id)
    return Cancelled(
        concert_id,
        before.why if before else why,
        auction_ids=tuple(row.id for row in auctions),
        to_tell=tuple(row.id for row in auctions if row.telling_since is not None),
        repeated=before is not None,
    )


def _auctions_of(session: Session, concert_id: int) -> Sequence[Auction]:
    """The auctions of a concert, in the order in which they end."""
    of_concert = select(Auction).where(Auction.concert_id == concert_id).order_by(Auction.ends_at, Auction.id)
    return session.scalars(of_concert, execution_options={"populate_existing": True}).all()


def _unknown(concert_id: int) -> NotCancellable:
    return NotCancellable(f"There is no concert {concert_id}; `flask concert list` shows them.")
