"""Who counts as one client: an IPv4 address, or the /64 network that one IPv6 household has.

Every limit by address uses this one function, for requests and for sockets. nginx.conf does likewise.
"""

import ipaddress

from flask import request

NETWORK_BITS = 64


def address() -> str:
    """The client of the present request, "local" when the server does not know it."""
    return client_of(request.remote_addr or "")


def client_of(remote: str) -> str:
    """The client behind the address `remote`; "local" for what is no IP address."""
    try:
        client = ipaddress.ip_address(remote)
    except ValueError:
        return "local"
    if client.version == 4:
        return str(client)
    if client.ipv4_mapped:
        return str(client.ipv4_mapped)
    return str(ipaddress.ip_network((int(client), NETWORK_BITS), strict=False))
