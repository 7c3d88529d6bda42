"""Wakes a drain when an auction has news."""

import time
from typing import Protocol

import redis
from redis.client import PubSub

from cashticket import redis_keys


class Alarm(Protocol):
    """Ends the drain's wait early."""

    def wait(self, seconds: float) -> None: ...


class NewsAlarm:
    """Wakes on any auction's news. While the store is away it simply waits."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._pubsub: PubSub | None = None

    def wait(self, seconds: float) -> None:
        """Return at the first message, at the latest after `seconds`."""
        try:
            if self._pubsub is None:
                self._pubsub = self._client.pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
                self._pubsub.psubscribe(redis_keys.NEWS_PATTERN)
            self._pubsub.get_message(timeout=seconds)
            # The coming round covers every message that has already arrived.
            while self._pubsub.get_message(timeout=0) is not None:
                pass
        except (redis.RedisError, OSError):
            self.close()
            time.sleep(seconds)

    def close(self) -> None:
        """Close the subscription."""
        if self._pubsub is not None:
            pubsub, self._pubsub = self._pubsub, None
            pubsub.close()
