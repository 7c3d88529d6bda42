"""Whether a request comes from inside the installation: from the machine itself or its internal network."""

from ipaddress import ip_address

from flask import request

FORWARDED = ("X-Forwarded-For", "Forwarded")


def comes_from_inside() -> bool:
    """True when the sender has a private address and no proxy passed the request on.

    A proxy in front always says for whom it asks, so whoever comes through it is outside, whatever the address.
    """
    if any(request.headers.get(name) for name in FORWARDED):
        return False
    if not request.remote_addr:
        # A unix socket has no address; only this machine reaches it.
        return True
    try:
        address = ip_address(request.remote_addr)
    except ValueError:
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_private
