"""How the engine talks to the live store: commands are sent at most once, and a failure says whether they may have run.

redis-py retries by itself, and its errors do not separate "not sent" from "no answer". So the engine does its own
exchange on the client's pool: take a connection, send all commands in one write, read the replies. A failure before
the replies are awaited changed nothing (StoreUnavailable), a later one may have (OutcomeUnknown). Nothing is re-sent.
"""

from collections.abc import Sequence
from typing import Any, cast

import redis
from redis.backoff import NoBackoff
from redis.exceptions import (
    AskError,
    AuthenticationError,
    BusyLoadingError,
    ClusterDownError,
    ConnectionError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TimeoutError,
    TryAgainError,
)
from redis.retry import Retry

from cashticket.engine.cluster import ClusterClient
from cashticket.engine.cluster_url import is_cluster_url, parse_cluster_url
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable
from cashticket.engine.packing import packed
from cashticket.engine.routing import Further, routed
from cashticket.engine.sentinel import SCHEMES, ToPrimary, client_at
from cashticket.engine.store_identity import Argument, Command, Sent, read_identity, with_identity
from cashticket.logs.failures import failure_text

CONNECTIONS_MAX = 512
"""Connections that one process may have open; a call that needs one more raises StoreUnavailable."""

# A slot that is on its way from one node to another, or that nobody has. None of these commands was carried out.
_MOVING = (AskError, TryAgainError, ClusterDownError)
_REFUSING = (*_MOVING, BusyLoadingError, AuthenticationError, NoPermissionError, OutOfMemoryError, ReadOnlyError)
_REFUSING_PREFIXES = ("BUSY", "CLUSTERDOWN", "MASTERDOWN", "MISCONF", "NOREPLICAS")


def connect(url: str, timeout_seconds: float = 1.5) -> redis.Redis:
    """A client of the live store at `unix://path`, `redis://host:port/db` or a URL of sentinels or of a cluster, as
    RedisEngine needs it.

    Connecting and waiting for a reply each take at most `timeout_seconds`. Nothing is sent before the first call,
    and nothing is ever sent twice. Raises ValueError for another kind of URL.
    """
    options = _options(timeout_seconds)
    if is_cluster_url(url):
        return ClusterClient(parse_cluster_url(url), ask, options)
    if url.partition("://")[0] not in ("unix", "redis", "rediss", *SCHEMES):
        raise ValueError(f"the live store's URL must start with unix://, redis:// or rediss://, not {url[:20]!r}")
    return client_at(url, **options)


def _options(timeout_seconds: float) -> dict[str, Any]:
    return {
        "protocol": 2,  # no push messages: a connection with unread data is always seen as broken and replaced
        "decode_responses": True,
        "encoding_errors": "surrogateescape",  # bytes that are not UTF-8 survive: such an entry can be set aside
        "retry": Retry(NoBackoff(), 0),
        "socket_timeout": timeout_seconds,
        "socket_connect_timeout": timeout_seconds,
        "health_check_interval": 0,
        "max_connections": CONNECTIONS_MAX,
        "redis_connect_func": read_identity,
    }


def nodes_of(client: redis.Redis) -> Sequence[redis.Redis]:
    """The clients of all primaries behind a client: one, unless it is that of a cluster."""
    if isinstance(client, ClusterClient):
        return [client.node(shard.address) for shard in client.shards()]
    return [client]


def reconnect(client: redis.Redis) -> None:
    """Have the next calls make new connections, so that they read anew which process answers."""
    for each in client.known_nodes() if isinstance(client, ClusterClient) else [client]:
        each.connection_pool.disconnect(inuse_connections=False)


def hears_all(client: redis.Redis, connection: Any) -> bool:
    """Whether a subscription on this connection hears the news of all processes. A node that is cut off from the rest
    of its cluster goes on answering, and passes no news on. Asks a node of a cluster, and nobody else."""
    return not isinstance(client, ClusterClient) or client.hears_all((connection.host, connection.port))


