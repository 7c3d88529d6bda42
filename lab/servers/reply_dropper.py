"""A unix-socket proxy in front of a server: counts what passes and drops replies on command.

A dropped reply means that the request reaches the server and the answer never reaches the client. With `cut` the
connection is closed instead of answered; without it nothing arrives.
"""

import contextlib
import selectors
import socket
import tempfile
import threading
from pathlib import Path


class ReplyDropper:
    """Listens at `socket_path` and forwards to `upstream` until `stop`."""

    def __init__(self, upstream: str) -> None:
        self.upstream = upstream
        self._directory = tempfile.TemporaryDirectory(prefix="ct-proxy-")
        self.socket_path = str(Path(self._directory.name) / "proxy.sock")
        self.url = f"unix://{self.socket_path}"
        self.requests: list[bytes] = []
        self.replies: list[bytes] = []
        self.dropping = False
        self.cut = False
        self._stopping = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.socket_path)
        self._listener.listen()
        self._listener.settimeout(0.1)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def forget(self) -> None:
        """Set the counts back to nothing."""
        self.requests.clear()
        self.replies.clear()

    def stop(self) -> None:
        """Close every connection."""
        self._stopping.set()
        self._thread.join()
        self._listener.close()
        self._directory.cleanup()

    def _accept(self) -> None:
        forwarders = []
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                client, _ = self._listener.accept()
                forwarder = threading.Thread(target=self._forward, args=(client,), daemon=True)
                forwarder.start()
                forwarders.append(forwarder)
        for forwarder in forwarders:
            forwarder.join()

    def _forward(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        with client, server, selectors.DefaultSelector() as ready:
            server.connect(self.upstream)
            ready.register(client, selectors.EVENT_READ, server)
            ready.register(server, selectors.EVENT_READ, client)
            while not self._stopping.is_set():
                for key, _ in ready.select(timeout=0.1):
                    if not self._pass_on(key.fileobj is client, key.fileobj, key.data):
                        return

    def _pass_on(self, asking: bool, source: object, target: socket.socket) -> bool:
        assert isinstance(source, socket.socket)
        try:
            data = source.recv(65_536)
        except ConnectionResetError:
            # Whoever goes away without reading everything resets the connection: an end like any other.
            return False
        if not data:
            return False
        (self.requests if asking else self.replies).append(data)
        if asking or not self.dropping:
            target.sendall(data)
            return True
        return not self.cut
