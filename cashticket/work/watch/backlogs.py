"""Auctions whose backlog stays full: every bid is refused, so this is a pause, and its time is given back."""

from cashticket.engine.interface import Status
from cashticket.engine.pauses import BACKLOG_FULL
from cashticket.work.watch.troubles import Troubles

ROOM_AGAIN = 0.9
"""After a full backlog, bidding resumes below this part of what may wait, so that it does not flap."""


class Backlogs:
    """How many bids wait for the ledger, against the `backlog_max` of the engine."""

    def __init__(self, backlog_max: int, troubles: Troubles) -> None:
        self._backlog_max, self._troubles = backlog_max, troubles

    def reason(self, auction_id: int, status: Status) -> str:
        """BACKLOG_FULL while every bid is refused for it, '' otherwise."""
        share = ROOM_AGAIN if status.paused == BACKLOG_FULL else 1
        waiting = status.sequence - status.recorded
        is_full = waiting >= self._backlog_max * share
        full = f"auction {auction_id}: {waiting} bids wait for the ledger, bidding pauses: is a drain running?"
        self._troubles.log(f"backlog of {auction_id}", full if is_full else "")
        return BACKLOG_FULL if is_full else ""
