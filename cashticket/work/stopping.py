"""Stopping a long process: a signal sets `stop_event`, and the work ends by itself between two steps.

Work that waits for a store or server cannot look at the event. It is interrupted GRACE_SECONDS later; that is safe
because all of it may be repeated.
"""

import atexit
import signal
import sys
import threading
from types import FrameType

GRACE_SECONDS = 2

stop_event = threading.Event()


def stop_on_signals(*signals: signal.Signals) -> None:
    """Let these signals set `stop_event` instead of killing the process. Call it in the main thread."""
    signal.signal(signal.SIGALRM, lambda number, frame: sys.exit(0))
    # Cancel the alarm at exit: interpreter shutdown may outlast it and no handler is installed then.
    atexit.register(signal.alarm, 0)
    for each in signals:
        signal.signal(each, request_stop)


def request_stop(number: int, frame: FrameType | None) -> None:
    """Signal handler: set `stop_event`, and interrupt the process by SIGALRM after GRACE_SECONDS."""
    if not stop_event.is_set():
        stop_event.set()
        signal.alarm(GRACE_SECONDS)
