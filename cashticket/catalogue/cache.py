"""A cache of texts in Redis. Every change drops all of them.

- A text belongs to a generation, which its maker reads before it reads the tables; `drop` begins the next generation.
  A text made from older facts is never served after `drop` has returned, however slow its maker was.
- A fresh text is given to every caller. When it ages, one caller makes it anew and the others get the old text. When
  there is none, one caller makes it and the others wait for it, at most WAIT_SECONDS.
- While Redis is unreachable, every caller makes the text itself, and Redis is tried again after ALONE_SECONDS.
"""

import logging
import secrets
import time
from collections.abc import Callable
from typing import Any, cast

import redis

from cashticket.logs.failures import failure_text

log = logging.getLogger(__name__)

STALE_MS = 10_000
"""How long an aged text may still be served while one caller makes it anew."""

MAKING_MS = 3_000
"""After this time the maker is taken for dead, and the next caller makes the text."""

WAIT_SECONDS = 2.0
POLL_SECONDS = 0.01
ALONE_SECONDS = 5.0
REMEMBERED_MAX = 500


class Cache:
    """Texts in the Redis of `client`, which returns bytes. All keys begin with `prefix`, whose hash tag keeps them in
    one slot of a cluster."""

    def __init__(self, client: redis.Redis, prefix: str) -> None:
        self._client, self._prefix = client, prefix
        self._generation = f"{prefix}generation"
        self._alone_until = 0.0
        # Name → mark and text read last, so that a text that is still fresh is not fetched again.
        self._memory: dict[str, tuple[str, str]] = {}

    def text(self, name: str, fresh_ms: int, make: Callable[[], str]) -> str:
        """The text called `name`. `make` makes it when it was dropped or is older than `fresh_ms`."""
        if time.monotonic() < self._alone_until:
            return make()
        try:
            return self._shared(name, fresh_ms, make)
        except redis.RedisError as error:
            log.warning("the cache's Redis is unreachable, every page is made anew: %s", failure_text(error))
            self._alone_until = time.monotonic() + ALONE_SECONDS
            return make()

    def drop(self) -> bool:
        """Drop every text, after the commit. Returns False when Redis is unreachable; texts then age as usual."""
        try:
            self._client.set(self._generation, secrets.token_hex(8))
        except redis.RedisError as error:
            log.warning(
                "pages may be out of date for some seconds, the cache's Redis is unreachable: %s", failure_text(error)
            )
            return False
        return True

    def _shared(self, name: str, fresh_ms: int, make: Callable[[], str]) -> str:
        until = time.monotonic() + WAIT_SECONDS
        while True:
            generation, fresh = self._look_up(name)
            stored = self._load(name, generation, fresh)
            if stored is not None and fresh:
                return stored
            if self._begin(name, generation):
                return self._make_unless_made(name, generation, fresh_ms, make)
            if stored is not None:
                return stored
            if time.monotonic() > until:
                return make()
            time.sleep(POLL_SECONDS)

    def _look_up(self, name: str) -> tuple[str, str | None]:
        """The current generation and the mark of its fresh text (None without one), in one round trip."""
        answer = cast(list[bytes | None], self._client.mget((self._generation, self._key(name, "fresh"))))
        generation, mark = ((part or b"").decode() for part in answer)
        return generation, mark if mark and mark.startswith(f"{generation}:") else None

    def _load(self, name: str, generation: str, mark: str | None) -> str | None:
        """The text stored in this generation, from memory if its mark is `mark`."""
        remembered = self._memory.get(name)
        if mark is not None and remembered is not None and remembered[0] == mark:
            return remembered[1]
        value = cast(bytes | None, self._client.get(self._key(name)))
        stored_mark, _, text = (value or b"").decode().partition("\n")
        if not stored_mark.startswith(f"{generation}:"):
            return None
        self._remember(name, stored_mark, text)
        return text

    def _remember(self, name: str, mark: str, text: str) -> None:
        if len(self._memory) >= REMEMBERED_MAX:
            self._memory.clear()
        self._memory[name] = (mark, text)

    def _begin(self, name: str, generation: str) -> bool:
        """Whether this caller makes the text of this generation: the first to ask does."""
        return bool(self._client.set(self._key(name, f"making:{generation}"), b"1", nx=True, px=MAKING_MS))

    def _make_unless_made(self, name: str, generation: str, fresh_ms: int, make: Callable[[], str]) -> str:
        """Make and store the text, unless another caller has just finished it."""
        try:
            # Another caller may have finished between our look-up and our claim.
            generation_now, fresh = self._look_up(name)
            if generation_now == generation and fresh and (stored := self._load(name, generation, fresh)) is not None:
                return stored
            text = make()
            self._try(lambda: self._store(name, f"{generation}:{secrets.token_hex(8)}", text, fresh_ms))
            return text
        finally:
            self._try(lambda: self._client.delete(self._key(name, f"making:{generation}")))

    def _store(self, name: str, mark: str, text: str, fresh_ms: int) -> None:
        with self._client.pipeline(transaction=True) as steps:
            steps.set(self._key(name), f"{mark}\n{text}".encode(), px=fresh_ms + STALE_MS)
            steps.set(self._key(name, "fresh"), mark, px=fresh_ms)
            steps.execute()

    def _key(self, name: str, part: str = "text") -> str:
        return f"{self._prefix}{name}:{part}"

    @staticmethod
    def _try(step: Callable[[], Any]) -> None:
        """Run a step that may fail: the caller has its text already."""
        try:
            step()
        except redis.RedisError as error:
            log.warning("a page could not be cached: %s", failure_text(error))
