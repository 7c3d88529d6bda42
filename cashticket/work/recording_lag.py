"""How many accepted bids wait to be recorded, and for how long."""

import time
from dataclasses import dataclass

from cashticket.auction.values import Entry
from cashticket.engine.interface import Engine

LAG_SECONDS_MAX = 30.0
"""Recording takes milliseconds. A bid that waits this long means that no worker drains."""


@dataclass(frozen=True, slots=True)
class RecordingLag:
    """Accepted bids that wait, by auction, and how many seconds the oldest has waited; 0 if none waits."""

    waiting: dict[int, int]
    seconds: float


def recording_lag(engine: Engine) -> RecordingLag:
    """Read the heads of all lists. Raises StoreUnavailable and OutcomeUnknown."""
    waiting = {auction_id: count for auction_id, count in engine.backlog(engine.auctions()).items() if count}
    heads = [entry for auction_id in waiting for entry in engine.peek(auction_id, 1)]
    oldest = [entry.at_ms for entry in heads if isinstance(entry, Entry)]
    return RecordingLag(waiting, max(0.0, time.time() - min(oldest) / 1000) if oldest else 0.0)