def exchange(client: redis.Redis, commands: Sequence[Command], further: Further | None = None) -> list[Any]:
    """Send all commands in one write and return their replies; an error reply is returned as its exception. To a
    cluster it is one write for each node.

    `further` may answer the replies with more commands, which are sent on the same connection. Raises StoreUnavailable
    when no command was carried out, OutcomeUnknown when no full answer came back.
    """
    if isinstance(client, ClusterClient):
        return routed(client, commands, further, _exchange)
    return _exchange(client, commands, further)


def _exchange(client: redis.Redis, commands: Sequence[Command], further: Further | None = None) -> list[Any]:
    pool = client.connection_pool
    try:
        connection: Any = pool.get_connection()
    except (RedisError, OSError) as error:
        raise StoreUnavailable(f"the live store cannot be reached: {failure_text(error)}") from error
    try:
        replies = _send_and_read(connection, _ready(connection, commands))
        if further and (more := further(replies)):
            replies += _send_and_read(connection, _ready(connection, more))
        if any(isinstance(reply, ReadOnlyError) for reply in replies):
            # This process is no longer the primary: the next call looks for the one that is.
            _drop(connection, pool)
        return replies
    except BaseException:
        # Half a command may have been sent, or a reply be on its way: nobody may use this connection again. Idle ones
        # to a primary that is gone without a word would each wait for it in vain.
        _drop(connection, pool if isinstance(connection, ToPrimary) else None)
        raise
    finally:
        pool.release(connection)


def _drop(connection: Any, pool: Any) -> None:
    connection.disconnect()
    if pool is not None:
        pool.disconnect(inuse_connections=False)


def ask(client: redis.Redis, *command: Argument) -> Any:
    """The reply to one command. Raises what `exchange` and `checked` raise."""
    return checked(exchange(client, [command])[0])


def checked(reply: Any) -> Any:
    """The reply itself. Raises an error reply: StoreUnavailable when the store takes no commands at all."""
    if isinstance(not_refused(reply), Exception):
        raise reply
    return reply


def not_refused(reply: Any) -> Any:
    """The reply itself, also an error that concerns this command alone. Raises StoreUnavailable when the store takes no
    commands at all."""
    if isinstance(reply, _REFUSING) or (isinstance(reply, ResponseError) and str(reply).startswith(_REFUSING_PREFIXES)):
        raise StoreUnavailable(f"the live store refuses all calls now: {failure_text(reply)}") from reply
    return reply


def _ready(connection: Any, commands: Sequence[Command]) -> Sequence[Sent]:
    try:
        return with_identity(connection, commands)
    except (RedisError, OSError) as error:
        raise StoreUnavailable(f"the live store does not report its identity: {failure_text(error)}") from error


def _send_and_read(connection: Any, commands: Sequence[Sent]) -> list[Any]:
    try:
        connection.send_packed_command([packed(commands)], check_health=False)
    except (ConnectionError, TimeoutError, OSError) as error:
        if len(commands) > 1:  # the first of several may have arrived whole
            raise OutcomeUnknown(f"the connection broke while the command was sent: {failure_text(error)}") from error
        raise StoreUnavailable(f"the connection broke before the command was sent: {failure_text(error)}") from error
    replies: list[Any] = []
    while len(replies) < len(commands):
        replies.append(_reply(connection))
        if isinstance(replies[-1], ConnectionError):
            # The store loads its data or does not know this client, and redis-py has closed the connection. It refuses
            # what follows, too.
            replies += [replies[-1]] * (len(commands) - len(replies))
    return replies


def _reply(connection: Any) -> Any:
    try:
        return connection.read_response()
    except (BusyLoadingError, AuthenticationError, ResponseError) as error:
        return cast(Exception, error)
    except (ConnectionError, TimeoutError, OSError) as error:
        connection.disconnect()
        raise OutcomeUnknown(f"the live store did not answer: {failure_text(error)}") from error
