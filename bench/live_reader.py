"""Thousands of WebSocket readers in one process: raw sockets, one epoll, and only measurements kept.

    python -m bench.live_reader < orders

The first line of standard input is the orders (JSON): `port`, `path`, `origin`, `sources` (loopback addresses to
connect from, in turns), `sockets` (a list of `[cookie or null, person or 0]`) and, to count how old frames are when
they come, `ages`. When every handshake is answered it prints a line `connected {...}` and reads frames. To a line
`"boards"` it answers which versions its sockets saw last; any other line ends it, with everything it saw. Every answer
is one line of JSON. Moments are seconds of the machine's monotonic clock, so several processes can be compared.
"""

import gc
import json
import os
import select
import socket
import sys
import time
from typing import Any

from bench.live_seen import Seen, SeenByAge

IN_FLIGHT = 64
HANDSHAKE_SECONDS = 30.0
IP_BIND_ADDRESS_NO_PORT = 24
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
REQUEST = (
    "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nOrigin: {origin}\r\nUpgrade: websocket\r\n"
    "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{cookie}\r\n"
)


class Client:
    """One socket: its connection, the beginning of an incomplete frame, and whether the handshake is done."""

    __slots__ = ("board", "open", "person", "request", "requested_at", "rest", "sock")

    def __init__(self, sock: socket.socket, request: bytes, person: int) -> None:
        self.sock, self.request, self.person = sock, request, person
        self.requested_at = time.monotonic()
        self.open = False
        self.rest = b""
        self.board = 0


class Reader:
    """Opens the sockets of its orders, a few handshakes at a time, and reads them all."""

    def __init__(self, orders: dict[str, Any]) -> None:
        self._orders = orders
        self._waiting = list(enumerate(orders["sockets"]))[::-1]
        self._clients: dict[int, Client] = {}
        self._epoll = select.epoll()
        self._in_flight = 0
        self._buffer = bytearray(1 << 18)
        self.seen = SeenByAge() if orders.get("ages") else Seen()

    def connect_all(self) -> None:
        """Return when every handshake was answered, or when one takes too long."""
        began = time.monotonic()
        while self._waiting or self._in_flight:
            while self._waiting and self._in_flight < IN_FLIGHT:
                self._connect(*self._waiting.pop())
            self._read_ready(0.5)
            if time.monotonic() - self.seen.progress_at > HANDSHAKE_SECONDS:
                self.seen.refused["no answer"] += self._in_flight + len(self._waiting)
                break
        self.seen.connecting_seconds = time.monotonic() - began

    def read_until_told(self) -> None:
        """Read frames until a line comes on standard input."""
        self._epoll.register(0, select.EPOLLIN)
        while self._read_ready(1.0):
            pass
        self._epoll.unregister(0)

    def _connect(self, number: int, guest: list[Any]) -> None:
        cookie, person = guest
        sock = socket.socket()
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
        sources = self._orders["sources"]
        sock.bind((sources[number % len(sources)], 0))
        sock.connect_ex(("127.0.0.1", self._orders["port"]))
        target = {name: self._orders[name] for name in ("path", "port", "origin")}
        request = REQUEST.format(**target, cookie=f"Cookie: {cookie}\r\n" if cookie else "")
        self._clients[sock.fileno()] = Client(sock, request.encode(), person)
        self._epoll.register(sock.fileno(), select.EPOLLOUT)
        self._in_flight += 1

    def _read_ready(self, seconds: float) -> bool:
        """Serve ready sockets. Returns False when standard input has a line."""
        going_on = True
        for number, event in self._epoll.poll(seconds, 512):
            if number == 0:
                going_on = False
            elif event == select.EPOLLOUT:
                client = self._clients[number]
                client.sock.send(client.request)
                self._epoll.modify(number, select.EPOLLIN)
            else:
                self._read(number, self._clients[number])
        return going_on

    def _read(self, number: int, client: Client) -> None:
        try:
            size = client.sock.recv_into(self._buffer)
        except OSError:
            size = 0
        if not size:
            self._end(number, client, "no close frame")
        elif client.open and not client.rest:
            self._frames(number, client, self._buffer, size)
        else:
            data = client.rest + self._buffer[:size]
            client.rest = b""
            if client.open:
                self._frames(number, client, bytearray(data), len(data))
            else:
                self._handshake(number, client, bytes(data))

    def _handshake(self, number: int, client: Client, data: bytes) -> None:
        head, separator, rest = data.partition(b"\r\n\r\n")
        if not separator:
            client.rest = data
            return
        status = head[9:12].decode()
        if status != "101":
            self._end(number, client, status)
            return
        self._in_flight -= 1
        client.open, client.request = True, b""
        self.seen.opened(time.monotonic() - client.requested_at)
        if rest:
            self._frames(number, client, bytearray(rest), len(rest))

    def _frames(self, number: int, client: Client, data: bytearray, size: int) -> None:
        now = time.monotonic()
        at = 0
        while at + 2 <= size:
            length = data[at + 1]
            start = at + 2
            if length == 126:
                length, start = int.from_bytes(data[at + 2 : at + 4], "big"), at + 4
            elif length == 127:
                length, start = int.from_bytes(data[at + 2 : at + 10], "big"), at + 10
            end = start + length
            if end > size:
                break
            kind = data[at] & 15
            if kind == TEXT:
                client.board = self.seen.frame(data, start, end, client.board, client.person, now)
            elif kind == PING:
                client.sock.send(bytes([0x80 | PONG, 0x80, 0, 0, 0, 0]))
            elif kind == CLOSE:
                self._end(number, client, str(int.from_bytes(data[start : start + 2], "big")))
                return
            at = end
        if at < size:
            client.rest = bytes(data[at:size])

    def _end(self, number: int, client: Client, how: str) -> None:
        if client.open:
            self.seen.closed[how] += 1
        else:
            self._in_flight -= 1
            self.seen.refused[how] += 1
            self.seen.progress_at = time.monotonic()
        self._epoll.unregister(number)
        client.sock.close()
        del self._clients[number]

    def last_boards(self) -> dict[int, int]:
        """Version of the newest board → how many open sockets saw it last."""
        newest: dict[int, int] = {}
        for client in self._clients.values():
            newest[client.board] = newest.get(client.board, 0) + client.open
        return newest


def main() -> None:
    orders = json.loads(sys.stdin.readline())
    # Reading leaves no garbage; collecting among thousands of sockets would only add pauses.
    gc.disable()
    reader = Reader(orders)
    reader.connect_all()
    print("connected", json.dumps(reader.seen.handshakes()), flush=True)
    reader.read_until_told()
    while json.loads(sys.stdin.readline()) == "boards":
        print(json.dumps(reader.last_boards()), flush=True)
        reader.read_until_told()
    spent = os.times()
    result = reader.seen.result() | {"last_boards": reader.last_boards(), "cpu_seconds": spent.user + spent.system}
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
