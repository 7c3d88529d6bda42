"""Marks in the queue store that tell who has a live page open, so that only people who are away get a mail.

Each process keeps a mark of its own in the set of every person it serves. Marks are renewed long before they expire,
removed within a second of the person's last page, and expire by themselves when a process was killed. This runs in a
thread of its own: a queue store that is down or slow delays no board and no alert.
"""

import logging
import secrets
import threading
from collections.abc import Callable, Collection, Iterable
from contextlib import closing
from typing import Any

import redis
from redis.client import Pipeline

from cashticket import redis_keys
from cashticket.logs.failures import failure_text

log = logging.getLogger(__name__)

MARK_SECONDS = 20
ROUND_SECONDS = 1.0
RENEWAL_ROUNDS = 5
"""Every mark is renewed once in so many rounds; the people are spread over them."""

PIPELINE_MAX = 500


class PageMarks:
    """Keeps the marks of one process up to date, once a second, from `start` to `stop`."""

    def __init__(self, client_factory: Callable[[], redis.Redis], people: Callable[[], Collection[int]]) -> None:
        """`people()` returns who has a page open in this process; it is called in the thread."""
        self._client_factory = client_factory
        self._people = people
        self._mark = secrets.token_hex(8)
        self._marked: set[int] = set()
        self._rounds = 0
        self._is_store_down = False
        self._stop_event = threading.Event()
        self._thread = threading.Thread(target=self._run, name="page-marks", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout: float = 2.0) -> None:
        """Remove all marks and end. Waits at most `timeout` seconds."""
        self._stop_event.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        with closing(self._client_factory()) as client:
            while not self._stop_event.is_set():
                self._update_marks(client, self._people())
                self._stop_event.wait(ROUND_SECONDS)
            self._update_marks(client, ())

    def _update_marks(self, client: redis.Redis, people: Collection[int]) -> None:
        current = set(people)
        self._rounds += 1
        turn = self._rounds % RENEWAL_ROUNDS
        due = {person for person in current if person not in self._marked or person % RENEWAL_ROUNDS == turn}
        try:
            self._renew(client, due)
            self._remove(client, self._marked - current)
        except redis.RedisError as error:
            if not self._is_store_down:
                log.warning(
                    "open pages cannot be marked, so people who have one open may get mails too: %s",
                    failure_text(error),
                )
            self._is_store_down = True
            # Marks may have expired meanwhile: when the store is back, everybody is marked again.
            self._marked.clear()
            return
        self._is_store_down = False
        self._marked = current

    def _renew(self, client: redis.Redis, people: Iterable[int]) -> None:
        def renew(pipeline: Pipeline, person: int) -> None:
            pipeline.sadd(redis_keys.open_pages(person), self._mark)
            pipeline.expire(redis_keys.open_pages(person), MARK_SECONDS)

        _for_each(client, people, renew)

    def _remove(self, client: redis.Redis, people: Iterable[int]) -> None:
        def remove(pipeline: Pipeline, person: int) -> None:
            pipeline.srem(redis_keys.open_pages(person), self._mark)

        _for_each(client, people, remove)


def people_with_open_page(client: redis.Redis, people: Iterable[int]) -> set[int]:
    """Those of `people` who have a live page open in any process. Raises redis.RedisError."""
    persons = sorted(set(people))
    marks = _for_each(client, persons, lambda pipeline, person: pipeline.exists(redis_keys.open_pages(person)))
    return {person for person, is_marked in zip(persons, marks, strict=True) if is_marked}


def _for_each(client: redis.Redis, people: Iterable[int], command: Callable[[Pipeline, int], object]) -> list[Any]:
    """The replies to a command for each person, PIPELINE_MAX people per round trip."""
    replies: list[Any] = []
    persons = list(people)
    for start in range(0, len(persons), PIPELINE_MAX):
        pipeline = client.pipeline(transaction=False)
        for person in persons[start : start + PIPELINE_MAX]:
            command(pipeline, person)
        replies += pipeline.execute()
    return replies
