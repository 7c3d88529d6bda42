"""The push services that this site speaks to, and to no other host: a browser names the address to which it wants to be
pushed, and whoever forges one must not make a server call a machine of his choice.

An entry is a host (`fcm.googleapis.com`), all hosts below one (`*.notify.windows.com`), or, outside production, the
whole origin of a service on this machine (`http://127.0.0.1:8099`), which is reached without TLS.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

SERVICES = (
    # Chrome, Samsung Internet, Opera and others; Firefox; Safari on macOS and iOS; Edge on Windows.
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
)
ENDPOINT_LENGTH_MAX = 1000
ENTRY = re.compile(r"(\*\.)?([a-z0-9-]+\.)+[a-z]{2,}|http://127\.0\.0\.1:[0-9]{1,5}")
LOCAL = "http://"
PRINTABLE = re.compile(r"[!-~]+")


class BadEndpoint(Exception):
    """The address is none of a push service that this site speaks to."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a push goes. `path` has the query; `is_local` means a service on this machine, without TLS."""

    host: str
    port: int
    path: str
    is_local: bool

    @property
    def origin(self) -> str:
        """The origin, as the signature of a push names it."""
        return f"http://{self.host}:{self.port}" if self.is_local else f"https://{self.host}"


def read_endpoint(address: str, entries: tuple[str, ...]) -> Endpoint:
    """The endpoint at `address`. Raises BadEndpoint unless one of `entries` has it: https, the usual port, no account,
    nothing but letters of an address."""
    if len(address) > ENDPOINT_LENGTH_MAX or not PRINTABLE.fullmatch(address):
        raise BadEndpoint
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise BadEndpoint from error
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise BadEndpoint
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if port and f"{parts.scheme}://{host}:{port}" in (each for each in entries if each.startswith(LOCAL)):
        return Endpoint(host, port, path, is_local=True)
    if parts.scheme != "https" or port not in (None, 443) or not _is_listed(host, entries):
        raise BadEndpoint
    return Endpoint(host, 443, path, is_local=False)


def _is_listed(host: str, entries: tuple[str, ...]) -> bool:
    return any(host == entry or (entry.startswith("*.") and host.endswith(entry[1:])) for entry in entries)
