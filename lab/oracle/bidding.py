"""Bidding: which amounts are lawful, how bids rank, who is pushed out, and when the end moves (rules 4 to 11)."""

from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

CHANCES = 3
AMOUNT_MAX = 2**31 - 1
FAR_ABOVE = 10


class Bid(Protocol):
    """A recorded bid, of whatever class."""

    @property
    def person(self) -> int: ...
    @property
    def amount(self) -> int: ...
    @property
    def sequence(self) -> int: ...


WITHDRAWN = 0
"""The `nth` of a row that is no bid: from there on the person stands no more, until the next bid."""


class Ranked(NamedTuple):
    """The newest bid of a person, the only one that ranks."""

    person: int
    amount: int
    sequence: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What an accepted bid did.

    `rank` counts from 1, `cutoff` is the one after the bid, `met` the one before it, `own` the person's last amount
    before it (None: first bid).
    `enters`: the person was not winning before and is now. `displaced` is the person pushed to place N+1, `alert`
    whether that person still has a chance.
    """

    rank: int
    cutoff: int
    met: int
    own: int | None
    enters: bool
    displaced: int | None
    alert: bool


def amount_faults(amount: int, *, minimum: int, step: int, maximum: int, own: int | None) -> list[str]:
    """Reasons for which an amount must be refused, in the order of rule 5. `own` is the person's last amount."""
    reasons = {
        "below_minimum": amount < minimum,
        "too_high": amount > maximum,
        "not_a_step": (amount - minimum) % step != 0,
        "not_above_own": own is not None and amount <= own,
    }
    return [reason for reason, applies in reasons.items() if applies]


def is_far_above(amount: int, met: int) -> bool:
    """Whether a bid that meets this cut-off counts only when its amount is said once more. Never at 0 won."""
    return met > 0 and amount > met * FAR_ABOVE


def moved_end(ends_at: int, now: int, *, soft_close: int, latest: int) -> int:
    """The end in force after a bid at `now` that changed who is winning; never past `latest`."""
    return max(ends_at, min(now + soft_close, latest))


def end_after_outage(ends_at: int, began: int, now: int) -> int:
    """The end that gives back the time from `began` to `now`, in which nobody could bid; none if the end had come."""
    return ends_at + max(0, now - began) if began < ends_at else ends_at


def final_order(bids: Iterable[Bid]) -> list[Ranked]:
    """The newest bid of each person, best first; of equal amounts the earlier bid comes first. Rows that have an `nth`
    may be withdrawals."""
    newest: dict[int, Ranked] = {}
    for bid in sorted(bids, key=lambda each: each.sequence):
        newest.pop(bid.person, None)
        if getattr(bid, "nth", 1) != WITHDRAWN:
            newest[bid.person] = Ranked(bid.person, bid.amount, bid.sequence)
    # The newest bids are in the order of their sequences, and a stable sort keeps that order among equal amounts.
    return sorted(newest.values(), key=lambda ranked: -ranked.amount)


def cutoff(order: list[Ranked], seats: int, minimum: int) -> int:
    """The amount of the last winning bid; the minimum price while fewer than `seats` people rank."""
    return order[seats - 1].amount if len(order) >= seats else minimum


@dataclass(frozen=True, slots=True)
class Gone:
    """What a withdrawal did: the `rank` that the person had, the `cutoff` after it, and who came in, or None."""

    rank: int
    cutoff: int
    brought_in: int | None


class Ranking:
    """The order of one auction while bids come in. `used` counts each person's accepted bids."""

    def __init__(self, seats: int, minimum: int) -> None:
        self.seats, self.minimum = seats, minimum
        self.newest: dict[int, Ranked] = {}
        self.used: Counter[int] = Counter()
        # (-amount, sequence, person), so that the best bid comes first.
        self._keys: list[tuple[int, int, int]] = []

    def accept(self, person: int, amount: int, sequence: int, nth: int | None = None) -> Effect:
        """Rank an accepted bid, the person's `nth` (None: one more than before). Returns what it did."""
        own, met = self.newest.get(person), self.cutoff()
        was_winning = self.is_winning(person)
        if own is not None:
            del self._keys[self._place(own)]
        bid = self.newest[person] = Ranked(person, amount, sequence)
        insort(self._keys, _key(bid))
        self.used[person] = self.used[person] + 1 if nth is None else nth
        rank = 1 + self._place(bid)
        enters = rank <= self.seats and not was_winning
        displaced = self._keys[self.seats][2] if enters and len(self._keys) > self.seats else None
        return Effect(
            rank=rank,
            cutoff=self.cutoff(),
            met=met,
            own=None if own is None else own.amount,
            enters=enters,
            displaced=displaced,
            alert=displaced is not None and self.used[displaced] < CHANCES,
        )

    def withdraw(self, person: int) -> Gone | None:
        """Rank on without a person. None when the person does not stand."""
        own = self.newest.pop(person, None)
        if own is None:
            return None
        place = self._place(own)
        del self._keys[place]
        comes_in = place < self.seats <= len(self._keys)
        return Gone(place + 1, self.cutoff(), self._keys[self.seats - 1][2] if comes_in else None)

    def cutoff(self) -> int:
        """The amount of the last winning bid; the minimum price while fewer than `seats` people rank."""
        return -self._keys[self.seats - 1][0] if len(self._keys) >= self.seats else self.minimum

    def is_winning(self, person: int) -> bool:
        """Whether the person's newest bid is among the best N."""
        own = self.newest.get(person)
        return own is not None and self._place(own) < self.seats

    def order(self) -> list[Ranked]:
        """All ranked bids, best first."""
        return [Ranked(person, -amount, sequence) for amount, sequence, person in self._keys]

    def leaders(self) -> list[Ranked]:
        """The best N."""
        return [Ranked(person, -amount, sequence) for amount, sequence, person in self._keys[: self.seats]]

    def _place(self, ranked: Ranked) -> int:
        return bisect_left(self._keys, _key(ranked))


def _key(ranked: Ranked) -> tuple[int, int, int]:
    return (-ranked.amount, ranked.sequence, ranked.person)
