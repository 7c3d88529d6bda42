"""How many sockets a process serves: in all, per person and per address. A page that gets no socket polls instead.

Strangers never take the last quarter of a process: those places are kept for people who are signed in.
"""

import math
import threading
from collections import Counter
from dataclasses import dataclass
from typing import TypeVar

PERSON_SOCKETS_MAX = 16
SIGNED_IN_SHARE = 0.25

Key = TypeVar("Key", int, str)


@dataclass(frozen=True, slots=True)
class Limits:
    """How many sockets a process serves at most: in all, to one address, to one person, and to strangers together."""

    process: int
    address: int
    person: int
    anonymous: int


def limits_of(process_max: int, *, production: bool) -> Limits:
    """The limits of a process that serves at most `process_max` sockets."""
    # Universities and mobile carriers share addresses, so an address gets a quarter of the process, and at least 64.
    # Outside production every socket may come from one machine.
    address_max = max(64, process_max // 4) if production else process_max
    anonymous_max = process_max - math.ceil(process_max * SIGNED_IN_SHARE)
    return Limits(process_max, address_max, PERSON_SOCKETS_MAX, anonymous_max)


class Capacity:
    """Counts seats, one per open socket. Thread-safe. Giving a seat back twice counts once."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._lock = threading.Lock()
        self._seats: set[Seat] = set()
        self._addresses: Counter[str] = Counter()
        self._people: Counter[int] = Counter()
        self._anonymous = 0

    def take(self, address: str, person: int | None) -> "Seat | None":
        """A seat, or None when the process, the address, the person or the strangers' share is at its limit."""
        with self._lock:
            if self._is_full(address, person):
                return None
            seat = Seat(self, address, person)
            self._seats.add(seat)
            self._addresses[address] += 1
            if person is None:
                self._anonymous += 1
            else:
                self._people[person] += 1
            return seat

    def _is_full(self, address: str, person: int | None) -> bool:
        if len(self._seats) >= self.limits.process or self._addresses[address] >= self.limits.address:
            return True
        if person is None:
            return self._anonymous >= self.limits.anonymous
        return self._people[person] >= self.limits.person

    def taken(self) -> int:
        """How many seats are taken."""
        with self._lock:
            return len(self._seats)

    def give_back(self, seat: "Seat") -> None:
        """Free a seat."""
        with self._lock:
            if seat not in self._seats:
                return
            self._seats.remove(seat)
            _decrement(self._addresses, seat.address)
            if seat.person is None:
                self._anonymous -= 1
            else:
                _decrement(self._people, seat.person)


def _decrement(counts: Counter[Key], key: Key) -> None:
    counts[key] -= 1
    if not counts[key]:
        # A Counter keeps its zeros, and thousands of addresses come and go.
        del counts[key]


@dataclass(frozen=True, eq=False, slots=True)
class Seat:
    """The right to one open socket of an address, and of a person if signed in."""

    capacity: Capacity
    address: str
    person: int | None

    def give_back(self) -> None:
        """Free this seat."""
        self.capacity.give_back(self)
