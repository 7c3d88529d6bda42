"""The verbs of the engine in memory that stop bidding, let it go on, and end it."""

from collections.abc import Callable

from cashticket.auction.outages import Silence
from cashticket.engine.interface import Beat, Closing
from cashticket.engine.memory_reading import MemoryReader, system_clock


class FairMemory(MemoryReader):
    """`FairEngine` on dictionaries. `silences` are what `beat` returns: this engine itself is never away."""

    def __init__(self, clock: Callable[[], int] = system_clock) -> None:
        super().__init__(clock)
        self.silences: tuple[Silence, ...] = ()

    def beat(self) -> Beat:
        now_ms = self._clock()
        return Beat(now_ms, now_ms, self.silences)

    def pause(self, auction_id: int, reason: str, instead_of: str = "", now_ms: int | None = None) -> bool:
        if not reason:
            raise ValueError("bidding is paused only for a reason")
        with self._lock:
            return self._auction(auction_id).pause(reason, instead_of, self._now(now_ms))

    def resume(
        self,
        auction_id: int,
        reason: str,
        checked_on: str = "",
        known_ms: int | None = None,
        deadline_ms: int | None = None,
        recorded_end_ms: int | None = None,
        now_ms: int | None = None,
    ) -> bool:
        with self._lock:
            auction = self._auction(auction_id)
            moments = (known_ms, deadline_ms, recorded_end_ms, self._now(now_ms))
            return auction.resume(reason, checked_on, *moments)

    def give_back(
        self, auction_id: int, silence: Silence, deadline_ms: int | None = None, recorded_end_ms: int | None = None
    ) -> bool:
        with self._lock:
            return self._auction(auction_id).give_back(silence, deadline_ms, recorded_end_ms)

    def close(self, auction_id: int, now_ms: int | None = None, known_ms: int | None = None) -> Closing:
        with self._lock:
            return self._auction(auction_id).close(self._now(now_ms), known_ms)
