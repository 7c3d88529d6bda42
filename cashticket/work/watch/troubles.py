"""Troubles in the log of the watch: one line when one begins, one when it is over, none in the rounds between."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from cashticket.logs.failures import failure_text, failure_trace
from cashticket.work.outages import AWAY, concerns_one


class Troubles:
    """The current troubles, a sentence for each topic."""

    def __init__(self, log: logging.Logger, of: str = "") -> None:
        """`of` begins each line."""
        self._log, self._of = log, of
        self._current: dict[str, str] = {}

    def log(self, topic: str, trouble: str) -> None:
        """Set the trouble of a topic, '' for none. Logs when one begins and when it ends."""
        if trouble and topic not in self._current:
            self._log.error("%s%s", self._of, trouble)
        if not trouble and topic in self._current:
            self._log.warning("over: %s%s", self._of, self._current[topic])
        self._current.pop(topic, None)
        if trouble:
            self._current[topic] = trouble

    @contextmanager
    def contained(self, topic: str) -> Iterator[None]:
        """Work on one of many. A failure that concerns it alone is the trouble of `topic`, and the others go on. Raises
        what stores raise while they are away."""
        try:
            yield
        except Exception as error:
            if isinstance(error, AWAY) and not concerns_one(error):
                raise
            self.log(topic, f"{topic} fails: {failure_text(error)} at {failure_trace(error)[-1]}")
        else:
            self.log(topic, "")
