"""What a request must look like to become a WebSocket (RFC 6455, 4.2.1), checked before anything is opened.

simple-websocket does not check all of it and would fail halfway through the handshake.
"""

import base64
import binascii
from collections.abc import Mapping

VERSION = "13"
KEY_BYTES = 16


def fault(method: str, protocol: str, headers: Mapping[str, str]) -> int | None:
    """Status to refuse this handshake with, None if it is good: 426 for another protocol or version, else 400."""
    if headers.get("Upgrade", "").strip().lower() != "websocket":
        return 426
    if method != "GET" or protocol != "HTTP/1.1":
        return 400
    if "upgrade" not in [token.strip().lower() for token in headers.get("Connection", "").split(",")]:
        return 400
    if "Content-Length" in headers or "Transfer-Encoding" in headers:
        # A body would be read as the first frames.
        return 400
    if headers.get("Sec-Websocket-Version", "").strip() != VERSION:
        return 426
    return None if _is_key(headers.get("Sec-Websocket-Key", "").strip()) else 400


def _is_key(key: str) -> bool:
    try:
        return len(base64.b64decode(key, validate=True)) == KEY_BYTES
    except (binascii.Error, ValueError):
        return False
