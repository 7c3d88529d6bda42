"""What settled auctions tell whoever thinks about a bid in another one, as pure functions. Amounts are whole won.

A winning amount is what a winner was to pay when the auction was settled: under `pay_as_bid` the own bid, under
`uniform` the one price of all (rule 13). What a seat cost that was handed over later is no winning amount.
"""

from collections.abc import Sequence
from dataclasses import dataclass

AUCTIONS_MIN = 3
"""Fewer auctions tell more about those auctions than about the next one."""


@dataclass(frozen=True, slots=True)
class FinalFigures:
    """One settled auction with a winner: its lowest, median and highest winning amount, and its final cut-off."""

    lowest: int
    median: int
    highest: int
    cutoff: int


@dataclass(frozen=True, slots=True)
class PastResults:
    """Several settled auctions together: how many they are, their lowest and highest winning amount, and the medians of
    their median winning amounts and of their final cut-offs."""

    auctions: int
    lowest: int
    highest: int
    amount: int
    cutoff: int


def middle_places(count: int) -> tuple[int, int]:
    """The places, from 1, whose mean is the median of `count` amounts in order: the same one twice when it is odd."""
    return (count + 1) // 2, count // 2 + 1


def mean_of_two(one: int, other: int) -> int:
    """Half of the sum, in whole won, rounded down."""
    return (one + other) // 2


def median(amounts: Sequence[int]) -> int:
    """The amount in the middle, of an even number the mean of the two there. At least one amount."""
    ordered = sorted(amounts)
    one, other = middle_places(len(ordered))
    return mean_of_two(ordered[one - 1], ordered[other - 1])


def final_cutoff(nth: int | None, minimum: int) -> int:
    """The cut-off at the end: the amount of the N-th bid, the minimum price while fewer than N stood (rule 7)."""
    return minimum if nth is None else nth


def summed_up(auctions: Sequence[FinalFigures]) -> PastResults | None:
    """What these auctions say together; None for fewer than AUCTIONS_MIN."""
    if len(auctions) < AUCTIONS_MIN:
        return None
    return PastResults(
        auctions=len(auctions),
        lowest=min(each.lowest for each in auctions),
        highest=max(each.highest for each in auctions),
        amount=median([each.median for each in auctions]),
        cutoff=median([each.cutoff for each in auctions]),
    )
