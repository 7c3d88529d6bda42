"""The live service: the application behind a filter that lets through sockets and what operators ask of every process.

Pages, bids and sign-ins are served by other processes. Here one of them could hold up every socket, so they are refused
before the application sees them, whatever the proxy in front lets through.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from cashticket.live.garbage import GarbageCollection

StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]

SERVED = re.compile(r"/auctions/[0-9]+/live|/me/live|/healthz|/readyz|/metrics")


class SocketsOnly:
    """WSGI application that serves the paths of `SERVED` by `application` and answers 404 to all others."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self._garbage = GarbageCollection()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if SERVED.fullmatch(environ.get("PATH_INFO", "")):
            self._garbage.begin()
            try:
                # A socket has ended when this returns.
                return self.application(environ, start_response)
            finally:
                self._garbage.end()
        start_response("404 Not Found", [("Content-Length", "0"), ("Cache-Control", "no-store")])
        return []
