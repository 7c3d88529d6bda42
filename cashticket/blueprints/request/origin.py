"""Which origins are ours: one spelling for the check of forms and for the socket's door."""

from contextlib import suppress
from urllib.parse import urlsplit

from flask import request

from cashticket.wiring import current_settings

DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_of(url: str) -> str:
    """Origin of an http or https address as browsers write it: lower case, no default port, IPv6 in brackets.

    Raises ValueError for an address without a valid host or port.
    """
    parts = urlsplit(url)
    if not parts.hostname:
        raise ValueError(f"no host in {url!r}")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in (None, DEFAULT_PORTS.get(parts.scheme)) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def own_origins(*, any_host: bool) -> set[str]:
    """Origins that a page of ours can have: that of BASE_URL and, if `any_host`, that of the host the request names."""
    addresses = [current_settings().base_url]
    if any_host:
        addresses.append(f"{request.scheme}://{request.host}")
    origins = set()
    for address in addresses:
        # A host that no browser would name has no origin.
        with suppress(ValueError):
            origins.add(origin_of(address))
    return origins
