"""People on the network where the proxy is published: each with an address of their own, by TLS and the site's name."""

import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPResponse, HTTPSConnection
from http.cookies import SimpleCookie
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import websocket

from tests.cluster.networks import Networks, inside, wait_for_namespace
from tests.story.visitor import Answer, Visitor

SITE = "tickets.example"
PORT = 8443
SECONDS = 30.0


class Outside:
    """The part of the network `edge` that people are on. `close` ends it."""

    def __init__(self, networks: Networks, authority: Path, addresses: int = 4) -> None:
        self._holder = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", "unshare", "-n", "sleep", "infinity"])
        wait_for_namespace(self._holder.pid)
        self.addresses = [networks.address("edge") for _ in range(addresses)]
        networks.connect(self._holder.pid, "edge", self.addresses)
        self.context = ssl.create_default_context(cafile=str(authority))

    def connected(self, server: IPv4Address, source: IPv4Address | None = None, port: int = PORT) -> socket.socket:
        """A connection from one of the addresses outside. Raises OSError."""
        with inside(self._holder.pid):
            return socket.create_connection((str(server), port), SECONDS, (str(source or self.addresses[0]), 0))

    def close(self) -> None:
        self._holder.kill()
        self._holder.wait()


@dataclass
class Fan(Visitor):
    """A person who comes through the proxy at `server`, from one address."""

    outside: Outside = field(kw_only=True)
    server: IPv4Address = field(kw_only=True)
    source: IPv4Address | None = None

    def ask(self, path: str, method: str = "GET", body: str | None = None, **headers: str) -> HTTPResponse:
        """One request on a connection of its own; the answer is read whole. `headers` have _ for -."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._asked(method, path, body, named)[0]

    @contextmanager
    def socket(self, path: str) -> Iterator[websocket.WebSocket]:
        """A socket that is open. Its descriptor ends with it, also where the other side closed it."""
        plain = self.outside.context.wrap_socket(self.outside.connected(self.server, self.source), server_hostname=SITE)
        opened = websocket.WebSocket()
        opened.settimeout(SECONDS)
        try:
            opened.connect(f"wss://{SITE}{path}", socket=plain, origin=f"https://{SITE}", cookie=self.cookie_header())
            yield opened
        finally:
            plain.close()

    def _send(self, web: Any, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        response, text = self._asked(method, path, body, headers)
        return Answer(response.status, response.headers, text)

    def _asked(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[HTTPResponse, str]:
        sent = {"Cookie": self.cookie_header()} if self.cookies else {}
        with closing(HTTPSConnection(SITE, PORT, timeout=SECONDS)) as connection:
            plain = self.outside.connected(self.server, self.source)
            connection.sock = self.outside.context.wrap_socket(plain, server_hostname=SITE)
            connection.request(method, path, body, sent | {"Host": SITE} | headers)
            response = connection.getresponse()
            text = response.read().decode()
        for line in response.headers.get_all("Set-Cookie") or ():
            self._keep(SimpleCookie(line))
        return response, text
