"""Which links to other machines are set up without TLS."""

import ipaddress
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url

from cashticket.config.settings import Settings
from cashticket.engine.cluster_url import parse_cluster_url
from cashticket.engine.sentinel import addresses_of
from cashticket.engine.slots import Address

SEVERAL: dict[str, Callable[[str], Sequence[Address]]] = {
    "redis+sentinel": addresses_of,
    "redis+cluster": lambda url: parse_cluster_url(url).nodes,
}
"""Schemes of addresses that name several hosts without TLS, and how these are read."""


def unencrypted_links(settings: Settings) -> Iterator[str]:
    """Yield a sentence for each database or store on another machine that is reached without TLS.

    Sockets, loopback addresses and the hosts of PLAIN_HOSTS are left out.
    """
    for name in ("DATABASE_URL", "DATABASE_READER_URL", "MIGRATION_DATABASE_URL"):
        if not getattr(settings, name.lower()):
            continue
        url = make_url(getattr(settings, name.lower()))
        with_tls = any(option.startswith("ssl") for option in url.query)
        if url.host and not with_tls and "unix_socket" not in url.query and _is_elsewhere(url.host, settings):
            yield f"{name} reaches {url.host} without TLS: add ?ssl_ca=FILE, or name the host in PLAIN_HOSTS"
    for name, address in _urls_of_stores(settings):
        scheme = address.partition("://")[0]
        if scheme in SEVERAL:
            for host, _ in SEVERAL[scheme](address):
                if _is_elsewhere(host, settings):
                    hint = f"write {scheme.replace('redis', 'rediss')}://, or name the host in PLAIN_HOSTS"
                    yield f"{name} reaches {host} without TLS: {hint}"
            continue
        parts = urlsplit(address)
        if parts.scheme == "redis" and parts.hostname and _is_elsewhere(parts.hostname, settings):
            yield f"{name} reaches {parts.hostname} without TLS: write rediss://, or name the host in PLAIN_HOSTS"


def _urls_of_stores(settings: Settings) -> Iterator[tuple[str, str]]:
    yield "REDIS_URL", settings.redis_url
    yield from ((f"LIVE_STORES: {name}", url) for name, url in settings.live_stores)
    yield "QUEUE_REDIS_URL", settings.queue_redis_url


def _is_elsewhere(host: str, settings: Settings) -> bool:
    if host == "localhost" or host in settings.plain_hosts:
        return False
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return True
