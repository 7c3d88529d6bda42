"""Waiting for a condition: the one loop with a deadline, for servers and tests."""

import os
import time
from collections.abc import Callable
from typing import TypeVar

PATIENCE_SECONDS = float(os.environ.get("CASHTICKET_PATIENCE", "90"))
"""How long a test waits for what comes within seconds on a machine that has time for it. Waiting longer costs nothing
when all is well. CASHTICKET_PATIENCE sets other seconds, for runs that must fail."""
LOOK_SECONDS = 0.02

Answer = TypeVar("Answer")


def wait_until(condition: Callable[[], Answer], what: str, seconds: float = PATIENCE_SECONDS) -> Answer:
    """Returns the first truthy answer of `condition`. Raises AssertionError, naming `what`, if none comes in time."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"{what} did not come in {seconds:.0f} s; the last answer was {answer!r}"
        time.sleep(LOOK_SECONDS)
    return answer
