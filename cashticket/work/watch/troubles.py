"""Troubles in the log of the watch: one line when one begins, one when it is over, none in the rounds between."""

import logging


class Troubles:
    """The current troubles, a sentence for each topic."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log
        self._current: dict[str, str] = {}

    def log(self, topic: str, trouble: str) -> None:
        """Set the trouble of a topic, '' for none. Logs when one begins and when it ends."""
        if trouble and topic not in self._current:
            self._log.error(trouble)
        if not trouble and topic in self._current:
            self._log.warning("over: %s", self._current[topic])
        self._current.pop(topic, None)
        if trouble:
            self._current[topic] = trouble
