"""The client of a cluster: sends each command to the process that has the slot of its key.

Each node has a client of its own, so that what is known of one process (its identity, its idle connections) is never
taken for another's. Which node has which slot is asked when it is first needed, and again after a node did not answer
or sent a command on. The first node that answers is believed.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import redis
from redis.connection import Connection, ConnectionPool, SSLConnection
from redis.exceptions import ConnectionError

from cashticket.engine.cluster_url import ClusterUrl
from cashticket.engine.errors import OutcomeUnknown, StoreUnavailable
from cashticket.engine.slots import Address, Shard, SlotMap

ASKED_AGAIN_SECONDS = 0.1
"""While nodes do not answer, the slots are asked for again at most this often."""

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
        common = dict(self._options)
        kind = AnyTlsNode if common.pop("connection_class", None) is SSLConnection else AnyNode
        super().__init__(connection_pool=ConnectionPool(connection_class=kind, addresses=self._addresses, **common))

    def node(self, address: Address) -> redis.Redis:
        """The client of one node."""
        with self._lock:
            client = self._clients.get(address)
            if client is None:
                host, port = address
                client = redis.Redis(connection_pool=ConnectionPool(host=host, port=port, **self._options))
                self._clients[address] = client
            return client

    def slots(self) -> SlotMap:
        """Which node has which slot, as far as this process knows. Raises StoreUnavailable when no node answers."""
        present = self._map
        if present is not None and (self._doubted is None or not self._is_time()):
            return present
        return self.ask_slots()

    def shards(self) -> Sequence[Shard]:
        """All shards that have slots. Raises StoreUnavailable when no node answers."""
        return self.slots().shards

    def ask_slots(self, first: Address | None = None) -> SlotMap:
        """Ask again which node has which slot, the node `first` before all others. Raises StoreUnavailable when no node
        answers."""
        self._asked_at = time.monotonic()
        for address in dict.fromkeys([*([first] if first else []), *self._addresses()]):
            try:
                rows = self._ask(self.node(address), "CLUSTER", "SLOTS")
            except (StoreUnavailable, OutcomeUnknown, redis.ResponseError):
                continue
            if rows:
                self._map, self._doubted = SlotMap(rows, address), None
                return self._map
        raise StoreUnavailable("no node of the live store's cluster says which node has which slot")

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
        return time.monotonic() >= self._asked_at + ASKED_AGAIN_SECONDS

    def _addresses(self) -> list[Address]:
        """Where nodes may be: those of the present map, then those of the setting; the doubted one last."""
        present = self._map.nodes if self._map else ()
        addresses = dict.fromkeys((*present, *self._seeds))
        return sorted(addresses, key=lambda address: address == self._doubted)


class ToAnyNode:
    """Part of a connection: it leads to a node that takes part in a cluster that is well."""

    def __init__(self, *, addresses: Callable[[], Sequence[Address]], **options: Any) -> None:
        super().__init__(**options)
        self._addresses, self._failed = addresses, dict[Address, float]()

    def _connect(self) -> Any:
        """Nodes that failed last come last, so that a listener moves on to another one."""
        for address in sorted(self._addresses(), key=lambda each: self._failed.get(each, 0.0)):
            self.host, self.port = address
            self._failed[address] = time.monotonic()
            try:
                return super()._connect()  # type: ignore[misc]
            except (OSError, redis.RedisError):
                continue
        raise ConnectionError("no node of the live store's cluster answers")

    def on_connect_check_health(self, check_health: bool = True) -> None:
        """Sign in, then refuse a node that is cut off from the others: it hears no news."""
        super().on_connect_check_health(check_health=check_health)  # type: ignore[misc]
        self.send_command("CLUSTER", "INFO", check_health=False)  # type: ignore[attr-defined]
        if "cluster_state:ok" not in str(self.read_response()):  # type: ignore[attr-defined]
            raise ConnectionError("this node says that the cluster is not well")


class AnyNode(ToAnyNode, Connection):
    """A connection to any node."""


class AnyTlsNode(ToAnyNode, SSLConnection):
    """A connection to any node, with TLS."""
