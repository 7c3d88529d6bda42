"""One log line when something goes away, one when it is back: not one a round."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable

DATABASE_AWAY = (DBAPIError, PoolTimeout)
AWAY = (StoreUnavailable, OutcomeUnknown, redis.RedisError, *DATABASE_AWAY)
"""What stores raise while they cannot be reached. The work is repeat-safe, so it is simply done again later."""

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.1, 1.0


class Outages:
    """What `who` cannot reach at the moment."""

    def __init__(self, log: logging.Logger, who: str) -> None:
        self._log, self._who = log, who
        self._told: dict[str, str] = {}
        self.pause_seconds = 0.0

    @contextmanager
    def survived(self) -> Iterator[None]:
        """Run a round; a store that is away ends it with a line in the log, and `pause_seconds` grows."""
        try:
            yield
        except AWAY as error:
            self.pause_seconds = min(LONGEST_PAUSE_SECONDS, self.pause_seconds * 2 or FIRST_PAUSE_SECONDS)
            self.once("store", f"{type(error).__name__}: {error}".split("\n")[0][:300])
        else:
            self.pause_seconds = 0.0
            self.over("store")

    def once(self, about: str, trouble: str) -> None:
        """Log a trouble unless it is the one already told `about` this."""
        if self._told.get(about) is None:
            self._log.error("%s waits: %s", self._who, trouble)
        self._told[about] = trouble

    def over(self, about: str) -> None:
        """Say, once, that a trouble is over."""
        if self._told.pop(about, None) is not None:
            self._log.warning("%s goes on", self._who)
