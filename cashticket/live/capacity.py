"""How many sockets a process serves, in all and for one person or address. Who finds no seat polls instead."""

import threading
from collections import Counter
from dataclasses import dataclass
from typing import TypeVar

Key = TypeVar("Key", int, str)


@dataclass(frozen=True, slots=True)
class Limits:
    """The most sockets of one process, of one address and of one person in it."""

    process: int
    address: int
    person: int


class Capacity:
    """Counts seats. Thread-safe; a seat given back twice counts once."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._lock = threading.Lock()
        self._seats: set[Seat] = set()
        self._addresses: Counter[str] = Counter()
        self._people: Counter[int] = Counter()

    def take(self, address: str, person: int | None) -> "Seat | None":
        """A seat, or None when the process, the address or the person has as many as allowed."""
        with self._lock:
            full = len(self._seats) >= self.limits.process or self._addresses[address] >= self.limits.address
            if full or (person is not None and self._people[person] >= self.limits.person):
                return None
            seat = Seat(self, address, person)
            self._seats.add(seat)
            self._addresses[address] += 1
            if person is not None:
                self._people[person] += 1
            return seat

    def taken(self) -> int:
        """Seats taken now."""
        with self._lock:
            return len(self._seats)

    def give_back(self, seat: "Seat") -> None:
        """Free a seat."""
        with self._lock:
            if seat not in self._seats:
                return
            self._seats.remove(seat)
            _one_less(self._addresses, seat.address)
            if seat.person is not None:
                _one_less(self._people, seat.person)


def _one_less(counts: Counter[Key], key: Key) -> None:
    counts[key] -= 1
    if not counts[key]:
        # A counter keeps its zeros, and addresses come and go by the thousand.
        del counts[key]


@dataclass(frozen=True, eq=False, slots=True)
class Seat:
    """The right to one open socket."""

    capacity: Capacity
    address: str
    person: int | None

    def give_back(self) -> None:
        """Free it."""
        self.capacity.give_back(self)
