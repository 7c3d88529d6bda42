"""Which of several live stores are frozen or cut off, as a process has noticed: nobody waits for them each time.

Whoever waited for such a store in vain is the last one of the process to do so. From then on a thread asks it, and
everybody else goes on without it until it answers.
"""

import threading
import time
from collections.abc import Callable, Mapping
from typing import TypeVar

from cashticket.engine.errors import OutcomeUnknown, StoreUnavailable
from cashticket.engine.interface import Engine

T = TypeVar("T")

SLOW_SECONDS = 0.25
"""A store that took longer than this to fail is frozen or cut off."""

LEFT_ALONE_SECONDS = 5.0
"""Such a store is left alone for this long. The thread that asks it prolongs that, if it runs: a fork ends it."""

ASKED_AGAIN_SECONDS = 1.0


class SilentStores:
    """Safe to share between threads and greenlets."""

    def __init__(self, stores: Mapping[str, Engine]) -> None:
        self._stores = stores
        self._lock = threading.Lock()
        # Store → monotonic time before which it is left alone.
        self._until: dict[str, float] = {}
        self._threads: dict[str, threading.Thread] = {}

    def names(self) -> frozenset[str]:
        """The stores that are left alone now."""
        # A copy of a few names, so that another thread may change them.
        return frozenset(name for name in list(self._until) if self.is_silent(name))

    def is_silent(self, name: str) -> bool:
        """Whether a store is left alone now."""
        return time.monotonic() < self._until.get(name, 0.0)

    def attempt(self, name: str, ask: Callable[[Engine], T]) -> T:
        """What `ask` gets from a store. One that is slow to fail is left alone from then on. Raises what `ask` does."""
        began_at = time.monotonic()
        try:
            return ask(self._stores[name])
        except (StoreUnavailable, OutcomeUnknown):
            if time.monotonic() - began_at > SLOW_SECONDS:
                self._leave_alone(name)
            raise

    def _leave_alone(self, name: str) -> None:
        with self._lock:
            self._until[name] = time.monotonic() + LEFT_ALONE_SECONDS
            thread = self._threads.get(name)
            if thread is None or not thread.is_alive():
                # A daemon: no process waits for a frozen store when it ends.
                self._threads[name] = threading.Thread(
                    target=self._ask_until_it_answers, args=(name,), name=f"silent-store-{name}", daemon=True
                )
                self._threads[name].start()

    def _ask_until_it_answers(self, name: str) -> None:
        while self._is_slow_to_fail(name):
            self._until[name] = time.monotonic() + LEFT_ALONE_SECONDS
            time.sleep(ASKED_AGAIN_SECONDS)
        with self._lock:
            self._until.pop(name, None)
            self._threads.pop(name, None)

    def _is_slow_to_fail(self, name: str) -> bool:
        began_at = time.monotonic()
        try:
            self._stores[name].clock()
        except (StoreUnavailable, OutcomeUnknown):
            return time.monotonic() - began_at > SLOW_SECONDS
        return False
