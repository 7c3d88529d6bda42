"""Being asked to stop: a long job looks at `asked` between two steps and ends by itself, so no work is cut in half."""

import signal
import threading

asked = threading.Event()


def on_signals(*signals: signal.Signals) -> None:
    """From now on these signals ask this process to stop instead of killing it. Main thread only."""
    for each in signals:
        signal.signal(each, lambda number, frame: asked.set())
