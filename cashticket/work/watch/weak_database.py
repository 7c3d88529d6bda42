"""Tells in the log of the watch when the database may lose what it committed, and when that is over."""

import logging
import time
from collections.abc import Callable

from cashticket.extensions import db
from cashticket.models import durability
from cashticket.wiring import current_settings
from cashticket.work.watch.troubles import Troubles

log = logging.getLogger(__name__)

LOOK_SECONDS = 60.0
"""A primary may go on without its replica at any moment; settings change only when somebody restarts it."""


class WeakDatabase:
    """What is weak about the database at present. `clock` is in seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._troubles, self._clock = Troubles(log), clock
        self._sentences: list[str] = []
        self._next_look = 0.0

    @property
    def risks(self) -> int:
        """How much may let the database lose what it committed, as it was seen last."""
        return len(self._sentences)

    def look(self) -> None:
        """Look, if it is time to. Raises SQLAlchemyError while the database is away."""
        if self._clock() < self._next_look:
            return
        with db.engine.connect() as connection:
            sentences = durability.loss_risks(connection, current_settings().database_replicas)
        self._next_look = self._clock() + LOOK_SECONDS
        for sentence in {*self._sentences, *sentences}:
            trouble = f"the database may lose recorded bids: {sentence}" if sentence in sentences else ""
            self._troubles.log(sentence, trouble)
        self._sentences = sentences
