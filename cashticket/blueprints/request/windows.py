"""Fixed windows of counted tries: how many, how long, and for whom.

A window begins with the first try that is counted in it. A try is counted in all its windows or, when one of them is
full, in none: refused tries prolong nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from cashticket import redis_keys


@dataclass(frozen=True, slots=True)
class Window:
    """At most `tries_max` counted tries in `seconds`, for each key. `limit` names it in keys and in the log."""

    limit: StrEnum
    tries_max: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """The window of one key: one account, one address, one browser."""

    window: Window
    key: str

    @property
    def name(self) -> str:
        return redis_keys.tries(self.window.limit, self.key)


class Full(Exception):
    """A window takes no more tries for `seconds`."""

    def __init__(self, window: Window, seconds: int) -> None:
        super().__init__(f"{window.limit} is full for {seconds} s")
        self.window, self.seconds = window, seconds


class Store(Protocol):
    """Where tries are counted."""

    def take(self, buckets: Sequence[Bucket]) -> None:
        """Count one try in each bucket. Raises Full, having counted nothing, when one takes no more."""

    def give_back(self, buckets: Iterable[Bucket]) -> None:
        """Take one counted try back from each bucket."""

    def clear(self, buckets: Iterable[Bucket]) -> None:
        """Forget every try of each bucket."""
