"""Being asked to stop: a long job looks at `asked` between two steps and ends by itself, so no work is cut in half.

What waits for a store or a server that does not answer cannot look. It is broken off LAST_SECONDS later, which is safe
because all of it may be repeated.
"""

import atexit
import signal
import sys
import threading
from types import FrameType

LAST_SECONDS = 2

asked = threading.Event()


def on_signals(*signals: signal.Signals) -> None:
    """From now on these signals ask this process to stop instead of killing it. Main thread only."""
    signal.signal(signal.SIGALRM, lambda number, frame: sys.exit(0))
    # What is left of an ending interpreter may take its time, and has no handler any more: the alarm would kill it.
    atexit.register(signal.alarm, 0)
    for each in signals:
        signal.signal(each, ask)


def ask(number: int, frame: FrameType | None) -> None:
    """Ask this process to stop; LAST_SECONDS later it gets SIGALRM, whose handler breaks off what still runs."""
    if not asked.is_set():
        asked.set()
        signal.alarm(LAST_SECONDS)
