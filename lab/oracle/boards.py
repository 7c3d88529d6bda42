"""What a board shows of an order of ranked bids, stated a second time, for judging."""

from collections.abc import Sequence
from typing import Any

from lab.oracle.bidding import Ranked

TOP, BESIDE_THE_LINE, BINS, ONE_IN = 20, 5, 12, 50


def shown(order: Sequence[Ranked], seats: int, step: int) -> dict[str, Any]:
    """The rows and bins of the board as a history holds them: lists of numbers."""
    last_place = min(seats, len(order))
    first = max(1, last_place - BESIDE_THE_LINE + 1)
    return {
        "top": [list(row) for row in order[: min(TOP, seats)]],
        "edge": [first, *(list(row) for row in order[first - 1 : last_place + BESIDE_THE_LINE])],
        "last_winner": [list(row) for row in order[seats - 1 : seats]],
        "histogram": bins(sorted(row.amount for row in order), step),
    }


def bins(amounts: Sequence[int], step: int) -> list[list[int]]:
    """[lowest amount, bids] of each bin for amounts in ascending order. The widest bins are as narrow as whole steps
    allow, so that BINS of them reach the amount above which one bid in ONE_IN lies; the last has no upper end."""
    if not amounts:
        return []
    low, high = amounts[0], amounts[-1 - len(amounts) // ONE_IN]
    steps = (high - low) // (BINS * step) + 1
    assert low + BINS * steps * step > high, "BINS bins reach the highest amount"
    assert steps == 1 or low + BINS * (steps - 1) * step <= high, "narrower bins do not"
    edges = list(range(low, high + 1, steps * step))
    return [
        [edge, sum(1 for amount in amounts if edge <= amount and (after is None or amount < after))]
        for edge, after in zip(edges, [*edges[1:], None], strict=True)
    ]
