"""How the standing bids are spread over amounts, as the bars of a board. Money is whole won."""

from itertools import pairwise
from typing import TypedDict

from cashticket.engine.interface import Snapshot


class Bar(TypedDict):
    """The bids from `lowest` to `highest` won, both included; `highest` is None for the last bar, which has no end.
    `percent` is its length against the longest. `side` is in, out, or cutoff for the bar that has the cut-off in it;
    all are in while seats are free."""

    lowest: int
    highest: int | None
    bids: int
    percent: int
    side: str


def bars(snapshot: Snapshot) -> list[Bar]:
    """The bars of this snapshot, highest amounts first."""
    bins = snapshot.histogram
    longest = max((each.bids for each in bins), default=1)
    ends = [following.lowest - snapshot.terms.step for _, following in pairwise(bins)]
    highest: list[int | None] = [*ends, None][: len(bins)]
    return [
        {
            "lowest": each.lowest,
            "highest": end,
            "bids": each.bids,
            # The shortest bar is still seen.
            "percent": max(int(each.bids > 0), 100 * each.bids // longest),
            "side": _side(snapshot, each.lowest, end),
        }
        for each, end in zip(reversed(bins), reversed(highest), strict=True)
    ]


def _side(snapshot: Snapshot, lowest: int, highest: int | None) -> str:
    if snapshot.last_winner is None or snapshot.cutoff < lowest:
        return "in"
    return "cutoff" if highest is None or snapshot.cutoff <= highest else "out"
