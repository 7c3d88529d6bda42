"""Hand-over by time: expired offers lapse, freed seats are offered to the next in line, and their mails are queued."""

from datetime import datetime

from cashticket.settlement.awards import lapse_all_expired
from cashticket.settlement.handover import offer_freed
from cashticket.work import queueing


def lapse_and_offer(auction_id: int, now: datetime) -> None:
    """Lapse every offer that expired before `now` (UTC) and offer the freed seats, in this auction at least.

    Safe to repeat.
    """
    for affected_id in {auction_id, *lapse_all_expired(now)}:
        offer_freed(affected_id, now)
    queueing.deliver_soon()
