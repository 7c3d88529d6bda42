"""How far long work has come, as lines on standard error."""

import time

import click

EVERY_SECONDS = 1.0


class ProgressLines:
    """Called while work goes on, it writes a line once a second: `auction 3: 20,000 of 450,000 bids checked`."""

    def __init__(self, subject: str, *, ending: str = "") -> None:
        """`ending` stands after the name of each step."""
        self._subject, self._ending = subject, ending
        self._next_at = time.monotonic() + EVERY_SECONDS

    def __call__(self, step: str, done: int, total: int) -> None:
        if time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + EVERY_SECONDS
        click.echo(f"{self._subject}: {done:,} of {total:,} {step}{self._ending}", err=True)
