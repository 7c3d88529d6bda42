"""Which links to other machines are set up without TLS."""

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url

from cashticket.config.settings import Settings
from cashticket.engine.sentinel import addresses_of


def unencrypted_links(settings: Settings) -> Iterator[str]:
    """Yield a sentence for each database or store on another machine that is reached without TLS.

    Sockets, loopback addresses and the hosts of PLAIN_HOSTS are left out.
    """
    for name in ("DATABASE_URL", "MIGRATION_DATABASE_URL"):
        url = make_url(getattr(settings, name.lower()))
        with_tls = any(option.startswith("ssl") for option in url.query)
        if url.host and not with_tls and "unix_socket" not in url.query and _is_elsewhere(url.host, settings):
            yield f"{name} reaches {url.host} without TLS: add ?ssl_ca=FILE, or name the host in PLAIN_HOSTS"
    for name, address in _urls_of_stores(settings):
        if address.startswith("redis+sentinel://"):
            for host, _ in addresses_of(address):
                if _is_elsewhere(host, settings):
                    hint = "write rediss+sentinel://, or name the host in PLAIN_HOSTS"
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
