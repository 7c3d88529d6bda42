"""A program that calls nginx: whole requests, or raw bytes on a connection, with TLS where an authority is given."""

import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import Path

Answer = tuple[HTTPResponse, bytes]
SECONDS = 30


@dataclass(frozen=True)
class Caller:
    """Calls 127.0.0.1 on `port`; with TLS it trusts `authority` alone and asks for `localhost`."""

    port: int
    authority: Path | None = None

    def ask(
        self, path: str, headers: dict[str, str] | None = None, body: bytes | None = None, method: str | None = None
    ) -> Answer:
        """One request on a connection of its own: GET, or POST with a body."""
        connection = self._connection()
        try:
            connection.request(method or ("GET" if body is None else "POST"), path, body, headers or {})
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    def send(self, text: bytes) -> bytes:
        """All that comes back for these very bytes, until the other side closes; nothing if it refuses."""
        received = b""
        with self.connected() as connection, suppress(ConnectionResetError, ssl.SSLError):
            connection.sendall(text)
            while chunk := connection.recv(65536):
                received += chunk
        return received

    def connected(self, name: str = "localhost") -> socket.socket:
        """A connection, with TLS for the server `name` where there is an authority."""
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=SECONDS)
        if self.authority is None:
            return plain
        try:
            return self.context().wrap_socket(plain, server_hostname=name)
        except OSError:
            plain.close()
            raise

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.authority))

    def _connection(self) -> HTTPConnection:
        if self.authority is None:
            return HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        return HTTPSConnection("localhost", self.port, timeout=SECONDS, context=self.context())
