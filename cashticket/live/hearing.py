"""Proof that a subscription at one node of a cluster hears the news of every primary.

Nodes pass news on to each other by links of their own. Where one of these is broken, the node answers as ever and news
is missing without a sign. So each primary is asked now and then to publish a word for this listener alone.
"""

import threading
from collections import deque
from contextlib import suppress
from secrets import token_hex
from time import monotonic

import redis

from cashticket import redis_keys
from cashticket.engine.cluster import ClusterClient
from cashticket.engine.cluster_condition import place_of
from cashticket.engine.connection import ask
from cashticket.engine.errors import OutcomeUnknown, StoreUnavailable

WORD_SECONDS = 5.0
"""How often each primary is asked for a word."""

LATE_SECONDS = 3.0
"""A word that has not come after so long does not come. Asking for it takes up to half of this."""


class Hearing:
    """One connection's. Only the thread that listens calls it."""

    def __init__(self, cluster: ClusterClient) -> None:
        self.channel = redis_keys.hearing(token_hex(8))
        self._cluster = cluster
        self._asked_at: dict[str, float] = {}
        self._next_at = monotonic()
        self._pings: deque[float] = deque()

    def ping(self) -> None:
        """The connection was pinged. Asks for words when they are due, without waiting."""
        self._pings.append(monotonic())
        if monotonic() >= self._next_at:
            self._next_at = monotonic() + WORD_SECONDS
            threading.Thread(target=self._ask, name="hearing", daemon=True).start()

    def hear(self, word: str) -> None:
        """A message on `channel`."""
        self._asked_at.pop(word, None)

    def missed_at_pong(self) -> str:
        """The place of a primary whose word is missing, '' for none. A ping was answered: what arrived before it was
        read, however many messages waited."""
        read_through = self._pings.popleft() if self._pings else monotonic()
        missing = list(self._asked_at.items())
        return next((place for place, asked_at in missing if asked_at + LATE_SECONDS < read_through), "")

    def _ask(self) -> None:
        with suppress(StoreUnavailable):
            for shard in self._cluster.shards():
                place = place_of(shard.address)
                self._asked_at.setdefault(place, monotonic())
                try:
                    with self._cluster.talking_to(shard.address) as node:
                        ask(node, "PUBLISH", self.channel, place)
                except (StoreUnavailable, OutcomeUnknown, redis.ResponseError):
                    # A primary that is away has no news either.
                    self._asked_at.pop(place, None)


def hearing(client: redis.Redis) -> Hearing | None:
    """The proof for a new subscription of this client, None where one store has all news."""
    return Hearing(client) if isinstance(client, ClusterClient) else None
