"""Guards of several live stores, each in a thread of its own: none waits for a store that is frozen or cut off, and
what is due is queued meanwhile."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from flask import Flask

from cashticket.work.outages import Outages
from cashticket.work.watch.guard import Guard

log = logging.getLogger(__name__)

ROUND_SECONDS = 1.0


@contextmanager
def guarding(app: Flask, guards: Mapping[str, Guard], stop_event: threading.Event) -> Iterator[Callable[[], float]]:
    """Make the rounds of these guards, by the names of their stores, until the block is left or `stop_event` is set.

    Gives what returns how long the longest round took (seconds) since it was called last.
    """
    ended, took = threading.Event(), dict.fromkeys(guards, 0.0)
    threads = [
        threading.Thread(target=_run, args=(app, guard, name, took, stop_event, ended), name=f"guard-{name}")
        for name, guard in guards.items()
    ]
    for thread in threads:
        thread.daemon = True
        thread.start()

    def longest() -> float:
        seconds = max(took.values(), default=0.0)
        took.update(dict.fromkeys(guards, 0.0))
        return seconds

    try:
        yield longest
    finally:
        ended.set()
        for thread in threads:
            thread.join(ROUND_SECONDS)


def _run(
    app: Flask, guard: Guard, name: str, took: dict[str, float], stop_event: threading.Event, ended: threading.Event
) -> None:
    outages = Outages(log, f"the watch of the live store {name}")
    while not (stop_event.is_set() or ended.is_set()):
        started_at = time.monotonic()
        try:
            with app.app_context(), outages.tolerated():
                guard.round()
        except Exception:
            # One round that fails must not leave the store without a guard.
            log.exception("a round of the watch of the live store %s failed", name)
        seconds = time.monotonic() - started_at
        took[name] = max(took[name], seconds)
        ended.wait(max(outages.pause_seconds, ROUND_SECONDS - seconds))
