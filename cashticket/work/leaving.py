"""Leaving the line of an auction. Who left has mail at once, and so has whoever is offered a seat that lapsed."""

from datetime import datetime

from cashticket.settlement import leaving
from cashticket.settlement.leaving import Leaving
from cashticket.work import queueing


def leave(auction_id: int, person_id: int, now: datetime) -> Leaving:
    """Take a person out of the line of a settled auction at `now` (UTC), for good. Raises UnknownLine."""
    done = leaving.leave(auction_id, person_id, now)
    if done.left_at or done.handed_over:
        queueing.deliver_soon()
    return done
