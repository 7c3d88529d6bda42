"""Connections for subscriptions: to any node that takes part in a cluster that is well, because it hears all news."""

from collections.abc import Callable, Sequence
from secrets import SystemRandom
from typing import Any

import redis
from redis.connection import Connection, SSLConnection
from redis.exceptions import ConnectionError

from cashticket.engine.slots import WELL, Address

CHANCE = SystemRandom()


class ToAnyNode:
    """Part of a connection: it leads to a node that takes part in a cluster that is well."""

    def __init__(self, *, addresses: Callable[[], Sequence[Address]], **options: Any) -> None:
        super().__init__(**options)
        self._addresses = addresses

    def connect_check_health(self, *given: Any, **named: Any) -> None:
        """Connect to any node, in an order of chance, so that listeners spread over all of them."""
        if self._sock:  # type: ignore[attr-defined]
            return
        addresses, failure = self._addresses(), Exception()
        for self.host, self.port in CHANCE.sample(addresses, len(addresses)):
            try:
                super().connect_check_health(*given, **named)  # type: ignore[misc]
                return
            except (OSError, redis.RedisError) as error:
                failure = error
        raise ConnectionError("no node takes part in a cluster that is well") from failure

    def on_connect_check_health(self, check_health: bool = True) -> None:
        """Sign in, then refuse a node that is cut off from the others: it hears no news."""
        super().on_connect_check_health(check_health=check_health)  # type: ignore[misc]
        self.send_command("CLUSTER", "INFO", check_health=False)  # type: ignore[attr-defined]
        if WELL not in str(self.read_response()):  # type: ignore[attr-defined]
            raise ConnectionError("this node says that the cluster is not well")


class AnyNode(ToAnyNode, Connection):
    """A connection to any node."""


class AnyTlsNode(ToAnyNode, SSLConnection):
    """A connection to any node, with TLS."""
