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
        # Oldest first: (auction, person) → monotonic seconds.
        self._moments: OrderedDict[tuple[int, int], float] = OrderedDict()
        # Person → auction → sequence.
        self._alerts: dict[int, dict[int, int]] = {}

    def add(self, auction_id: int, person: int, sequence: int) -> None:
        """Remember that the bid `sequence` pushed this person out."""
        now = time.monotonic()
        with self._lock:
            self._alerts.setdefault(person, {})[auction_id] = sequence
            self._moments[auction_id, person] = now
            self._moments.move_to_end((auction_id, person))
            while next(iter(self._moments.values())) < now - RETENTION_SECONDS:
                self._forget(*self._moments.popitem(last=False)[0])

    def sequence(self, auction_id: int, person: int) -> int:
        """The remembered bid that pushed this person out of this auction; 0 for none."""
        with self._lock:
            return self._alerts.get(person, {}).get(auction_id, 0)

    def of_person(self, person: int) -> dict[int, int]:
        """Auction → the remembered bid that pushed this person out there."""
        with self._lock:
            return dict(self._alerts.get(person, {}))

    def _forget(self, auction_id: int, person: int) -> None:
        of_person = self._alerts[person]
        del of_person[auction_id]
        if not of_person:
            del self._alerts[person]
