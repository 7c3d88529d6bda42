"""Whether two addresses lead to the same store, so that what is lost with one is lost with the other."""

import ipaddress
import os
import socket
from contextlib import suppress
from urllib.parse import unquote, urlsplit

DEFAULT_PORT, SENTINEL_PORT = 6379, 26379

Server = tuple[str, int, str]
"""Address, port, and the name of the primary where sentinels stand at that address."""


def is_same_store(first_url: str, second_url: str) -> bool:
    """Whether both addresses lead to one server, whatever the number of the database, the account, TLS, and the
    spelling of its name. Looks names up; those that cannot be found are compared as text."""
    return bool(_servers(first_url) & _servers(second_url))


def _servers(url: str) -> set[Server]:
    """Everything that may be called the server of a URL."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return {(os.path.realpath(unquote(parts.path)), 0, "")}
    is_sentinel = parts.scheme.endswith("sentinel")
    port = SENTINEL_PORT if is_sentinel else DEFAULT_PORT
    primary = parts.path.strip("/").partition("/")[0] if is_sentinel else ""
    servers: set[Server] = set()
    for part in parts.netloc.rpartition("@")[2].split(","):
        each = urlsplit(f"//{part}")
        addresses = _addresses((each.hostname or "localhost").lower(), each.port or port)
        servers |= {(address, each.port or port, primary) for address in addresses}
    return servers


def _addresses(host: str, port: int) -> set[str]:
    addresses = {host}
    with suppress(OSError):
        addresses |= {str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    return {_without_loopback(address) for address in addresses}


def _without_loopback(address: str) -> str:
    """All addresses of this machine itself are one."""
    if address == "localhost":
        return "loopback"
    try:
        return "loopback" if ipaddress.ip_address(address.partition("%")[0]).is_loopback else address
    except ValueError:
        return address
