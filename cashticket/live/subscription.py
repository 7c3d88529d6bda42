"""The one subscription of a process to the news of all auctions.

redis-py hides reconnects and never asks for its PONG, so this loop does its own heartbeat: a PING a second, and three
seconds without any word is a dead line. Whatever was published meanwhile is lost; `on_return` says so every time.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import redis

from cashticket import redis_keys

log = logging.getLogger(__name__)

PING_SECONDS = 1.0
WAIT_SECONDS = PING_SECONDS / 4
SILENCE_SECONDS = 3.0
AGAIN_SECONDS = 0.25


class SilentStore(Exception):
    """The store said nothing for too long although it was asked."""


class Subscription:
    """Runs in a thread of its own until stopped."""

    def __init__(
        self,
        client_factory: Callable[[], redis.Redis],
        on_line: Callable[[int, str], None],
        on_return: Callable[[], None],
    ) -> None:
        """`on_line(auction_id, line)` gets every line, `on_return()` every (re)start: look again at everything."""
        self._client_factory = client_factory
        self._on_line = on_line
        self._on_return = on_return
        self._stopped = threading.Event()
        self._heard = threading.Event()
        self._thread = threading.Thread(target=self._run, name="auction-news", daemon=True)

    def start(self) -> None:
        """Start listening."""
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Whether the subscription came to stand within this time."""
        return self._heard.wait(seconds)

    def stop(self, timeout: float = 2.0) -> None:
        """Stop listening; waits for the thread unless called from it."""
        self._stopped.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def _run(self) -> None:
        silent = True
        while not self._stopped.is_set():
            try:
                self._listen()
                silent = True
            except (redis.RedisError, OSError, SilentStore) as error:
                if silent:
                    log.warning("news of auctions is interrupted, trying again: %s", error)
                silent = False
                self._stopped.wait(AGAIN_SECONDS)

    def _listen(self) -> None:
        with closing(self._client_factory()) as client, closing(_news_of(client)) as pubsub:
            heard = asked = time.monotonic()
            while not self._stopped.is_set():
                began = time.monotonic()
                message = pubsub.get_message(timeout=WAIT_SECONDS)
                now = time.monotonic()
                # While this thread was kept from listening, whatever was said still waits to be read: no silence.
                heard += max(0.0, now - began - WAIT_SECONDS)
                if message:
                    heard = now
                    self._pass_on(message)
                elif now - heard > SILENCE_SECONDS:
                    raise SilentStore(f"no word for {SILENCE_SECONDS:.0f} s")
                if now - asked >= PING_SECONDS:
                    asked = now
                    pubsub.ping()

    def _pass_on(self, message: dict[str, str]) -> None:
        try:
            if message["type"] == "psubscribe":
                self._heard.set()
                self._on_return()
            elif message["type"] == "pmessage":
                self._on_line(redis_keys.auction_of_news(message["channel"]), message["data"])
        except Exception:
            # A line nobody can read must not stop the lines behind it; the next look mends what it meant.
            log.exception("a line of auction news could not be passed on")


def _news_of(client: redis.Redis) -> Any:
    pubsub = client.pubsub()  # type: ignore[no-untyped-call]
    pubsub.psubscribe(redis_keys.NEWS_PATTERN)
    return pubsub
