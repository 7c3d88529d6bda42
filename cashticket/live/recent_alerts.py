"""Who was alerted within the last minute, so that a page that connects now is alerted too.

The ledger has a displacement a little later than the news. A page that connects in between would get it from neither.
"""

import threading
import time
from collections import OrderedDict

RETENTION_SECONDS = 60.0


class RecentAlerts:
    """The newest alert of each person in each auction within the last minute. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Oldest first: (auction, person) → (sequence, monotonic seconds).
        self._alerts: OrderedDict[tuple[int, int], tuple[int, float]] = OrderedDict()

    def add(self, auction_id: int, person: int, sequence: int) -> None:
        """Remember that the bid `sequence` pushed this person out."""
        now = time.monotonic()
        with self._lock:
            self._alerts[auction_id, person] = (sequence, now)
            self._alerts.move_to_end((auction_id, person))
            while self._alerts and next(iter(self._alerts.values()))[1] < now - RETENTION_SECONDS:
                self._alerts.popitem(last=False)

    def sequence(self, auction_id: int, person: int) -> int:
        """The remembered bid that pushed this person out of this auction; 0 for none."""
        with self._lock:
            return self._alerts.get((auction_id, person), (0, 0.0))[0]
