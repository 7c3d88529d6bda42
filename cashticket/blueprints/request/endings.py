"""Whether bidding is over, for pages that read auctions from the tables.

The tables learn late of an end that moves. While bidding is paused the time of an auction stands still, and its end
moves only when bidding goes on. So an end that has passed in the tables is looked up in the live store.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cashticket.auction.values import State
from cashticket.blueprints.request import store_silence
from cashticket.engine.interface import Status
from cashticket.locale import to_moment
from cashticket.models import Auction
from cashticket.wiring import current_engine


@dataclass(frozen=True, slots=True)
class Ending:
    """Whether bidding is over, and the end in force (UTC); None while nobody knows it, because the time stands still
    and the end known before has passed."""

    is_over: bool
    ends_at: datetime | None


STANDS_STILL = Ending(is_over=False, ends_at=None)


def endings(auctions: Sequence[Auction], now: datetime, *, asks_of_begun: bool = False) -> dict[int, Ending]:
    """How far bidding is at `now` (UTC) in each of these auctions, by its id.

    Asks the live store about those alone whose end has passed in the tables, and if `asks_of_begun` about all that have
    begun, so that a pause is known before: one round trip, none if there is none. While it does not answer, or has lost
    the auction, time stands still.
    """
    running = [each for each in auctions if each.state is State.OPEN]
    unsure = [each.id for each in running if each.ends_at <= now or (asks_of_begun and each.opens_at <= now)]
    statuses = (store_silence.answer_or_none(lambda: current_engine().statuses(unsure)) if unsure else None) or {}
    return {
        each.id: _in_store(each, statuses.get(each.id), now)
        if each.id in unsure
        else Ending(each.state is not State.OPEN, each.ends_at)
        for each in auctions
    }


def ending(auction: Auction, now: datetime) -> Ending:
    """How far bidding is in this auction at `now` (UTC), as `endings` tells it."""
    return endings([auction], now)[auction.id]


def _in_store(auction: Auction, status: Status | None, now: datetime) -> Ending:
    if status is None:
        return STANDS_STILL if auction.ends_at <= now else Ending(is_over=False, ends_at=auction.ends_at)
    if status.state is not State.OPEN:
        return Ending(is_over=True, ends_at=auction.ends_at)
    if status.paused:
        return STANDS_STILL
    return Ending(status.now_ms >= status.ends_at_ms, to_moment(status.ends_at_ms))
