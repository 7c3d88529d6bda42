"""Leaving the line: somebody who waits for a freed seat gives the place up for good, and everybody behind moves up.

The concert's row is held, as for every change of awards: whoever is offered a seat at the same moment either has the
offer, and then cannot leave, or has left and is not offered it. Repeating it changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cashticket.auction.values import AwardState, State
from cashticket.models import Auction, Award, FinalRank
from cashticket.models.units import in_one_unit
from cashticket.models.waiting import renew_waiting
from cashticket.settlement.handover import lapse_expired
from cashticket.settlement.issuing import lock_concert_of
from cashticket.settlement.moving_up import tell_moved_up
from cashticket.settlement.notices import add_left_notice


class UnknownLine(LookupError):
    """There is no such auction."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """The person left the line at `left_at` (UTC), now or before; None if that was refused. `refused` says why:
    offered, bought, had_one (an award that is over), not_waiting (passed over now, or no bid), not_settled, voided; or
    "". `handed_over`: expired offers of the concert lapsed in the same unit, so that somebody may have mail."""

    left_at: datetime | None = None
    refused: str = ""
    handed_over: bool = False


def leave(auction_id: int, person_id: int, now: datetime) -> Leaving:
    """Take a person out of the line of a settled auction at `now` (UTC), for good. Raises UnknownLine."""

    def work(session: Session) -> Leaving:
        concert = lock_concert_of(session, auction_id)
        if concert is None:
            raise UnknownLine(f"there is no auction {auction_id}")
        handed_over = bool(lapse_expired(session, concert, now).lapsed)
        mine = (FinalRank.auction_id == auction_id, FinalRank.person_id == person_id)
        # Rows that the lapse has read are older than what it wrote.
        row = session.scalar(select(FinalRank).where(*mine), execution_options={"populate_existing": True})
        refused = _refusal(session, auction_id, person_id, row)
        if row is None or refused:
            tell_moved_up(session, now)
            return Leaving(refused=refused, handed_over=handed_over)
        if row.left_at is None:
            row.left_at = now
            renew_waiting(session, [person_id], concert.id)
            add_left_notice(session, row, now)
        tell_moved_up(session, now)
        return Leaving(row.left_at, handed_over=handed_over)

    return in_one_unit(work)


def _refusal(session: Session, auction_id: int, person_id: int, row: FinalRank | None) -> str:
    state = session.scalar(select(Auction.state).where(Auction.id == auction_id))
    if state is not State.SETTLED:
        return "voided" if state is State.VOIDED else "not_settled"
    mine = (Award.auction_id == auction_id, Award.person_id == person_id)
    award = session.scalar(select(Award.state).where(*mine))
    if award is not None:
        return award.value if award in (AwardState.OFFERED, AwardState.BOUGHT) else "had_one"
    if row is None or not (row.waiting or row.left_at):
        return "not_waiting"
    return ""
