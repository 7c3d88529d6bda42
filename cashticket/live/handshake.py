"""What a request must look like to become a WebSocket (RFC 6455, 4.2.1), checked before anything is opened; and how
browsers write where a page comes from.

The library underneath takes for granted that it gets no other, and fails in the middle.
"""

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import urlsplit

VERSION = "13"
KEY_BYTES = 16
DEFAULT_PORTS = {"http": 80, "https": 443}


def fault(method: str, protocol: str, headers: Mapping[str, str]) -> int | None:
    """The status to refuse a handshake with: 426 for another protocol or version, else 400. None when nothing is wrong
    with it."""
    if headers.get("Upgrade", "").strip().lower() != "websocket":
        return 426
    if method != "GET" or protocol != "HTTP/1.1":
        return 400
    if "upgrade" not in [word.strip().lower() for word in headers.get("Connection", "").split(",")]:
        return 400
    if "Content-Length" in headers or "Transfer-Encoding" in headers:
        # A body would be read as the first frames.
        return 400
    if headers.get("Sec-Websocket-Version", "").strip() != VERSION:
        return 426
    return None if _is_key(headers.get("Sec-Websocket-Key", "").strip()) else 400


def origin(url: str) -> str:
    """The origin of an http or https address, exactly as browsers write it."""
    parts = urlsplit(url)
    port = "" if parts.port in (None, DEFAULT_PORTS[parts.scheme]) else f":{parts.port}"
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}{port}"


def _is_key(key: str) -> bool:
    try:
        return len(base64.b64decode(key, validate=True)) == KEY_BYTES
    except (binascii.Error, ValueError):
        return False
