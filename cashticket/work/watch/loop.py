"""The watch: each second the guard looks at every auction, and what is due is queued, until a stop signal."""

import logging
import threading
import time
from collections.abc import Callable

from cashticket.engine.interface import Engine
from cashticket.work.outages import Outages
from cashticket.work.watch.due import Queued, queue_due
from cashticket.work.watch.guard import Guard
from cashticket.work.watch.weak_database import WeakDatabase

log = logging.getLogger(__name__)

ROUND_SECONDS = 1.0


def run_watch(
    engine: Engine,
    guard: Guard | None,
    stop_event: threading.Event,
    announce: Callable[[Queued], None],
    tell: Callable[[float, int], None] = lambda round_seconds, database_risks: None,
) -> None:
    """Run rounds until `stop_event` is set, and call `announce` after each round that queued something. `tell` gets how
    long each round took (seconds), and how much may let the database lose what it committed. `guard` is None where
    the rounds of guards are made elsewhere (`store_guards`).

    A store that is away ends a round with a line in the log.
    """
    outages, due_outages = Outages(log, "the watch"), Outages(log, "queueing what is due")
    weak_database = WeakDatabase()
    while not stop_event.is_set():
        started_at = time.monotonic()
        with outages.tolerated():
            if guard:
                guard.round()
            weak_database.look()
        # Also while the guard cannot work: what else is due must not wait for it.
        with due_outages.tolerated():
            queued = queue_due(engine)
            if queued.anything:
                announce(queued)
        tell(time.monotonic() - started_at, weak_database.risks)
        left_seconds = ROUND_SECONDS - (time.monotonic() - started_at)
        stop_event.wait(max(outages.pause_seconds, due_outages.pause_seconds, left_seconds))
