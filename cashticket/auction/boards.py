"""What a board shows of an order of any length: which rows, and how the amounts are spread. Money is whole won."""

from collections.abc import Sequence
from dataclasses import dataclass

from cashticket.auction.values import RankedBid

TOP_ROWS = 20
"""The best bids that a board shows, at most."""

EDGE_ROWS = 5
"""Rows that a board shows on each side of the cut-off line, at most."""

BINS_MAX = 12
"""Bins of a histogram, at most."""

HIGHEST_SHARE = 50
"""One bid in this many lies in the last bin or above it: a few high bids do not press all others into the first."""


@dataclass(frozen=True, slots=True)
class Bin:
    """How many standing bids have an amount of at least `lowest` won and less than the `lowest` of the next bin."""

    lowest: int
    bids: int


def edge_ranks(seats: int, bidders: int) -> tuple[int, int]:
    """First and last rank around the cut-off line, or around the last bidder while seats are free. (1, 0) without
    bids."""
    line = min(seats, bidders)
    return (max(1, line - EDGE_ROWS + 1), min(bidders, line + EDGE_ROWS)) if line else (1, 0)


def bin_width(lowest: int, high: int, step: int) -> int:
    """The width in won of the bins from `lowest` to `high`: a multiple of the bid step, so that BINS_MAX reach it."""
    steps = (high - lowest) // step
    return step * max(1, -(-(steps + 1) // BINS_MAX))


def histogram(order: Sequence[RankedBid], step: int) -> tuple[Bin, ...]:
    """The amounts of an order in at most BINS_MAX bins of equal width, lowest first; the last bin has no upper end."""
    if not order:
        return ()
    lowest, high = order[-1].amount, order[len(order) // HIGHEST_SHARE].amount
    width = bin_width(lowest, high, step)
    counts = [0] * ((high - lowest) // width + 1)
    for bid in order:
        counts[min((bid.amount - lowest) // width, len(counts) - 1)] += 1
    return tuple(Bin(lowest + width * number, bids) for number, bids in enumerate(counts))
