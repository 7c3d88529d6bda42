"""The one subscription of a process to the news of all auctions.

redis-py hides reconnects and does not check that its PING is answered, so this loop keeps a heartbeat of its own: one
PING a second, and after three seconds without any message the connection counts as dead. What was published meanwhile
is lost, so `on_subscribed` reports every new start.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import redis

from cashticket import redis_keys
from cashticket.logs.failures import failure_text

log = logging.getLogger(__name__)

PING_SECONDS = 1.0
POLL_SECONDS = PING_SECONDS / 4
SILENCE_SECONDS = 3.0
RETRY_SECONDS = 0.25


class SilentStore(Exception):
    """The store sent nothing for too long although it was pinged."""


class Subscription:
    """Runs in a thread of its own until stopped."""

    def __init__(
        self,
        client_factory: Callable[[], redis.Redis],
        on_news: Callable[[int, str], None],
        on_subscribed: Callable[[], None],
    ) -> None:
        """`on_news(auction_id, message)` gets every message. `on_subscribed()` is called at every start and restart:
        news may have been missed, so everything must be updated."""
        self._client_factory = client_factory
        self._on_news = on_news
        self._on_subscribed = on_subscribed
        self._stop_event = threading.Event()
        self._subscribed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="auction-news", daemon=True)

    def start(self) -> None:
        """Start listening."""
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait until subscribed, at most `seconds`. Returns whether it is."""
        return self._subscribed.wait(seconds)

    def stop(self, timeout: float = 2.0) -> None:
        """Stop listening. Waits at most `timeout` seconds for the thread, unless called from it."""
        self._stop_event.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def _run(self) -> None:
        is_reported = False
        while not self._stop_event.is_set():
            try:
                self._listen()
                is_reported = False
            except (redis.RedisError, OSError, SilentStore) as error:
                if not is_reported:
                    log.warning("news of auctions is interrupted, trying again: %s", failure_text(error))
                is_reported = True
                self._stop_event.wait(RETRY_SECONDS)

    def _listen(self) -> None:
        with closing(self._client_factory()) as client, closing(_subscribe(client)) as pubsub:
            last_message_at = last_ping_at = time.monotonic()
            while not self._stop_event.is_set():
                started_at = time.monotonic()
                message = pubsub.get_message(timeout=POLL_SECONDS)
                now = time.monotonic()
                # While this thread got no processor time, messages waited unread: that is no silence of the store.
                last_message_at += max(0.0, now - started_at - POLL_SECONDS)
                if message:
                    last_message_at = now
                    self._pass_on(message)
                elif now - last_message_at > SILENCE_SECONDS:
                    raise SilentStore(f"no message for {SILENCE_SECONDS:.0f} s")
                if now - last_ping_at >= PING_SECONDS:
                    last_ping_at = now
                    pubsub.ping()

    def _pass_on(self, message: dict[str, str]) -> None:
        try:
            if message["type"] == "psubscribe":
                self._subscribed.set()
                self._on_subscribed()
            elif message["type"] == "pmessage":
                self._on_news(redis_keys.auction_of_news(message["channel"]), message["data"])
        except Exception:
            # One message that fails must not stop those behind it; the next update shows what it was about.
            log.exception("news of an auction could not be passed on")


def _subscribe(client: redis.Redis) -> Any:
    pubsub = client.pubsub()  # type: ignore[no-untyped-call]
    pubsub.psubscribe(redis_keys.NEWS_PATTERN)
    return pubsub
