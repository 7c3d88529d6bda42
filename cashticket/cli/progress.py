"""How far long work has come, on standard error: as lines, or as a bar at a terminal."""

import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

import click

T = TypeVar("T")

EVERY_SECONDS = 1.0


class ProgressLines:
    """Called while work goes on, it writes a line once a second: `auction 3: 20,000 of 450,000 bids checked`."""

    def __init__(self, subject: str = "", *, ending: str = "", says_end: bool = False) -> None:
        """`subject` stands before each line, `ending` after it. `says_end`: the last step always has its line."""
        self._beginning, self._ending = f"{subject}: " if subject else "", ending
        self._says_end = says_end
        self._next_at = time.monotonic() + EVERY_SECONDS

    def __call__(self, step: str, done: int, total: int) -> None:
        is_end = self._says_end and done >= total
        if time.monotonic() < self._next_at and not is_end:
            return
        self._next_at = time.monotonic() + EVERY_SECONDS
        click.echo(f"{self._beginning}{done:,} of {total:,} {step}{self._ending}", err=True)


def walk(items: Sequence[Any], label: str) -> Iterator[Any]:
    """Walk through `items`, with a bar at a terminal, elsewhere with lines like `Reading posters: 20 of 500 done`."""
    if items and sys.stderr.isatty():
        with click.progressbar(items, label=label, file=sys.stderr) as bar:
            yield from bar
        return
    lines = ProgressLines(label)
    for done, item in enumerate(items, 1):
        yield item
        lines("done", done, len(items))


def with_progress(rows: Iterable[T], step: str, total: int) -> Iterator[T]:
    """`rows`, while lines say how many of `total` have come, unless they are printed to a terminal and seen anyway."""
    lines = ProgressLines()
    for done, row in enumerate(rows, 1):
        yield row
        if not sys.stdout.isatty():
            lines(step, done, total)
