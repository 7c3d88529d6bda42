"""How many request threads hashing may hold, running and waiting together.

Bids are answered by the same threads. So hashing holds at most a quarter of them: whoever finds every place taken is
turned away at once and may try again.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

RUNNING_MAX = 2
PLACES_MAX = 8
THREADS_A_PLACE = 4
"""A place for each so many request threads."""

WAIT_SECONDS = 2.0
"""A hash takes 25 ms, so nobody in a place waits this long unless the machine stands still."""


class TooBusy(Exception):
    """Too many passwords are being hashed now; try again in a second. Doors answer 503."""


class HashingPool:
    """At most `RUNNING_MAX` hashes run, and `places` threads run or wait. Thread-safe."""

    def __init__(self, places: int = PLACES_MAX) -> None:
        self._lock = threading.Lock()
        self._running = threading.BoundedSemaphore(RUNNING_MAX)
        self._taken = 0
        self.places = places

    def fit(self, threads: int) -> None:
        """Take at most a quarter of `threads`, the requests that the process serves at once, but one place at least.

        With 0 threads nothing is hashed: the process serves no forms.
        """
        self.places = min(PLACES_MAX, max(1, threads // THREADS_A_PLACE)) if threads else 0

    def is_full(self) -> bool:
        """Whether `place` would raise TooBusy now. Whoever asks first saves the work that leads to it."""
        return self._taken >= self.places

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place for as long as the block lasts. Raises TooBusy when none is free."""
        with self._lock:
            if self._taken >= self.places:
                raise TooBusy
            self._taken += 1
        try:
            if not self._running.acquire(timeout=WAIT_SECONDS):
                raise TooBusy
            try:
                yield
            finally:
                self._running.release()
        finally:
            with self._lock:
                self._taken -= 1
