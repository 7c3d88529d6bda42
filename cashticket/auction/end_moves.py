"""How the end of an auction moved, and by what (rules 2, 11 and 19), for the public record. Pure functions.

A late bid moves the end in the step that accepts it, and its row keeps the end after it. Everything else that moves the
end is a shift. Moments are whole milliseconds since 1970 UTC (`_ms`).
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """What moved an end."""

    LATE_BIDS = "late_bids"
    OPERATOR = "operator"
    OUTAGE = "outage"


@dataclass(frozen=True, slots=True)
class Shift:
    """A move of the end that no bid made: by an operator, or back for an outage that lasted from `began_ms` to `at_ms`.

    The end in force was at least `before_ms` before it and at least `ends_at_ms` after it. `after` is the sequence of
    the last bid before it; None where only its moment tells which bids came before. `why` may be empty.
    """

    cause: Cause
    began_ms: int
    at_ms: int
    before_ms: int
    ends_at_ms: int
    after: int | None = None
    why: str = ""

    def is_before(self, sequence: int, at_ms: int) -> bool:
        """Whether it came before the bid with this sequence and moment."""
        return self.after < sequence if self.after is not None else self.at_ms <= at_ms


@dataclass(frozen=True, slots=True)
class EndMove:
    """One move of the end in force, from `before_ms` to `after_ms`. Late bids that follow each other without a shift
    between them are one move, from the bid with the sequence `first` to the one with `last`, both 0 if the record has
    no such bid."""

    cause: Cause
    began_ms: int
    ended_ms: int
    before_ms: int
    after_ms: int
    why: str = ""
    first: int = 0
    last: int = 0

    @property
    def moved_ms(self) -> int:
        """How far the end in force moved; 0 when an operator moved the announced end alone."""
        return self.after_ms - self.before_ms


class EndWalk:
    """Goes along the bids of an auction, in sequence, and says of each how far it moved the end.

    `end_ms` is the end in force before the first of these bids, as far as earlier bids tell; `shifts` are in order.
    """

    def __init__(self, end_ms: int, shifts: Iterable[Shift], soft_close_ms: int) -> None:
        self._end_ms, self._shifts, self._soft_close_ms = end_ms, deque(shifts), soft_close_ms

    def moved_by(self, sequence: int, at_ms: int, ends_at_ms: int) -> int:
        """How far (ms) the next bid moved the end. `ends_at_ms` is the end in force after it.

        A bid moves the end no further than the soft close after itself; a later end was not its doing.
        """
        while self._shifts and self._shifts[0].is_before(sequence, at_ms):
            self._end_ms = max(self._end_ms, self._shifts.popleft().ends_at_ms)
        before_ms, self._end_ms = self._end_ms, max(self._end_ms, ends_at_ms)
        return max(0, ends_at_ms - before_ms) if ends_at_ms <= at_ms + self._soft_close_ms else 0
