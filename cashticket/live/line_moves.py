"""Pages learn that places in a line moved, and each asks for its own: a hub does not know who waits.

Of one auction the pages of a hub are told once in the time over which they then ask. What moves in between is told
together at its end, so that neither frames nor questions grow with the number of moves.
"""

import threading
import time
from collections.abc import Callable

SPREAD_MS = 3_000
"""The least time over which pages ask for their places."""

FETCHES_PER_SECOND = 500
"""How many pages of one hub ask in a second, as for results."""


class LineMoves:
    """Tells moves of lines until `stop`. Thread-safe."""

    def __init__(self, tell: Callable[[int, int], None], pages: Callable[[], int]) -> None:
        """`tell(auction_id, spread_ms)` tells every page; `pages()` is how many there are."""
        self._tell, self._pages = tell, pages
        self._lock = threading.Lock()
        # Auction → when its pages have asked, in monotonic seconds.
        self._until: dict[int, float] = {}
        self._timers: dict[int, threading.Timer] = {}
        self._is_stopped = False

    def moved(self, auction_id: int) -> None:
        """Tell that places in this auction's line moved, now or when the pages have asked of an earlier move."""
        with self._lock:
            wait = self._until.get(auction_id, 0.0) - time.monotonic()
            if self._is_stopped or auction_id in self._timers:
                return
            if wait > 0:
                timer = threading.Timer(wait, self._tell_later, [auction_id])
                timer.daemon = True
                self._timers[auction_id] = timer
                timer.start()
                return
            spread_ms = self._begin(auction_id)
        self._tell(auction_id, spread_ms)

    def stop(self) -> None:
        """End. What waits is not told."""
        with self._lock:
            self._is_stopped = True
            for timer in self._timers.values():
                timer.cancel()

    def _tell_later(self, auction_id: int) -> None:
        with self._lock:
            self._timers.pop(auction_id, None)
            if self._is_stopped:
                return
            spread_ms = self._begin(auction_id)
        self._tell(auction_id, spread_ms)

    def _begin(self, auction_id: int) -> int:
        """Begin the time over which pages ask, and return it in ms."""
        now = time.monotonic()
        spread_ms = max(SPREAD_MS, self._pages() * 1000 // FETCHES_PER_SECOND)
        self._until = {each: until for each, until in self._until.items() if until > now}
        self._until[auction_id] = now + spread_ms / 1000
        return spread_ms
