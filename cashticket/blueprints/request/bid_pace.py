"""The pace of bids: 20 a second for each person, 60 at once, counted in the memory of this process.

A bid must not wait for a second store, and its limit need not be exact over all processes.
"""

import threading
import time
from collections import OrderedDict
from typing import Any, cast

from flask import Blueprint, current_app
from werkzeug.exceptions import TooManyRequests

from cashticket.wiring import current_settings

blueprint = Blueprint("bid_pace", __name__)

BIDS_A_SECOND = 20.0
BIDS_BURST = 60.0
BUCKETS_MAX = 20_000


class Pace:
    """A token bucket per person, in memory, for the `size` people seen last: `rate` a second, `burst` at once."""

    def __init__(self, rate: float, burst: float, size: int) -> None:
        self._rate, self._burst, self._size = rate, burst, size
        self._buckets: OrderedDict[int, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, person_id: int, now: float) -> float:
        """Take a token at `now` (monotonic seconds). Returns 0.0, or without a token the seconds until there is one."""
        with self._lock:
            tokens, filled_at = self._buckets.pop(person_id, (self._burst, now))
            tokens = min(self._burst, tokens + (now - filled_at) * self._rate)
            allowed = tokens >= 1
            self._buckets[person_id] = (tokens - 1 if allowed else tokens, now)
            if len(self._buckets) > self._size:
                self._buckets.popitem(last=False)
            return 0.0 if allowed else (1 - tokens) / self._rate


def allow_bid(person_id: int) -> None:
    """Take a token for one bid. Raises TooManyRequests with Retry-After when `person_id` bids too fast."""
    if not current_settings().rate_limits:
        return
    seconds = cast(Pace, current_app.extensions["bid_pace"]).wait(person_id, time.monotonic())
    if seconds:
        raise TooManyRequests(retry_after=max(1, round(seconds)))


@blueprint.record_once
def give_pace(state: Any) -> None:
    """Give the application its buckets."""
    state.app.extensions["bid_pace"] = Pace(BIDS_A_SECOND, BIDS_BURST, BUCKETS_MAX)
