"""What ended sockets leave behind, collected when enough of them have gone.

Left alone, Python looks through everything that lives whenever that has grown by a quarter, and in a busy hall many
times a minute. With ten thousand sockets one such look takes more than a second, in which nobody is told anything. Here
it comes after as many sockets have ended as are open: memory stays within twice of what is needed, and a hall in which
everybody stays is not held up at all.
"""

import gc

ENDED_MIN = 1000
"""Fewer ended requests than this are not worth looking for."""

RARELY = 100_000
"""Young collections before Python may look through everything by itself: a matter of hours."""


class GarbageCollection:
    """For a process that serves sockets alone, by greenlets: `begin` and `end` are not safe to call from threads."""

    def __init__(self, ended_min: int = ENDED_MIN) -> None:
        self._ended_min = ended_min
        self._open = 0
        self._ended = 0
        self._prepared = False

    def begin(self) -> None:
        """A request, mostly a socket, has come."""
        if not self._prepared:
            self._prepared = True
            # What the process was started with stays until it ends and need never be looked through again.
            gc.collect()
            gc.freeze()
            young, middle, _ = gc.get_threshold()
            gc.set_threshold(young, middle, RARELY)
        self._open += 1

    def end(self) -> None:
        """A request is over."""
        self._open -= 1
        self._ended += 1
        if self._ended >= max(self._ended_min, self._open):
            self._ended = 0
            gc.collect()
