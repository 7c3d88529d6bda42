"""A subscription of a process to one channel, or to one pattern of channels.

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

from cashticket.engine.connection import hears_all
from cashticket.live.hearing import Hearing, hearing
from cashticket.logs.failures import failure_text

log = logging.getLogger(__name__)

PING_SECONDS = 1.0
POLL_SECONDS = PING_SECONDS / 4
SILENCE_SECONDS = 3.0
RETRY_SECONDS = 0.25


class SilentStore(Exception):
    """The store sends nothing, or not all: it was pinged and is silent, or its node is cut off from its cluster."""


class Subscription:
    """Runs in a thread of its own until stopped."""

    def __init__(
        self,
        client_factory: Callable[[], redis.Redis],
        pattern: str,
        on_message: Callable[[str, str], None],
        on_subscribed: Callable[[], None],
        *,
        about: str,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> None:
        """`on_message(channel, message)` gets every message. `on_subscribed()` is called at every start and restart:
        messages may have been missed, so everything must be looked at again. `about` says for the log and the thread
        what the messages are about. While nobody wants any (`is_wanted`), there is no connection."""
        self._client_factory = client_factory
        self._pattern = pattern
        self._on_message = on_message
        self._on_subscribed = on_subscribed
        self._about = about
        self._is_wanted = is_wanted
        self._stop_event = threading.Event()
        self._subscribed = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"news-of-{about}", daemon=True)

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
            if not self._is_wanted():
                self._stop_event.wait(RETRY_SECONDS)
                continue
            try:
                self._listen()
                is_reported = False
            except (redis.RedisError, OSError, SilentStore) as error:
                if not is_reported:
                    log.warning("news of %s is interrupted, trying again: %s", self._about, failure_text(error))
                is_reported = True
                self._stop_event.wait(RETRY_SECONDS)

    def _listen(self) -> None:
        with closing(self._client_factory()) as client, closing(self._subscribe(client)) as pubsub:
            proof = hearing(client)
            if proof:
                pubsub.subscribe(proof.channel)
            last_message_at = last_ping_at = time.monotonic()
            while self._is_wanted() and not self._stop_event.is_set():
                started_at = time.monotonic()
                message = pubsub.get_message(timeout=POLL_SECONDS)
                now = time.monotonic()
                # While this thread got no processor time, messages waited unread: that is no silence of the store.
                last_message_at += max(0.0, now - started_at - POLL_SECONDS)
                if message:
                    last_message_at = now
                    self._pass_on(message)
                    if proof:
                        _prove(proof, message)
                elif now - last_message_at > SILENCE_SECONDS:
                    raise SilentStore(f"no message for {SILENCE_SECONDS:.0f} s")
                if now - last_ping_at >= PING_SECONDS:
                    last_ping_at = now
                    pubsub.ping()
                    if proof:
                        proof.ping()
                    if not hears_all(client, pubsub.connection):
                        raise SilentStore("its node is cut off from the cluster")

    def _pass_on(self, message: dict[str, str]) -> None:
        try:
            if message["type"] == "psubscribe":
                self._subscribed.set()
                self._on_subscribed()
            elif message["type"] == "pmessage":
                self._on_message(message["channel"], message["data"])
        except Exception:
            # One message that fails must not stop those behind it; whoever reads again sees what it was about.
            log.exception("news of %s could not be passed on", self._about)

    def _subscribe(self, client: redis.Redis) -> Any:
        pubsub = client.pubsub()  # type: ignore[no-untyped-call]
        pubsub.psubscribe(self._pattern)
        return pubsub


def _prove(proof: Hearing, message: dict[str, str]) -> None:
    """Raises SilentStore when the news of some process does not arrive."""
    if message["type"] == "message":
        proof.hear(message["data"])
    elif message["type"] == "pong" and (place := proof.missed_at_pong()):
        raise SilentStore(f"its node passes no news of {place} on")
