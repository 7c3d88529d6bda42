"""The client of a cluster: sends each command to the process that has the slot of its key.

Each node has a client of its own, so that what is known of one process (its identity, its idle connections) is never
taken for another's. Which node has which slot is asked when it is first needed, and again after a node did not answer
or sent a command on. A node is believed that says that its cluster is well: one that is cut off with a few others still
names primaries that were replaced.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from time import monotonic
from typing import Any

import redis
from redis.connection import ConnectionPool, SSLConnection

from cashticket.engine.cluster_listening import AnyNode, AnyTlsNode
from cashticket.engine.cluster_url import ClusterUrl
from cashticket.engine.errors import OutcomeUnknown, StoreUnavailable
from cashticket.engine.slots import WELL, Address, Shard, SlotMap

ASKED_AGAIN_SECONDS = 0.1
"""While nodes do not answer, the slots are asked for again at most this often."""

LOOK_FURTHER_SECONDS = 0.5
"""So long is a node looked for that says that the cluster is well, once another one has answered."""

SLOW_SECONDS = 0.25
"""A node that took longer than this to fail hangs or is cut off without a word."""

LEFT_ALONE_SECONDS = 1.0
"""Such a node is tried by one call a second. The others fail at once, so that it holds up no auction of other nodes."""

Ask = Callable[..., Any]
"""Sends one command to a client of one node and returns its reply."""


class ClusterClient(redis.Redis):
    """A client of all nodes. As a plain client it talks to any node that answers: for subscriptions, which hear the
    news of all. Connects to nothing before the first call. Safe to share between threads and greenlets."""

    def __init__(self, url: ClusterUrl, ask: Ask, options: dict[str, Any]) -> None:
        """`options` are those of each connection, and of redis-py."""
        self._ask, self._seeds = ask, url.nodes
        self._options = options | url.options
        self._lock = threading.Lock()
        self._clients: dict[Address, redis.Redis] = {}
        self._map: SlotMap | None = None
        self._asked_at = float("-inf")
        self._doubted: Address | None = None
        # Node → monotonic time before which it is left alone.
        self._left_alone: dict[Address, float] = {}
        common = dict(self._options)
        kind = AnyTlsNode if common.pop("connection_class", None) is SSLConnection else AnyNode
        super().__init__(connection_pool=ConnectionPool(connection_class=kind, addresses=self._places, **common))

    def node(self, address: Address) -> redis.Redis:
        """The client of one node."""
        with self._lock:
            client = self._clients.get(address)
            if client is None:
                host, port = address
                client = redis.Redis(connection_pool=ConnectionPool(host=host, port=port, **self._options))
                self._clients[address] = client
            return client

    @contextmanager
    def talking_to(self, address: Address) -> Iterator[redis.Redis]:
        """The client of one node, for one exchange. Raises StoreUnavailable at once while the node is left alone. What
        the block raises makes the node doubted, and left alone if it came late."""
        self._require_not_left_alone(address)
        began_at = monotonic()
        try:
            yield self.node(address)
        except (StoreUnavailable, OutcomeUnknown):
            self.doubt(address)
            if monotonic() > began_at + SLOW_SECONDS:
                self._left_alone[address] = monotonic() + LEFT_ALONE_SECONDS
            raise
        if self._left_alone:
            self._left_alone.pop(address, None)

    def _require_not_left_alone(self, address: Address) -> None:
        if address not in self._left_alone:
            return
        with self._lock:
            now = monotonic()
            if now < self._left_alone.get(address, now):
                raise StoreUnavailable(f"the node {address[0]}:{address[1]} of the live store did not answer just now")
            # This call tries it.
            self._left_alone[address] = now + LEFT_ALONE_SECONDS

    def slots(self) -> SlotMap:
        """Which node has which slot, as far as this process knows. Raises StoreUnavailable when no node answers."""
        present = self._map
        if present is not None and (self._doubted is None or not self._is_time()):
            return present
        return self.ask_slots()

    def shards(self) -> Sequence[Shard]:
        """All shards that have slots. Raises StoreUnavailable when no node answers."""
        return self.slots().shards

    def slots_of(self, address: Address) -> str:
        """The slots of a primary as text, as far as this process knows."""
        return self._map.ranges_of(address) if self._map else "that are not known"

    def ask_slots(self, first: Address | None = None) -> SlotMap:
        """Ask again which node has which slot, the node `first` before all others. Raises StoreUnavailable when no node
        answers."""
        self._asked_at = began_at = monotonic()
        answer: SlotMap | None = None
        failure: Exception | None = None
        for address in dict.fromkeys([*([first] if first else []), *self._addresses()]):
            if answer and monotonic() > began_at + LOOK_FURTHER_SECONDS:
                break
            try:
                rows, is_well = self._ask(self.node(address), "CLUSTER", "SLOTS"), self._is_well(address)
            except (StoreUnavailable, OutcomeUnknown, redis.ResponseError) as error:
                failure = error
                continue
            if rows and (is_well or not answer):
                answer = SlotMap(rows, address)
            if rows and is_well:
                break
        if not answer:
            message = "no node of the live store's cluster says which node has which slot"
            raise StoreUnavailable(message) from failure
        self._map, self._doubted = answer, None
        return answer

    def hears_all(self, address: Address) -> bool:
        """Whether a node takes part in a cluster that is well. Others hear no news from the other nodes."""
        try:
            return self._is_well(address)
        except (StoreUnavailable, OutcomeUnknown, redis.ResponseError):
            return False

    def _is_well(self, address: Address) -> bool:
        return WELL in str(self._ask(self.node(address), "CLUSTER", "INFO"))

    def doubt(self, address: Address) -> None:
        """A node did not answer, or is no primary: ask others whether it still has its slots."""
        self._doubted = address
        # Idle connections to a process that is gone without a word would each be waited for in vain.
        self.node(address).connection_pool.disconnect(inuse_connections=False)

    def known_nodes(self) -> list[redis.Redis]:
        """The clients of all nodes that this process has talked to."""
        with self._lock:
            return list(self._clients.values())

    def close(self) -> None:
        """Close every connection."""
        for client in self.known_nodes():
            client.close()
            client.connection_pool.disconnect()
        super().close()
        self.connection_pool.disconnect()

    def _is_time(self) -> bool:
        return monotonic() >= self._asked_at + ASKED_AGAIN_SECONDS

    def _places(self) -> list[Address]:
        """Where a listener may go: as `_addresses`, after the nodes were asked, as those of the setting may be few."""
        with suppress(StoreUnavailable):
            self.slots()
        return self._addresses()

    def _addresses(self) -> list[Address]:
        """Where nodes may be: those of the present map, then those of the setting; the doubted one last."""
        present = self._map.nodes if self._map else ()
        addresses = dict.fromkeys((*present, *self._seeds))
        return sorted(addresses, key=lambda address: address == self._doubted)
