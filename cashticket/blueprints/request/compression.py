"""Compresses style sheets, scripts and drawings where no proxy in front does, as with `make run`.

Pages are left as they are: they mix what people type with secrets, and compression would let one be guessed by the
other.
"""

import gzip
from functools import lru_cache

from flask import Response

from cashticket.blueprints.request.context import present_request
from cashticket.wiring import current_settings

# The proxy takes the same: nginx.conf.
KINDS = frozenset({"text/css", "text/javascript", "application/javascript", "image/svg+xml"})
BYTES_MIN = 1024


def compressed(response: Response, *, is_kept: bool = False) -> Response:
    """The answer with a whole file, compressed where the browser can read that and no proxy does it. `is_kept`: its
    bytes are asked for again and again, so the compressed ones are kept in memory.

    A compressed file has a weak ETag, because a part of the plain file is no part of it; "not modified" names it too.
    """
    if response.mimetype not in KINDS or current_settings().proxies:
        return response
    response.vary.add("Accept-Encoding")
    is_whole = response.status_code in (200, 304) and (response.content_length or 0) >= BYTES_MIN
    if not is_whole or not present_request().accept_encodings.quality("gzip"):
        return response
    etag, _ = response.get_etag()
    if etag is not None:
        response.set_etag(etag, weak=True)
    if response.status_code == 200:
        content = _whole(response)
        response.set_data(_compressed_once(content) if is_kept else _compress(content))
        response.content_encoding = "gzip"
        response.headers.pop("Accept-Ranges", None)
    return response


def _whole(response: Response) -> bytes:
    # The file is closed here: a server whose client goes away may never close what it was to send.
    opened = response.response
    response.direct_passthrough = False
    content = response.get_data()
    close = getattr(opened, "close", None)
    if close is not None:
        close()
    return content


def _compress(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=6, mtime=0)


@lru_cache(maxsize=32)
def _compressed_once(content: bytes) -> bytes:
    # Of the static files there are some twenty. The key is the plain content, so a changed file is compressed anew.
    return _compress(content)
