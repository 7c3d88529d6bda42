"""Notices a step of the live store's clock, by comparing it with time that no clock setting changes.

Between two looks the store's clock must go on as far as this machine has measured. If it does not, the clocks disagree
until the store's is back where it belongs: where the measured time says, or, within STEP_MS, where this machine's clock
is, provided that this one made no step itself. An operator may accept the new time by resuming an auction.
"""

import time
from collections.abc import Callable, Mapping

from cashticket.engine.machine_time import measured_ms

STEP_MS = 2_000
"""A clock that is off by more than this has made a step."""


def wall_clock_ms() -> float:
    """This machine's time in ms since 1970 UTC."""
    return time.time() * 1000


class StoreClock:
    """Call `begin` before the store is asked for its time, and `see` with the answer."""

    def __init__(
        self, measured: Callable[[], float] = measured_ms, wall_clock: Callable[[], float] = wall_clock_ms
    ) -> None:
        self._measured, self._wall_clock = measured, wall_clock
        self._begun_at = measured()
        self._own_offset = wall_clock() - measured()
        self._offset: float | None = None
        self.step_ms = 0
        """How far the store's clock is from where it belongs, 0 while the clocks agree."""

    def begin(self) -> None:
        """Note when the store is asked, because its answer may take a while."""
        self._begun_at = self._measured()

    def see(self, now_ms: int, *, is_trusted: bool = True) -> None:
        """Compare the store's time with what was measured. The first answer is believed if `is_trusted`, else compared
        with this machine's clock."""
        earliest, latest = now_ms - self._measured(), now_ms - self._begun_at
        if self._offset is None:
            self._offset = earliest if is_trusted else self._own_offset
        distance = max(earliest - self._offset, 0) or min(latest - self._offset, 0)
        if abs(distance) > STEP_MS and not self._is_on_own_clock(earliest, latest):
            self.step_ms = int(distance)
            return
        self._offset, self.step_ms = min(max(self._offset, earliest), latest), 0
        if abs(distance) > STEP_MS:
            self._offset = earliest

    def another(self) -> "StoreClock":
        """One for another store, which nobody has asked yet."""
        clock = StoreClock(self._measured, self._wall_clock)
        clock._begun_at = self._begun_at
        return clock

    def accept(self) -> None:
        """Believe the store's present time from the next answer on."""
        self._offset, self._own_offset, self.step_ms = None, self._wall_clock() - self._measured(), 0

    def since(self, measured_at: float) -> int:
        """Milliseconds that were measured since then."""
        return int(self._measured() - measured_at)

    def measured(self) -> float:
        """The present moment, for `since`."""
        return self._measured()

    def _is_on_own_clock(self, earliest: float, latest: float) -> bool:
        own = self._wall_clock() - self._measured()
        has_stepped = abs(own - self._own_offset) > STEP_MS
        return not has_stepped and earliest - STEP_MS <= own <= latest + STEP_MS


class StoreClocks:
    """The clocks of all processes of the live store, by name. A step of one counts as one of all."""

    def __init__(self, first: StoreClock) -> None:
        self._first = first
        self._clocks: dict[str, StoreClock] = {}

    @property
    def step_ms(self) -> int:
        """How far the clock is off that is off most, 0 while all agree."""
        return max((clock.step_ms for clock in self._clocks.values()), key=abs, default=0)

    def begin(self) -> None:
        """Note when the store is asked."""
        for clock in (self._first, *self._clocks.values()):
            clock.begin()

    def see(self, clocks_ms: Mapping[str, int], *, is_trusted: bool) -> None:
        """Compare each time with what was measured, as StoreClock does. Those that are not named any more are left."""
        present = {name: self._clocks.get(name) or self._new() for name in clocks_ms}
        for name, clock in present.items():
            clock.see(clocks_ms[name], is_trusted=is_trusted)
        self._clocks = present

    def accept(self) -> None:
        """Believe the present times from the next answer on."""
        for clock in self._clocks.values():
            clock.accept()

    def since(self, measured_at: float) -> int:
        """Milliseconds that were measured since then."""
        return self._first.since(measured_at)

    def measured(self) -> float:
        """The present moment, for `since`."""
        return self._first.measured()

    def _new(self) -> StoreClock:
        return self._first.another() if self._clocks else self._first
