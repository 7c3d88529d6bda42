"""What only one browser can read, and only this site can have sent: the contents of a push are encrypted for the
browser's keys (RFC 8291), and each request is signed for its push service (VAPID, RFC 8292).

The library is loaded with the first push: it brings HTTP clients along that nothing here uses, and of all processes
only the one that sends needs it.
"""

from datetime import datetime, timedelta
from typing import cast

SIGNATURE_LIFE = timedelta(hours=12)
"""How long a signature is good; push services take at most a day."""


def load() -> None:
    """Load the library now, for a process that goes on to make many others."""
    import py_vapid  # noqa: F401
    import pywebpush  # noqa: F401


def sealed(payload: bytes, p256dh: str, auth: str) -> bytes:
    """The body of a push, encrypted for the browser of these keys. Raises ValueError for keys of no browser."""
    from pywebpush import WebPusher, WebPushException

    keys = {"endpoint": "", "keys": {"p256dh": p256dh, "auth": auth}}
    try:
        return cast(bytes, WebPusher(keys).encode(payload, content_encoding="aes128gcm")["body"])
    except WebPushException as error:
        raise ValueError("no keys of a browser") from error


def signature(private_key: str, contact: str, origin: str, now: datetime) -> str:
    """The header Authorization for requests to a push service at `origin`, from `now` (UTC) for SIGNATURE_LIFE."""
    from py_vapid import Vapid

    claims = {"aud": origin, "sub": contact, "exp": int((now + SIGNATURE_LIFE).timestamp())}
    return str(Vapid.from_raw(private_key.encode()).sign(claims)["Authorization"])
