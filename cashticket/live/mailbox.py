"""What waits to be sent to one socket. A slow reader costs a bounded amount of memory and delays nobody.

Of each piece only the newest frame waits. Alerts go first, in order, each at most once. Putting never blocks. While
nothing waits and the writer is idle, a frame is sent directly, without waking the writer's thread or greenlet.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

ALERTS_MAX = 32
"""At most so many alerts wait for one socket. One more drops the oldest: the reader is far behind anyway."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The socket is to be closed with this WebSocket code."""

    code: int


@dataclass(frozen=True, slots=True)
class CheckSession:
    """The session behind the socket may have ended: check it before anything else is sent."""


TrySend = Callable[[str], bool]
"""Sends a frame without waiting. False if nothing of it was sent."""


class Mailbox:
    """Filled by the hub's threads, emptied by the socket's one writer."""

    __slots__ = (
        "_alerts",
        "_changed",
        "_check_session",
        "_ended",
        "_newest_alerts",
        "_pieces",
        "_try_send",
        "_woken",
        "_writer_idle",
    )

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._try_send: TrySend | None = None
        self._writer_idle = False
        self._pieces: dict[str, str] = {}
        self._alerts: deque[str] = deque(maxlen=ALERTS_MAX)
        # Auction → sequence.
        self._newest_alerts: dict[int, int] = {}
        self._ended: Ended | None = None
        self._check_session = False
        self._woken = False

    def send_directly(self, try_send: TrySend) -> None:
        """Send frames by `try_send` while the writer waits in `take` with nothing to do."""
        with self._changed:
            self._try_send = try_send

    def put(self, piece: str, frame: str) -> None:
        """Replace the waiting frame of this piece."""
        with self._changed:
            if not self._sent_directly(frame):
                self._pieces[piece] = frame
                self._changed.notify()

    def alert(self, auction_id: int, sequence: int, frame: str) -> bool:
        """Queue a rank-out alert ahead of all pieces. False if this auction's alert of that bid or a later one was
        queued before."""
        with self._changed:
            if sequence <= self._newest_alerts.get(auction_id, 0):
                return False
            self._newest_alerts[auction_id] = sequence
            if not self._sent_directly(frame):
                self._alerts.append(frame)
                self._changed.notify()
            return True

    def end(self, code: int) -> None:
        """Skip everything that waits and have the socket closed with `code`. Of several codes the first counts."""
        with self._changed:
            self._ended = self._ended or Ended(code)
            self._changed.notify()

    def check_session(self) -> None:
        """Have the session checked before anything else is sent."""
        with self._changed:
            self._check_session = True
            self._changed.notify()

    def wake(self) -> None:
        """Make a waiting `take` return at once, so that its caller looks at the socket."""
        with self._changed:
            self._woken = True
            self._changed.notify()

    def take(self, timeout: float) -> str | Ended | CheckSession | None:
        """What to do next: send a frame, end, or check the session. None after `timeout` seconds or a `wake`."""
        with self._changed:
            if not self._has_work():
                self._writer_idle = True
                self._changed.wait(timeout)
                self._writer_idle = False
            self._woken = False
            if self._ended:
                return self._ended
            if self._check_session:
                self._check_session = False
                return CheckSession()
            if self._alerts:
                return self._alerts.popleft()
            if self._pieces:
                return self._pieces.pop(next(iter(self._pieces)))
            return None

    def _sent_directly(self, frame: str) -> bool:
        """Send this frame now if nothing waits before it or is on its way. False if nothing of it was sent."""
        return self._writer_idle and self._try_send is not None and not self._has_work() and self._try_send(frame)

    def _has_work(self) -> bool:
        return bool(self._ended or self._check_session or self._alerts or self._pieces or self._woken)
