"""Collects the garbage of ended sockets when enough of them have ended.

Left alone, Python scans everything alive whenever that has grown by a quarter, in a busy process many times a minute.
With ten thousand sockets one scan takes more than a second, in which nothing is sent. Here it runs once as many sockets
have ended as are open: memory use stays below twice of what is needed, and while nobody leaves nothing is scanned.
"""

import gc

ENDED_MIN = 1000
"""Fewer ended requests than this are not worth a scan."""

YOUNG_COLLECTIONS_MIN = 100_000
"""Young collections before Python may scan everything by itself: hours."""


class GarbageCollection:
    """For a process that serves only sockets, by greenlets: `begin` and `end` are not safe to call from threads."""

    def __init__(self, ended_min: int = ENDED_MIN) -> None:
        self._ended_min = ended_min
        self._open = 0
        self._ended = 0
        self._prepared = False

    def begin(self) -> None:
        """Count a request, mostly a socket, that begins."""
        if not self._prepared:
            self._prepared = True
            # What exists at the start stays until the process ends and need never be scanned again.
            gc.collect()
            gc.freeze()
            young, middle, _ = gc.get_threshold()
            gc.set_threshold(young, middle, YOUNG_COLLECTIONS_MIN)
        self._open += 1

    def end(self) -> None:
        """Count a request that is over, and collect if enough are."""
        self._open -= 1
        self._ended += 1
        if self._ended >= max(self._ended_min, self._open):
            self._ended = 0
            gc.collect()
