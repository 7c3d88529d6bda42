"""The doors of the live service: sockets, and what operators ask of every process.

Pages, bids and sign-ins are served by other processes. Here one of them could hold up every socket, so they are turned
away before the product sees them, whatever the proxy in front lets through.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from cashticket.live.garbage import GarbageCollection

Answering = Callable[..., Any]
Application = Callable[[dict[str, Any], Answering], Iterable[bytes]]

SERVED = re.compile(r"/auctions/[0-9]+/live|/healthz|/readyz|/metrics")


class SocketsOnly:
    """`application` behind these doors alone; everything else is 404."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._leftovers = GarbageCollection()

    def __call__(self, environ: dict[str, Any], start_response: Answering) -> Iterable[bytes]:
        if SERVED.fullmatch(environ.get("PATH_INFO", "")):
            self._leftovers.begin()
            try:
                # A socket is over when this returns.
                return self._application(environ, start_response)
            finally:
                self._leftovers.end()
        start_response("404 Not Found", [("Content-Length", "0"), ("Cache-Control", "no-store")])
        return []
