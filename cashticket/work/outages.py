"""Outages in the log: one line when something becomes unreachable, one when it is back."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import redis
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable
from cashticket.logs.failures import failure_text

DATABASE_AWAY = (DBAPIError, PoolTimeout)
AWAY = (StoreUnavailable, OutcomeUnknown, redis.RedisError, *DATABASE_AWAY)
"""What stores raise while they cannot be reached. All work is safe to repeat, so it is retried later."""

_REFUSED_PREFIXES = ("BUSY", "CLUSTERDOWN", "MASTERDOWN", "MISCONF", "NOREPLICAS")


def concerns_one(error: BaseException) -> bool:
    """Whether a store that works answered that this very command cannot be done, so that other work goes on."""
    return type(error) is redis.ResponseError and not str(error).startswith(_REFUSED_PREFIXES)


PAUSE_SECONDS_MIN, PAUSE_SECONDS_MAX = 0.1, 1.0


class Outages:
    """The current troubles of `who`, by topic; `pause_seconds` is how long to wait before the next round."""

    def __init__(self, log: logging.Logger, who: str) -> None:
        self._log, self._who = log, who
        self._reported: dict[str, str] = {}
        self.pause_seconds = 0.0

    @contextmanager
    def tolerated(self) -> Iterator[None]:
        """Run one round. An unreachable store ends it with a log line, and `pause_seconds` doubles up to a maximum."""
        try:
            yield
        except AWAY as error:
            self.pause_seconds = min(PAUSE_SECONDS_MAX, self.pause_seconds * 2 or PAUSE_SECONDS_MIN)
            self.report("store", failure_text(error))
        else:
            self.pause_seconds = 0.0
            self.report_end("store")

    def report(self, topic: str, trouble: str) -> None:
        """Log a trouble unless one is already reported for this topic."""
        if self._reported.get(topic) is None:
            self._log.error("%s waits: %s", self._who, trouble)
        self._reported[topic] = trouble

    def report_end(self, topic: str) -> None:
        """Log that the trouble of this topic is over, if one was reported."""
        if self._reported.pop(topic, None) is not None:
            self._log.warning("%s goes on", self._who)
