"""The diagnosis of one part: its health, what was seen, and what an operator does about it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from time import time

CLOCKS_APART_SECONDS = 2.0
"""Clocks of two machines on one time service differ by less."""


class Health(StrEnum):
    """`skipped`: it does not apply here, or could not be looked at because of something else that is told."""

    OK = "ok"
    SKIPPED = "skipped"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What was `seen` of the part `name`, and how to `mend` it, '' where nothing is to be done. Neither holds a
    secret."""

    name: str
    health: Health
    seen: str
    mend: str = ""


class Unwell(Exception):
    """The part that is looked at is bad, and what else was to be seen of it cannot be."""

    def __init__(self, seen: str, mend: str) -> None:
        super().__init__()
        self.seen, self.mend = seen, mend


def ok(name: str, seen: str) -> Diagnosis:
    return Diagnosis(name, Health.OK, seen)


def skipped(name: str, why: str) -> Diagnosis:
    return Diagnosis(name, Health.SKIPPED, why)


def warn(name: str, seen: str, mend: str) -> Diagnosis:
    return Diagnosis(name, Health.WARN, seen, mend)


def bad(name: str, seen: str, mend: str) -> Diagnosis:
    return Diagnosis(name, Health.BAD, seen, mend)


@dataclass(slots=True)
class Asking:
    """When something was asked and answered, in seconds since 1970 by the clock of this machine."""

    began: float = 0.0
    ended: float = 0.0

    def seconds_off(self, shown: float) -> float:
        """How far a clock that showed `shown` while it was asked is ahead (negative: behind), 0 while it may be
        right."""
        return max(shown - self.ended, 0.0) or min(shown - self.began, 0.0)


@contextmanager
def asking() -> Iterator[Asking]:
    """Note when the block begins and ends."""
    moments = Asking(time())
    try:
        yield moments
    finally:
        moments.ended = time()


def of_clock(name: str, seconds_off: float) -> Diagnosis:
    """The diagnosis of a clock that is `seconds_off` from that of this machine."""
    if abs(seconds_off) <= CLOCKS_APART_SECONDS:
        return ok(name, "it shows the time of this machine")
    side = "ahead of" if seconds_off > 0 else "behind"
    return warn(
        name,
        f"it is {abs(seconds_off):,.1f} s {side} the clock of this machine",
        "look at both machines (`timedatectl`, `chronyc tracking`) and keep all of them on one time service",
    )
