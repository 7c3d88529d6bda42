"""Leaving the line of an auction. If expired offers lapse with it, whoever is offered their seats has mail at once."""

from datetime import datetime

from cashticket.settlement import leaving
from cashticket.settlement.leaving import Leaving
from cashticket.work import queueing


def leave(auction_id: int, person_id: int, now: datetime) -> Leaving:
    """Take a person out of the line of a settled auction at `now` (UTC), for good. Raises UnknownLine."""
    done = leaving.leave(auction_id, person_id, now)
    if done.handed_over:
        queueing.deliver_soon()
    return done
