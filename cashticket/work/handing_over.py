"""Hand-over by time: expired offers lapse, freed seats are offered to the next in line, and their mails are queued."""

import logging
from datetime import datetime

from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable
from cashticket.locale import to_moment, to_ms
from cashticket.settlement.awards import lapse_all_expired
from cashticket.settlement.handover import offer_freed
from cashticket.work import queueing

log = logging.getLogger(__name__)

CLOCKS_APART_MS = 5_000
"""By so much the clocks of this machine and the live store may differ when an offer lapses."""


def holders_now(engine: Engine, now: datetime) -> datetime:
    """The moment (UTC) by which holders of seats are judged: the earlier of this machine's `now` and the live store's
    clock, so that a clock that runs ahead takes a seat from nobody. `now` while the live store is away."""
    try:
        return min(now, to_moment(engine.clock()))
    except (StoreUnavailable, OutcomeUnknown):
        return now


def is_time_certain(engine: Engine, now: datetime) -> bool:
    """Whether this machine's `now` (UTC) agrees with the live store's clock. Otherwise a seat could be taken from
    somebody who still has time to buy it, and nothing gives it back. True while the live store is away."""
    try:
        apart_ms = abs(to_ms(now) - engine.clock())
    except (StoreUnavailable, OutcomeUnknown):
        return True
    if apart_ms > CLOCKS_APART_MS:
        log.error("no offer lapses: this machine's clock and the live store's differ by %d ms", apart_ms)
    return apart_ms <= CLOCKS_APART_MS


def lapse_and_offer(auction_id: int, now: datetime) -> None:
    """Lapse every offer that expired before `now` (UTC) and offer the freed seats, in this auction at least.

    Safe to repeat.
    """
    for affected_id in {auction_id, *lapse_all_expired(now)}:
        offer_freed(affected_id, now)
    queueing.deliver_soon()
