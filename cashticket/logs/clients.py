"""Addresses of clients as log lines may show them: the network, not the household."""

import ipaddress
from functools import lru_cache

IPV4_PREFIX, IPV6_PREFIX = 24, 64


@lru_cache(maxsize=4096)
def shortened(address: str | None) -> str:
    """The /24 network of an IPv4 address or the /64 network of an IPv6 one; "local" for anything else."""
    try:
        client = ipaddress.ip_address(address or "")
    except ValueError:
        return "local"
    if isinstance(client, ipaddress.IPv6Address):
        if client.ipv4_mapped is None:
            return str(ipaddress.ip_network((client.packed, IPV6_PREFIX), strict=False))
        client = client.ipv4_mapped
    return str(ipaddress.ip_network((client.packed, IPV4_PREFIX), strict=False))
