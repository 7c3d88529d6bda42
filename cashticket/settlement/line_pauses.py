"""Pausing a line: while an operator looks into something, no freed seat of the auction is offered to anybody.

Rights to buy that were given before go on, and may run out. Once the line goes on, all seats that are free by then are
offered at once, to as many different people. The concert's row is held, as for every hand-over, so no offer is made
after a pause was answered. Repeating either changes nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from cashticket.auction.values import State
from cashticket.errors import OperatorError
from cashticket.models import Auction, Award, Concert
from cashticket.models.operator_acts import WHY_MAX, Act, auction_subject, record_act
from cashticket.models.units import in_one_unit
from cashticket.settlement.handover import lapse_expired, offer_free_seats
from cashticket.settlement.issuing import lock_concert_of
from cashticket.settlement.moving_up import tell_moved_up


class NoLine(OperatorError):
    """The auction has no line that could be paused or go on."""


@dataclass(frozen=True, slots=True)
class LinePause:
    """The line is paused since `paused_at` (UTC), or goes on (None), now or (`repeated`) before. `offered` are the ids
    of the awards by which free seats were offered in the same unit."""

    auction_id: int
    paused_at: datetime | None
    offered: tuple[int, ...] = ()
    repeated: bool = False


def pause(auction_id: int, why: str, operator: str, now: datetime) -> LinePause:
    """Offer no freed seat of a settled auction from `now` (UTC) on, and record the act with its reason. Raises
    NoLine."""

    def work(session: Session, auction: Auction, concert: Concert) -> LinePause:
        # Seats whose time ran out before are offered as if a job had noticed at once.
        lapsed = lapse_expired(session, concert, now)
        if auction.line_paused_at is not None:
            return LinePause(auction_id, auction.line_paused_at, _ids(lapsed.offered), repeated=True)
        auction.line_paused_at = now
        record_act(session, operator, Act.AUCTION_PAUSE_LINE, auction_subject(auction_id), why)
        return LinePause(auction_id, now, _ids(lapsed.offered))

    return _in_a_line(auction_id, why, now, work)


def resume(auction_id: int, why: str, operator: str, now: datetime) -> LinePause:
    """Let the line of a settled auction go on at `now` (UTC), offer its free seats, and record the act with its reason.
    Raises NoLine."""

    def work(session: Session, auction: Auction, concert: Concert) -> LinePause:
        lapsed = lapse_expired(session, concert, now)
        if auction.line_paused_at is None:
            return LinePause(auction_id, None, _ids(lapsed.offered), repeated=True)
        facts = {"paused_at": auction.line_paused_at.isoformat(), "resumed_at": now.isoformat()}
        auction.line_paused_at = None
        record_act(session, operator, Act.AUCTION_RESUME_LINE, auction_subject(auction_id), why, facts)
        offers = offer_free_seats(session, auction, concert, now)
        return LinePause(auction_id, None, _ids([*lapsed.offered, *offers]))

    return _in_a_line(auction_id, why, now, work)


def _in_a_line(
    auction_id: int, why: str, now: datetime, work: Callable[[Session, Auction, Concert], LinePause]
) -> LinePause:
    if not 1 <= len(why) <= WHY_MAX:
        raise NoLine(f"Say why, in 1 to {WHY_MAX} characters.")

    def unit(session: Session) -> LinePause:
        concert = lock_concert_of(session, auction_id)
        if concert is None:
            raise NoLine(f"There is no auction {auction_id}; `flask auction list` shows them.")
        auction = session.get_one(Auction, auction_id)
        if auction.state is not State.SETTLED:
            raise NoLine(f"Auction {auction_id} is {auction.state}; only a settled auction has a line.")
        paused = work(session, auction, concert)
        tell_moved_up(session, now)
        return paused

    return in_one_unit(unit)


def _ids(awards: Iterable[Award]) -> tuple[int, ...]:
    return tuple(award.id for award in awards)
