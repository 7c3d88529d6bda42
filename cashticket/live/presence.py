"""Who has a live page open, told to the queue Redis, so that only those who are away are mailed.

Each process keeps a mark of its own in the set of every person it serves. Marks are renewed long before they run out,
taken back within a second of the last page's end, and end by themselves with a process that was killed. A thread of
its own does this: a queue Redis that is away or slow holds up no board and no alert.
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

log = logging.getLogger(__name__)

MARK_SECONDS = 20
ROUND_SECONDS = 1.0
RENEWED_EVERY = 5
"""A mark is renewed in every so many rounds; who is due in which is spread over them."""

AT_ONCE = 500


class Presence:
    """Calls the roll of one process once a second, from `start` to `stop`."""

    def __init__(self, client_factory: Callable[[], redis.Redis], people: Callable[[], Collection[int]]) -> None:
        """`people()` is who has a page open here now; it is asked from the thread."""
        self._client_factory = client_factory
        self._people = people
        self._mark = secrets.token_hex(8)
        self._marked: set[int] = set()
        self._rounds = 0
        self._away = False
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="presence", daemon=True)

    def start(self) -> None:
        """Start calling the roll."""
        self._thread.start()

    def stop(self, timeout: float = 2.0) -> None:
        """Take every mark back and end."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        with closing(self._client_factory()) as client:
            while not self._stopped.is_set():
                self._round(client, self._people())
                self._stopped.wait(ROUND_SECONDS)
            self._round(client, ())

    def _round(self, client: redis.Redis, people: Collection[int]) -> None:
        present = set(people)
        self._rounds += 1
        turn = self._rounds % RENEWED_EVERY
        due = {person for person in present if person not in self._marked or person % RENEWED_EVERY == turn}
        try:
            self._renew(client, due)
            self._take_back(client, self._marked - present)
        except redis.RedisError as error:
            if not self._away:
                log.warning("who is present cannot be told, so who is out may get a mail as well: %s", error)
            self._away = True
            # What was marked may have run out meanwhile: everybody counts as new when the store is back.
            self._marked.clear()
            return
        self._away = False
        self._marked = present

    def _renew(self, client: redis.Redis, people: Iterable[int]) -> None:
        def renew(pipeline: Pipeline, person: int) -> None:
            pipeline.sadd(redis_keys.present(person), self._mark)
            pipeline.expire(redis_keys.present(person), MARK_SECONDS)

        _for_each(client, people, renew)

    def _take_back(self, client: redis.Redis, people: Iterable[int]) -> None:
        def take_back(pipeline: Pipeline, person: int) -> None:
            pipeline.srem(redis_keys.present(person), self._mark)

        _for_each(client, people, take_back)


def present_among(client: redis.Redis, people: Iterable[int]) -> set[int]:
    """Those of these people who have a live page in any process. Raises redis.RedisError."""
    asked = sorted(set(people))
    marks = _for_each(client, asked, lambda pipeline, person: pipeline.exists(redis_keys.present(person)))
    return {person for person, marked in zip(asked, marks, strict=True) if marked}


def _for_each(client: redis.Redis, people: Iterable[int], command: Callable[[Pipeline, int], object]) -> list[Any]:
    """The replies to a command for each person, many in one round trip."""
    replies: list[Any] = []
    waiting = list(people)
    for start in range(0, len(waiting), AT_ONCE):
        pipeline = client.pipeline(transaction=False)
        for person in waiting[start : start + AT_ONCE]:
            command(pipeline, person)
        replies += pipeline.execute()
    return replies
