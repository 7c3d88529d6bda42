"""What a reader process saw, counted as it comes, so that minutes of frames at thousands of sockets stay small.

Boards are counted by (version before, version now, millisecond of arrival). With the moments of acceptance, this gives
the wait for every bid at every socket. Alerts are kept one by one.
"""

import re
import time
from array import array
from collections import Counter
from typing import Any

VERSION = re.compile(rb'data-version="(\d+)"')
STORE_CLOCK = re.compile(rb'data-now-ms="(\d+)"')
ALERT = re.compile(rb'data-alert="rank-out" data-sequence="(\d+)"')
HEAD_BYTES = 600
"""A frame names its kind and version in its first bytes."""


class Seen:
    """Counts of one reader process."""

    def __init__(self) -> None:
        self.progress_at = time.monotonic()
        self.connecting_seconds = 0.0
        self.refused: Counter[str] = Counter()
        self.closed: Counter[str] = Counter()
        self._connect_ms = array("d")
        self._frames: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        self._boards: dict[tuple[int, int], Counter[int]] = {}
        self._spread: dict[int, list[float]] = {}
        self._alerts: list[tuple[int, int, float]] = []
        # The newest board: most sockets get the same bytes, which need not be searched again.
        self._head = b""
        self._version = 0

    def opened(self, seconds: float) -> None:
        """Count a handshake that took so many seconds."""
        self.progress_at = time.monotonic()
        self._connect_ms.append(seconds * 1000)

    def frame(self, data: bytearray, start: int, end: int, board: int, person: int, now: float) -> int:
        """Count a text frame of a socket whose newest board was `board`. Returns its newest board."""
        head = data[start : min(end, start + HEAD_BYTES)]
        if head == self._head:
            return self._board(self._version, board, end - start, now)
        if (at := head.find(b'id="board"')) >= 0:
            version = VERSION.search(head, at)
            assert version, "a board without a version"
            self._head, self._version = bytes(head), int(version[1])
            return self._board(self._version, board, end - start, now)
        kind = "other"
        if alert := ALERT.search(head):
            kind = "alert"
            self._alerts.append((person, int(alert[1]), now))
        elif b'id="standing"' in head:
            kind = "standing"
        self._frames[kind] += 1
        self._bytes[kind] += end - start
        return board

    def _board(self, version: int, before: int, size: int, now: float) -> int:
        self._frames["board"] += 1
        self._bytes["board"] += size
        times = self._boards.get((before, version))
        if times is None:
            times = self._boards[before, version] = Counter()
        times[int(now * 1000)] += 1
        spread = self._spread.get(version)
        if spread is None:
            self._spread[version] = [now, now, 1]
        else:
            spread[1] = now
            spread[2] += 1
        return max(version, before)

    def handshakes(self) -> dict[str, Any]:
        """Figures about the handshakes."""
        return {
            "connect_ms": [round(each, 1) for each in self._connect_ms],
            "seconds": self.connecting_seconds,
            "refused": self.refused,
        }

    def result(self) -> dict[str, Any]:
        """All other counts. `boards`: before, now, milliseconds and counts; `spread`: version, first, last, sockets."""
        return {
            "frames": self._frames,
            "bytes": self._bytes,
            "closed": self.closed,
            "boards": [[before, now, list(times.items())] for (before, now), times in self._boards.items()],
            "spread": [[version, *spread] for version, spread in self._spread.items()],
            "alerts": self._alerts,
        }


class SeenByAge(Seen):
    """Counts, besides, how many frames were how old when they came, in ms by the store's clock in them. The first frame
    of a socket is left out: its board may have been drawn before."""

    def __init__(self) -> None:
        super().__init__()
        self._ages: Counter[int] = Counter()

    def frame(self, data: bytearray, start: int, end: int, board: int, person: int, now: float) -> int:
        clock = STORE_CLOCK.search(data, start, min(end, start + HEAD_BYTES)) if board else None
        if clock:
            self._ages[max(0, int(time.time() * 1000) - int(clock[1]))] += 1
        return super().frame(data, start, end, board, person, now)

    def result(self) -> dict[str, Any]:
        """As of `Seen`, and `ages`: pairs of ms and number of frames."""
        return super().result() | {"ages": sorted(self._ages.items())}
