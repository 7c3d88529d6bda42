"""Stores whose primary is looked up with Sentinel: `redis+sentinel://HOST:PORT,HOST:PORT/NAME/DATABASE`.

Every new connection asks the sentinels for the present primary and is refused when the process that answers is none.
Nothing is retried: a call that finds no primary fails, and the next call asks again.
"""

import threading
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.connection import Connection, ConnectionPool, SSLConnection, parse_url
from redis.exceptions import ConnectionError, RedisError
from redis.retry import Retry

from cashticket.engine.store_identity import info_fields

SCHEMES = {"redis+sentinel": "redis", "rediss+sentinel": "rediss"}
"""The scheme of a store behind sentinels → that of the store itself and of its sentinels: without or with TLS."""

ADDRESS_OF = "SENTINEL GET-MASTER-ADDR-BY-NAME"
SENTINEL_PORT = 26379
SENTINEL_SECONDS = 0.5
"""How long one sentinel may take before the next one is asked."""

Address = tuple[str, int]


class SentinelUrl(NamedTuple):
    """What a URL says: the `sentinels` to ask for the primary called `name`, and the options of connections to both."""

    sentinels: tuple[Address, ...]
    name: str
    sentinel_options: dict[str, Any]
    store_options: dict[str, Any]


def is_sentinel_url(url: str) -> bool:
    return url.partition("://")[0] in SCHEMES


def parse_sentinel_url(url: str) -> SentinelUrl:
    """The parts of a URL. User, password and TLS options (`ssl_…`) are those of the store; `sentinel_username` and
    `sentinel_password` those of the sentinels, which get the same TLS options. Raises ValueError."""
    parts = urlsplit(url)
    account, _, hosts = parts.netloc.rpartition("@")
    name, _, database = parts.path.strip("/").partition("/")
    if not name:
        raise ValueError("names no primary: sentinels are asked for it by name, as in /live/0")
    if database and not (database.isascii() and database.isdigit()):
        raise ValueError("names a database that is no number")
    query = {option: values[0] for option, values in parse_qs(parts.query).items()}
    sentinel = {option: query.pop(f"sentinel_{option}", None) for option in ("username", "password")}
    scheme, options = SCHEMES[parts.scheme], urlencode(query)
    at = f"{account}@" if account else ""
    store = parse_url(f"{scheme}://{at}primary/{database}?{options}")  # type: ignore[no-untyped-call]
    tls = {name: value for name, value in store.items() if name.startswith("ssl_") or name == "connection_class"}
    sentinel_options = tls | {option: value for option, value in sentinel.items() if value}
    return SentinelUrl(tuple(_address(host) for host in hosts.split(",")), name, sentinel_options, store)


def client_at(url: str, **options: Any) -> redis.Redis:
    """A client of the store at any URL that the settings take, with `options` of redis-py. Connects to nothing yet.

    Raises ValueError for a URL that is none.
    """
    if not is_sentinel_url(url):
        return redis.Redis.from_url(url, **options)
    parts = parse_sentinel_url(url)
    store = options | parts.store_options
    kind = PrimaryTlsConnection if store.pop("connection_class", None) is SSLConnection else PrimaryConnection
    return redis.Redis(connection_pool=ConnectionPool(connection_class=kind, primary=Primary(parts), **store))


class Primary:
    """Asks sentinels where the primary is. Safe to share between threads."""

    def __init__(self, url: SentinelUrl) -> None:
        self._name = url.name
        self._lock = threading.Lock()
        # The one that answered last comes first.
        self._sentinels = [_sentinel(address, url.sentinel_options) for address in url.sentinels]

    def address(self) -> Address:
        """Where the primary is by the first sentinel that knows. Raises ConnectionError when none does."""
        for sentinel in list(self._sentinels):
            try:
                reply = sentinel.execute_command(ADDRESS_OF, self._name)  # type: ignore[no-untyped-call]
            except (RedisError, OSError):
                continue
            if reply:
                self._prefer(sentinel)
                return _text(reply[0]), int(reply[1])
        raise ConnectionError(f"none of {len(self._sentinels)} sentinels knows the primary {self._name}")

    def _prefer(self, sentinel: redis.Redis) -> None:
        with self._lock:
            if self._sentinels[0] is not sentinel:
                self._sentinels.remove(sentinel)
                self._sentinels.insert(0, sentinel)


class ToPrimary:
    """Part of a connection: it leads to the process that is the primary when it connects."""

    def __init__(self, *, primary: Primary, **options: Any) -> None:
        super().__init__(**options)
        self._primary = primary

    def _connect(self) -> Any:
        self.host, self.port = self._primary.address()
        return super()._connect()  # type: ignore[misc]

    def on_connect_check_health(self, check_health: bool = True) -> None:
        """Sign in, then refuse a process that is no primary: sentinels may name one that has just been replaced."""
        super().on_connect_check_health(check_health=check_health)  # type: ignore[misc]
        self.send_command("INFO", "replication", check_health=False)  # type: ignore[attr-defined]
        reply = self.read_response()  # type: ignore[attr-defined]
        if info_fields(_text(reply)).get("role") != "master":
            raise ConnectionError("the process that the sentinels name is no primary now")


class PrimaryConnection(ToPrimary, Connection):
    """A connection to the present primary."""


class PrimaryTlsConnection(ToPrimary, SSLConnection):
    """A connection to the present primary, with TLS."""


def _sentinel(address: Address, options: dict[str, Any]) -> redis.Redis:
    host, port = address
    pool = ConnectionPool(
        host=host,
        port=port,
        protocol=2,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=SENTINEL_SECONDS,
        socket_connect_timeout=SENTINEL_SECONDS,
        **options,
    )
    return redis.Redis(connection_pool=pool)


def _address(text: str) -> Address:
    """Host and port of `HOST:PORT`, `[IPv6]:PORT` or `HOST`. Raises ValueError."""
    parts = urlsplit(f"//{text}")
    if not parts.hostname or parts.port == 0 or parts.path:
        raise ValueError("names a sentinel without a host, or at a port that does not exist")
    return parts.hostname, parts.port or SENTINEL_PORT


def addresses_of(url: str) -> Sequence[Address]:
    """Hosts and ports of the sentinels in a URL. Raises ValueError."""
    return parse_sentinel_url(url).sentinels


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
