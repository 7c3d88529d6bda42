"""Repeats of a knee: which rates a repeat tries around the knee found before, and what all repeats say together.

Pure functions, as the rule itself (`lab.load.knee`).
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from lab.load.knee import RATE_MIN, Knee, Turn, knee_of


@dataclass(frozen=True, slots=True)
class Pair:
    """A rate that is expected to be held, and the next one, which is expected to choke."""

    held: int
    choked: int

    @property
    def step(self) -> int:
        return self.choked - self.held


def median_of(knees: Sequence[Knee]) -> int | None:
    """The number of the repeat, from 0, whose knee is the median of all. None without repeats.

    Of an even number it is the lower one of both in the middle: a rate that was held, not a mean of two. A repeat in
    which no rate was held counts as the lowest.
    """
    if not knees:
        return None
    middle = statistics.median_low(each.held or 0 for each in knees)
    return next(number for number, each in enumerate(knees) if (each.held or 0) == middle)


def spread_of(knees: Sequence[Knee]) -> tuple[int | None, int | None]:
    """The lowest and the highest knee of all repeats; None where no rate was held."""
    rates = sorted(each.held or 0 for each in knees)
    return (rates[0] or None, rates[-1] or None) if rates else (None, None)


def spread_text(knees: Sequence[Knee]) -> str:
    """The lowest and the highest knee of all repeats, in words."""
    low, high = ("–" if rate is None else f"{rate:,}" for rate in spread_of(knees))
    return f"{low} to {high} in {len(knees)} repeats"


def pair_around(knees: Sequence[Knee], precision: float) -> Pair | None:
    """The pair with which the next repeat begins: the median of the repeats so far, and a rate above it by `precision`
    (a share of it). None when the median repeat held no rate."""
    middle = median_of(knees)
    held = None if middle is None else knees[middle].held
    return held and Pair(held, held + max(1, round(held * precision)))


def next_rate_near(turns: Sequence[Turn], pair: Pair, precision: float) -> int | None:
    """The rate of a repeat's next turn; None when its knee is found, or cannot be found with this client.

    First the rate that is expected to be held, then the one that is expected to choke. Where the pair no longer holds,
    the search goes on above or below it, each step twice as far from the first rate, and tries the middle when it
    stepped over the knee.
    """
    if not turns:
        return pair.held
    knee = knee_of(turns)
    if knee.choked is None:
        assert knee.held is not None
        return None if knee.client_bound else max(pair.choked, pair.held + 2 * (knee.held - pair.held))
    if knee.held is None:
        below = max(RATE_MIN, pair.held - max(pair.step, 2 * (pair.held - knee.choked)))
        return below if below < knee.choked else None
    if knee.choked - knee.held <= max(1.0, pair.step, knee.held * precision):
        return None
    return (knee.held + knee.choked) // 2


def ratios(ours: Sequence[Knee], theirs: Sequence[Knee]) -> tuple[float, float, float] | None:
    """How our knee compares with theirs: the ratio of the medians, and the lowest and highest ratio of one repeat.

    Repeats of one number were measured one after the other, so what the machine did meanwhile was the same for both.
    None when a median is missing. Repeats that only one side has, or in which a side held no rate, are left out of the
    range.
    """
    medians = [knees[middle].held if (middle := median_of(knees)) is not None else None for knees in (ours, theirs)]
    if not medians[0] or not medians[1]:
        return None
    of_medians = medians[0] / medians[1]
    each = [mine.held / other.held for mine, other in zip(ours, theirs, strict=False) if mine.held and other.held]
    return of_medians, min([*each, of_medians]), max([*each, of_medians])
