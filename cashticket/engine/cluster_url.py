"""Addresses of a cluster: `redis+cluster://HOST:PORT,HOST:PORT`, with TLS `rediss+cluster://…`."""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from redis.connection import parse_url

from cashticket.engine.slots import Address

SCHEMES = {"redis+cluster": "redis", "rediss+cluster": "rediss"}
"""The scheme of a cluster → that of its nodes: without or with TLS."""

PORT = 6379


class ClusterUrl(NamedTuple):
    """What a URL says: some `nodes`, of which one that answers names all others, and the options of connections."""

    nodes: tuple[Address, ...]
    options: dict[str, Any]


def is_cluster_url(url: str) -> bool:
    return url.partition("://")[0] in SCHEMES


def parse_cluster_url(url: str) -> ClusterUrl:
    """The parts of a URL. User, password and TLS options (`ssl_…`) are those of every node. Raises ValueError."""
    parts = urlsplit(url)
    account, _, hosts = parts.netloc.rpartition("@")
    if parts.path.strip("/") not in ("", "0"):
        raise ValueError("names a database: a cluster has number 0 alone, so leave it out")
    at = f"{account}@" if account else ""
    options = parse_url(f"{SCHEMES[parts.scheme]}://{at}node/?{parts.query}")  # type: ignore[no-untyped-call]
    for option in ("host", "port", "db"):
        options.pop(option, None)
    return ClusterUrl(tuple(_address(host) for host in hosts.split(",")), options)


def _address(text: str) -> Address:
    """Host and port of `HOST:PORT`, `[IPv6]:PORT` or `HOST`. Raises ValueError."""
    parts = urlsplit(f"//{text}")
    if not parts.hostname or parts.port == 0 or parts.path:
        raise ValueError("names a node without a host, or at a port that does not exist")
    return parts.hostname, parts.port or PORT
