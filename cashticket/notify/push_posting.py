"""Hands a push to its push service: one POST over TLS to a public address of a listed host, five seconds, no redirects.

The address came from a browser, so the host must be on the list (`push_hosts`), and what its name leads to is looked at
before the call: the connection goes to the very address that was looked at, and never to one inside our network.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from cashticket.notify.push_hosts import Endpoint

TIMEOUT_SECONDS = 5.0
BODY_MAX = 4096
"""Push services take no larger body (RFC 8030)."""

RETRY_AFTER_MAX = timedelta(hours=1)


class NotPosted(Exception):
    """The push service could not be reached or gave no answer. `code` says why, in a word."""

    message_is_safe = True

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class AddressRefused(NotPosted):
    """The name of the host leads to an address that is not a public one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a push service answered: the HTTP status, and after what time it wants to be asked again."""

    status: int
    retry_after: timedelta = timedelta(0)


def post(endpoint: Endpoint, headers: Mapping[str, str], body: bytes) -> Answer:
    """Send a push. Raises NotPosted, and ValueError for a body that no push service takes."""
    if len(body) > BODY_MAX:
        raise ValueError("the body of a push is too large")
    try:
        with closing(_connection(endpoint)) as connection:
            connection.request("POST", endpoint.path, body, dict(headers))
            with closing(connection.getresponse()) as answer:
                return Answer(answer.status, _retry_after(answer.getheader("Retry-After") or ""))
    except (OSError, http.client.HTTPException) as error:
        raise NotPosted(type(error).__name__) from error


def _connection(endpoint: Endpoint) -> http.client.HTTPConnection:
    """A connection that is open and, but for a service on this machine, encrypted."""
    plain = socket.create_connection(_checked_address(endpoint), TIMEOUT_SECONDS)
    if endpoint.is_local:
        connection = http.client.HTTPConnection(endpoint.host, endpoint.port)
        connection.sock = plain
        return connection
    try:
        # It names the host in the request, and opens nothing by itself, because it has a socket.
        connection = http.client.HTTPSConnection(endpoint.host, endpoint.port, context=_verifying())
        connection.sock = _verifying().wrap_socket(plain, server_hostname=endpoint.host)
    except BaseException:
        plain.close()
        raise
    return connection


def _checked_address(endpoint: Endpoint) -> tuple[str, int]:
    """An address of the host. Raises AddressRefused if any address of it is not a public one, and OSError."""
    answers = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    addresses = [str(each[4][0]) for each in answers]
    if not endpoint.is_local and not all(map(is_public_address, addresses)):
        raise AddressRefused("AddressRefused")
    return addresses[0], endpoint.port


def is_public_address(text: str) -> bool:
    """Whether an IP address is one of the internet: not of this machine, a private network, a link or a group."""
    address = ipaddress.ip_address(text.partition("%")[0])
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None) or address
    return bool(inner.is_global and not inner.is_multicast and not inner.is_reserved)


def _retry_after(text: str) -> timedelta:
    """The seconds of a header Retry-After. One that names a date, or nothing, asks for nothing in particular."""
    seconds = int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
    return min(timedelta(seconds=seconds), RETRY_AFTER_MAX)


@cache
def _verifying() -> ssl.SSLContext:
    """TLS 1.2 or newer; the certificate must be valid and name the host."""
    secure = ssl.create_default_context()
    secure.minimum_version = ssl.TLSVersion.TLSv1_2
    return secure
