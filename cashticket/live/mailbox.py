"""What waits to be sent to one socket. Promises that a slow reader costs a bounded amount of memory and nobody's time.

Of every piece only the newest frame waits. Alerts go first, in order, each at most once. Putting never blocks. While
nothing waits and the writer is idle, a frame is offered to the line itself: no thread or greenlet has to wake for it.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

ALERTS_WAITING = 32
"""More alerts than this for one socket push out the oldest: its reader is far behind, and the standing tells all."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The socket is to be closed with this WebSocket code."""

    code: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """The session behind the socket may have ended: check it before anything else is sent."""


Offer = Callable[[str], bool]
"""Takes a frame to the line without waiting. False: nothing of it was taken."""


class Mailbox:
    """Filled by the hub's threads, emptied by the socket's one writer."""

    __slots__ = ("_alerted", "_alerts", "_changed", "_doubted", "_ended", "_idle", "_offer", "_pieces", "_woken")

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._offer: Offer | None = None
        self._idle = False
        self._pieces: dict[str, str] = {}
        self._alerts: deque[str] = deque(maxlen=ALERTS_WAITING)
        self._alerted: dict[int, int] = {}
        self._ended: Ended | None = None
        self._doubted = False
        self._woken = False

    def deliver_to(self, offer: Offer) -> None:
        """Offer frames to `offer` while the writer waits in `take` with nothing to do."""
        with self._changed:
            self._offer = offer

    def put(self, piece: str, frame: str) -> None:
        """Let `frame` be the newest of its piece."""
        with self._changed:
            if not self._delivered(frame):
                self._pieces[piece] = frame
                self._changed.notify()

    def alert(self, auction_id: int, sequence: int, frame: str) -> bool:
        """Queue a rank-out alert ahead of all pieces. False when one of this auction as new was queued before."""
        with self._changed:
            if sequence <= self._alerted.get(auction_id, 0):
                return False
            self._alerted[auction_id] = sequence
            if not self._delivered(frame):
                self._alerts.append(frame)
                self._changed.notify()
            return True

    def end(self, code: int) -> None:
        """Forget everything that waits and have the socket closed with `code`. The first code stands."""
        with self._changed:
            self._ended = self._ended or Ended(code)
            self._changed.notify()

    def doubt(self) -> None:
        """Have the session checked before anything else is sent."""
        with self._changed:
            self._doubted = True
            self._changed.notify()

    def wake(self) -> None:
        """Have a waiting `take` return at once, so that its caller looks at the socket."""
        with self._changed:
            self._woken = True
            self._changed.notify()

    def take(self, timeout: float) -> str | Ended | Doubt | None:
        """What to do next: send a frame, end, or check the session. None after `timeout` seconds or a `wake`."""
        with self._changed:
            if not self._something():
                self._idle = True
                self._changed.wait(timeout)
                self._idle = False
            self._woken = False
            if self._ended:
                return self._ended
            if self._doubted:
                self._doubted = False
                return Doubt()
            if self._alerts:
                return self._alerts.popleft()
            if self._pieces:
                return self._pieces.pop(next(iter(self._pieces)))
            return None

    def _delivered(self, frame: str) -> bool:
        """Whether the line took this frame at once: only when nothing can be before it or on its way."""
        return self._idle and self._offer is not None and not self._something() and self._offer(frame)

    def _something(self) -> bool:
        return bool(self._ended or self._doubted or self._alerts or self._pieces or self._woken)
