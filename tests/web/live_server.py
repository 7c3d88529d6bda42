"""The application on a real port of the loopback, one thread a connection, for tests that need open sockets."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import websocket
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

PATIENCE_SECONDS = 45.0


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:
        """Requests of tests are not worth a line."""


def _closing(app: Flask) -> Callable[..., Iterator[bytes]]:
    # The server forgets to close an answer whose client resets the connection. This one closes itself once it is gone.
    def answers(environ: Any, start_response: Any) -> Iterator[bytes]:
        answer: Any = app(environ, start_response)
        try:
            yield from answer
        finally:
            if hasattr(answer, "close"):
                answer.close()

    return answers


class LiveServer:
    """A running server. `address` is host:port."""

    def __init__(self, app: Flask) -> None:
        self.server = make_server("127.0.0.1", 0, _closing(app), threaded=True, request_handler=_Quiet)
        self.server.daemon_threads = True
        self.address = f"127.0.0.1:{self.server.port}"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self._open: list[websocket.WebSocket] = []

    def open(self, path: str, *, cookie: str | None = None, origin: str | None = "own") -> websocket.WebSocket:
        """A WebSocket. Raises websocket.WebSocketBadStatusException when refused. No Origin header when None."""
        options: dict[str, Any] = {"suppress_origin": True} if origin is None else {}
        if origin is not None:
            options["origin"] = f"http://{self.address}" if origin == "own" else origin
        opened = websocket.create_connection(
            f"ws://{self.address}{path}", timeout=PATIENCE_SECONDS, cookie=cookie, **options
        )
        self._open.append(opened)
        return opened

    def stop(self) -> None:
        """Close every socket that is still open, then the server."""
        for each in self._open:
            each.shutdown()
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()


@contextmanager
def serving(app: Flask) -> Iterator[LiveServer]:
    """A server for as long as the block lasts; its sockets' hub ends with it."""
    server = LiveServer(app)
    try:
        yield server
    finally:
        app.extensions["hub"].stop()
        server.stop()


def frames_until(ws: websocket.WebSocket, wanted: Callable[[str], bool]) -> list[str]:
    """Text frames up to the first that is `wanted`, beats only if they are. Fails by the timeout of the socket."""
    frames: list[str] = []
    while True:
        frame = ws.recv()
        assert isinstance(frame, str) and frame, f"the socket ended; what came: {frames}"
        if wanted(frame):
            return [*frames, frame]
        if '<i id="beat"' not in frame:
            frames.append(frame)


def close_code(ws: websocket.WebSocket) -> int:
    """The code of the close frame that comes, whatever comes before it."""
    while True:
        opcode, data = ws.recv_data(control_frame=True)
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            return int.from_bytes(data[:2], "big")
