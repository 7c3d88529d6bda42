"""Guards of further live stores beside the first: each in a thread of its own, so that none waits for a store that is
frozen or cut off."""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from flask import Flask

from cashticket.work.outages import Outages
from cashticket.work.watch.guard import Guard

log = logging.getLogger(__name__)

ROUND_SECONDS = 1.0


@contextmanager
def guarding(app: Flask, guards: Sequence[tuple[str, Guard]], stop_event: threading.Event) -> Iterator[None]:
    """Make the rounds of these guards, each with the name of its store, until the block is left or `stop_event` is
    set."""
    ended = threading.Event()
    threads = [
        threading.Thread(target=_run, args=(app, guard, name, stop_event, ended), name=f"guard-{name}", daemon=True)
        for name, guard in guards
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join(ROUND_SECONDS)


def _run(app: Flask, guard: Guard, name: str, stop_event: threading.Event, ended: threading.Event) -> None:
    outages = Outages(log, f"the watch of the live store {name}")
    while not (stop_event.is_set() or ended.is_set()):
        started_at = time.monotonic()
        try:
            with app.app_context(), outages.tolerated():
                guard.round()
        except Exception:
            # One round that fails must not leave the store without a guard.
            log.exception("a round of the watch of the live store %s failed", name)
        ended.wait(max(outages.pause_seconds, ROUND_SECONDS - (time.monotonic() - started_at)))
