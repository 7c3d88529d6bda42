"""Sums of many failovers: a table by kind."""

import statistics
from collections.abc import Iterable, Sequence

from tests.storm.failovers.faults import KINDS, LAG
from tests.storm.failovers.run import Outcome

AGAIN_SECONDS_GOAL = 15.0
"""Bids are answered again after so long, at the median."""


def table(outcomes: Sequence[Outcome]) -> str:
    """Markdown: a row for each kind that occurred, and one for all."""
    counts = "answered bids | promoted store lacked | lost | numbers twice | order differs"
    moments = "promoted, median | answered again, median | longest"
    rows = [f"| what happened to the primary | failovers | {counts} | {moments} |", "|---|" + "---|" * 9]
    for kind in (*KINDS, LAG):
        if some := [each for each in outcomes if each.kind == kind]:
            rows.append(_row(kind, some))
    return "\n".join([*rows, _row("all", outcomes)])


def median_again(outcomes: Iterable[Outcome]) -> float:
    """Median of the seconds until bids were answered again; one that never came counts as infinite."""
    seconds = [each.answered_again_seconds for each in outcomes]
    return statistics.median(float("inf") if each is None else each for each in seconds)


def _row(name: str, outcomes: Sequence[Outcome]) -> str:
    again = [each.answered_again_seconds for each in outcomes if each.answered_again_seconds is not None]
    promoted = [each.promoted_seconds for each in outcomes if each.promoted_seconds is not None]
    sums = [
        sum(getattr(each, field) for each in outcomes)
        for field in ("answered", "forgotten", "lost", "doubled", "moved")
    ]
    figures = [statistics.median(promoted or [float("nan")]), median_again(outcomes), max(again, default=float("nan"))]
    cells = [name, len(outcomes), *(f"{each:,}" for each in sums), *(f"{each:.1f} s" for each in figures)]
    return "| " + " | ".join(map(str, cells)) + " |"
