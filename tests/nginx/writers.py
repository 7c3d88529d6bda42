"""People who bid through nginx while something is changed behind it, and what they were answered."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from itertools import count
from typing import cast

from lab.servers.installation import WebProcess
from lab.servers.nginx_server import Nginx
from lab.waiting import wait_until
from tests.staging.rows import NAMES
from tests.story.visitor import Visitor

FINAL = {200, 201, 422}
"""Accepted again, accepted, refused. Not 502 or 504: the answer was lost; not 503: nobody served."""

BIDS_AROUND_CHANGE = 50
PACE_SECONDS = 0.3
"""Of each writer, so that no session is slowed down by nginx."""

_requests = count(1)


class Writers:
    """Everybody bids through nginx, again and again, in several windows, and remembers how each bid was answered."""

    def __init__(self, nginx: Nginx, auction_id: int, windows: int = 4) -> None:
        self._auction_id, self._stop = auction_id, threading.Event()
        self.answers: Counter[int | str] = Counter()
        # To a visitor nginx is as good as a web process: both have a port.
        self._web = cast(WebProcess, nginx)
        visitors = [Visitor(name).sign_in(self._web) for name in NAMES]
        self._threads = [
            threading.Thread(target=self._write, args=(visitor, visitor.token(self._web)))
            for visitor in visitors
            for _ in range(windows)
        ]

    @contextmanager
    def writing(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join()

    def wait_for_more(self, bids: int = BIDS_AROUND_CHANGE) -> None:
        wanted = self.answers.total() + bids
        wait_until(lambda: self.answers.total() >= wanted, "answers to further bids")

    def _write(self, visitor: Visitor, token: str) -> None:
        while not self._stop.wait(PACE_SECONDS):
            number = next(_requests)
            try:
                answer = visitor.bid(
                    self._web, self._auction_id, 100_000 + 10_000 * number, f"request-{number}", token=token
                )
                self.answers[answer.status] += 1
            except (OSError, HTTPException) as error:
                self.answers[type(error).__name__] += 1
