"""Texts that many ask for and few must make: a cache in Redis, dropped as a whole by every change.

- A text belongs to a generation, read before it is made; `drop` begins the next one. Whatever was made from older facts
  is never served after a drop that returned, however slow its maker.
- While a text is fresh everybody is given it. When it ages, one maker renews it and the others are given the old one;
  when there is none, one maker makes it and the others wait for it, for a moment.
- A Redis that is away costs nobody more than a moment: everybody makes their own, and it is asked again later.
"""

import logging
import secrets
import time
from collections.abc import Callable
from typing import Any, cast

import redis

log = logging.getLogger(__name__)

STALE_MS = 10_000
"""How long an aged text may still be served while somebody renews it."""

MAKING_MS = 3_000
"""A maker that takes longer has probably died: the next one begins."""

WAIT_SECONDS = 2.0
LOOK_SECONDS = 0.01
ALONE_SECONDS = 5.0
REMEMBERED = 500


class Cache:
    """Texts in the Redis behind `client` (answering bytes). All keys begin with `prefix`, which holds them in one slot
    of a cluster."""

    def __init__(self, client: redis.Redis, prefix: str) -> None:
        self._client, self._prefix = client, prefix
        self._generation = f"{prefix}generation"
        self._alone_until = 0.0
        # Name → mark and text last seen here: a text that is still fresh need not travel again.
        self._memory: dict[str, tuple[str, str]] = {}

    def text(self, name: str, fresh_ms: int, make: Callable[[], str]) -> str:
        """The text called `name`, which `make` makes anew when it is older than `fresh_ms` or was dropped."""
        if time.monotonic() < self._alone_until:
            return make()
        try:
            return self._shared(name, fresh_ms, make)
        except redis.RedisError as error:
            log.warning("the cache's Redis is away, every page is made anew: %s", error)
            self._alone_until = time.monotonic() + ALONE_SECONDS
            return make()

    def drop(self) -> bool:
        """Everything made from now on is new. Call it after the commit. False, and texts stay until they age, when the
        Redis is away."""
        try:
            self._client.set(self._generation, secrets.token_hex(8))
        except redis.RedisError as error:
            log.warning("pages may be out of date for some seconds, the cache's Redis is away: %s", error)
            return False
        return True

    def _shared(self, name: str, fresh_ms: int, make: Callable[[], str]) -> str:
        until = time.monotonic() + WAIT_SECONDS
        while True:
            generation, fresh = self._look(name)
            kept = self._kept(name, generation, fresh)
            if kept is not None and fresh:
                return kept
            if self._begin(name, generation):
                return self._make_unless_made(name, generation, fresh_ms, make)
            if kept is not None:
                return kept
            if time.monotonic() > until:
                return make()
            time.sleep(LOOK_SECONDS)

    def _look(self, name: str) -> tuple[str, str | None]:
        """The generation now, and the mark of the text that is fresh in it, in one round trip."""
        answer = cast(list[bytes | None], self._client.mget((self._generation, self._key(name, "fresh"))))
        generation, mark = ((part or b"").decode() for part in answer)
        return generation, mark if mark and mark.startswith(f"{generation}:") else None

    def _kept(self, name: str, generation: str, mark: str | None) -> str | None:
        """The text kept in this generation, from memory when it is the one with this mark."""
        known = self._memory.get(name)
        if mark is not None and known is not None and known[0] == mark:
            return known[1]
        found = cast(bytes | None, self._client.get(self._key(name)))
        kept_mark, _, text = (found or b"").decode().partition("\n")
        if not kept_mark.startswith(f"{generation}:"):
            return None
        self._remember(name, kept_mark, text)
        return text

    def _remember(self, name: str, mark: str, text: str) -> None:
        if len(self._memory) >= REMEMBERED:
            self._memory.clear()
        self._memory[name] = (mark, text)

    def _begin(self, name: str, generation: str) -> bool:
        """Whether this caller is the one to make the text of this generation."""
        return bool(self._client.set(self._key(name, f"making:{generation}"), b"1", nx=True, px=MAKING_MS))

    def _make_unless_made(self, name: str, generation: str, fresh_ms: int, make: Callable[[], str]) -> str:
        """Make and keep the text, now that nobody else does."""
        try:
            # Another maker may have finished between our look and our beginning.
            generation_now, fresh = self._look(name)
            if generation_now == generation and fresh and (kept := self._kept(name, generation, fresh)) is not None:
                return kept
            text = make()
            self._quietly(lambda: self._keep(name, f"{generation}:{secrets.token_hex(8)}", text, fresh_ms))
            return text
        finally:
            self._quietly(lambda: self._client.delete(self._key(name, f"making:{generation}")))

    def _keep(self, name: str, mark: str, text: str, fresh_ms: int) -> None:
        with self._client.pipeline(transaction=True) as steps:
            steps.set(self._key(name), f"{mark}\n{text}".encode(), px=fresh_ms + STALE_MS)
            steps.set(self._key(name, "fresh"), mark, px=fresh_ms)
            steps.execute()

    def _key(self, name: str, part: str = "text") -> str:
        return f"{self._prefix}{name}:{part}"

    @staticmethod
    def _quietly(step: Callable[[], Any]) -> None:
        """The text is made; that it cannot be kept is nobody's trouble."""
        try:
            step()
        except redis.RedisError as error:
            log.warning("a page could not be kept: %s", error)
