"""How the engine speaks to the live store: one exchange, sent at most once, with an honest answer about failure.

redis-py retries by itself and tells "not sent" from "no answer" only in words, so the bid path does its own
exchange on the client's pool: a connection is taken, the commands leave in one write, the replies are read. What
fails before the reply is awaited changed nothing; what fails while waiting may have happened. Nothing is re-sent.
"""

from collections.abc import Sequence
from typing import Any, cast

import redis
from redis.backoff import NoBackoff
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    ConnectionError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TimeoutError,
)
from redis.retry import Retry

from cashticket.engine.greeting import Command, Word, filled, greet
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable

CONNECTIONS_MAX = 512
"""Open connections of one process; one more asked for at once is StoreUnavailable."""

_REFUSING = (BusyLoadingError, AuthenticationError, NoPermissionError, OutOfMemoryError, ReadOnlyError)
_REFUSING_WORDS = ("BUSY", "CLUSTERDOWN", "MASTERDOWN", "MISCONF", "NOREPLICAS")


def connect(url: str, timeout_seconds: float = 1.5) -> redis.Redis:
    """A client of the live store at `unix://path` or `redis://host:port/db`, as RedisEngine needs it.

    Connecting and waiting for a reply each take at most `timeout_seconds`. Nothing is sent before the first call,
    and nothing is ever sent twice. ValueError for another kind of URL.
    """
    if not url.startswith(("unix://", "redis://", "rediss://")):
        raise ValueError(f"the live store's URL must start with unix://, redis:// or rediss://, not {url[:20]!r}")
    return redis.Redis.from_url(
        url,
        protocol=2,  # no push messages: a connection with unread data is always seen as broken and replaced
        decode_responses=True,
        encoding_errors="surrogateescape",  # what is no text at all still comes as it is, and can be set aside
        retry=Retry(NoBackoff(), 0),
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
        health_check_interval=0,
        max_connections=CONNECTIONS_MAX,
        redis_connect_func=greet,
    )


def exchange(client: redis.Redis, commands: Sequence[Command]) -> list[Any]:
    """Send all commands in one write and return their replies, an error reply being the exception it stands for.

    Raises StoreUnavailable when nothing was carried out, OutcomeUnknown when no full answer came back.
    """
    pool = client.connection_pool
    try:
        connection: Any = pool.get_connection()
    except (RedisError, OSError) as error:
        raise StoreUnavailable(f"the live store cannot be reached: {error}") from error
    try:
        return _talk(connection, _ready(connection, commands))
    except BaseException:
        # Half a command may have left, or a reply be on its way: the next caller must not continue this talk.
        connection.disconnect()
        raise
    finally:
        pool.release(connection)


def ask(client: redis.Redis, *command: Word) -> Any:
    """Exchange a single command; an error reply is raised."""
    return checked(exchange(client, [command])[0])


def checked(reply: Any) -> Any:
    """The reply itself, or the failure it reports: StoreUnavailable when the store refused to work at all."""
    if isinstance(reply, _REFUSING) or (isinstance(reply, ResponseError) and str(reply).startswith(_REFUSING_WORDS)):
        raise StoreUnavailable(f"the live store takes no calls now: {reply}") from reply
    if isinstance(reply, Exception):
        raise reply
    return reply


def _ready(connection: Any, commands: Sequence[Command]) -> Sequence[Command]:
    try:
        return filled(connection, commands)
    except (RedisError, OSError) as error:
        raise StoreUnavailable(f"the live store does not tell which process it is: {error}") from error


def _talk(connection: Any, commands: Sequence[Command]) -> list[Any]:
    try:
        connection.send_packed_command(connection.pack_commands(commands), check_health=False)
    except (ConnectionError, TimeoutError, OSError) as error:
        if len(commands) > 1:  # the first of several may have arrived whole
            raise OutcomeUnknown(f"the live store went away while being asked: {error}") from error
        raise StoreUnavailable(f"the live store went away before it was asked: {error}") from error
    return [_reply(connection) for _ in commands]


def _reply(connection: Any) -> Any:
    try:
        return connection.read_response()
    except (BusyLoadingError, AuthenticationError, ResponseError) as error:
        return cast(Exception, error)
    except (ConnectionError, TimeoutError, OSError) as error:
        connection.disconnect()
        raise OutcomeUnknown(f"the live store was asked and did not answer: {error}") from error
