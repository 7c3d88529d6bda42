"""A client that sends requests at a fixed rate, whether or not answers come: the wait of each counts from the moment at
which it was due.

    python -m bench.open_loop

It reads lines of JSON. The first holds `port`, `sources` (loopback addresses that connections come from),
`connections` (how many at most), `templates` (name of a kind of request → its text with places for `%s`) and `rows`
(path of a file with a kind and its texts a line, separated by tabs). Each later one is a turn, `{"rate": 600,
"seconds": 10}`; it goes on with the next row, and ends early with the rows or with the line "stop". The answer to a
turn is one line: `samples`, each [seconds since the machine started, wait in ms, kind, status, whether a bid was
accepted], and `late_ms`, how late requests were sent at worst although a connection was free. Status 0 is no answer.
With `body_bytes` in the first line each sample has two more: the number of its row in the turn, and so many bytes of
the answer's body as text.
"""

import asyncio
import json
import re
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

ANSWER_SECONDS_MAX = 10.0
TAIL_SECONDS = 10.0
"""How long the last answers of a turn are waited for."""

_STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_NO_BODY = (b"204", b"304")


@dataclass(slots=True)
class _Request:
    due: float
    number: int
    kind: str
    text: bytes


class _Connection(asyncio.Protocol):
    """One kept connection; it carries one request at a time."""

    def __init__(self, client: "Client") -> None:
        self._client = client
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._needed: int | None = None
        self.request: _Request | None = None
        self.sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._client.free(self)

    def send(self, request: _Request) -> None:
        assert self._transport
        self.request, self.sent_at = request, time.monotonic()
        self._received, self._needed = bytearray(), None
        self._transport.write(request.text)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._needed is None:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._received[: end + 2])
            status, length = _STATUS.match(head), _LENGTH.search(head)
            if status is None or (length is None and status[1] not in _NO_BODY):
                self.drop()
                return
            self._needed = end + 4 + (int(length[1]) if length else 0)
        if len(self._received) >= self._needed:
            self._answered()

    def _answered(self) -> None:
        request, answer = self.request, bytes(self._received)
        assert request and self._transport
        self.request = None
        status = int(answer[9:12])
        end = answer.find(b"\r\n\r\n") + 2
        accepted = b'"outcome":"accepted"' in answer.replace(b": ", b":")
        self._client.note(request, status, accepted, answer[end + 2 :])
        if _CLOSES.search(answer[:end]):
            self._transport.close()
        else:
            self._client.free(self)

    def drop(self) -> None:
        """Give up on the request that is on its way, and on the connection."""
        if self._transport:
            self._transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        if self.request:
            self._client.note(self.request, 0, accepted=False)
            self.request = None
        self._client.lost(self)


@dataclass
class Client:
    """All connections and what was answered in the present turn."""

    port: int
    sources: list[str]
    connections_max: int
    rows: Iterator[tuple[str, bytes]]
    body_bytes: int = 0
    samples: list[tuple[Any, ...]] = field(default_factory=list)
    late: float = 0.0
    _idle: list[_Connection] = field(default_factory=list)
    _all: set[_Connection] = field(default_factory=set)
    _waiting: deque[_Request] = field(default_factory=deque)
    _opening: int = 0
    _opened: int = 0
    _tasks: set["asyncio.Task[None]"] = field(default_factory=set)

    async def turn(self, rate: float, seconds: float, stop: asyncio.Event) -> dict[str, Any]:
        """Send for so long, wait for the last answers, and return what came."""
        self.samples, self.late = [], 0.0
        started, sent = time.monotonic(), 0
        while not stop.is_set() and sent < rate * seconds:
            now = time.monotonic()
            while sent < min((now - started) * rate, rate * seconds):
                row = next(self.rows, None)
                if row is None:
                    stop.set()
                    break
                self._dispatch(_Request(started + sent / rate, sent, *row))
                sent += 1
            self._drop_silent()
            await asyncio.sleep(max(0.001, started + sent / rate - time.monotonic()))
        deadline = time.monotonic() + TAIL_SECONDS
        while len(self.samples) < sent and time.monotonic() < deadline:
            self._drop_silent()
            await asyncio.sleep(0.02)
        missing = sent - len(self.samples)
        self._waiting.clear()
        return {"samples": self.samples, "sent": sent, "missing": missing, "late_ms": round(1000 * self.late, 1)}

    def _dispatch(self, request: _Request) -> None:
        if self._idle:
            self.late = max(self.late, time.monotonic() - request.due)
            self._idle.pop().send(request)
            return
        self._waiting.append(request)
        if len(self._all) + self._opening < self.connections_max:
            self._opening += 1
            task = asyncio.get_running_loop().create_task(self._connect())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _connect(self) -> None:
        self._opened += 1
        source = self.sources[self._opened % len(self.sources)]
        try:
            await asyncio.get_running_loop().create_connection(
                self._made, "127.0.0.1", self.port, local_addr=(source, 0)
            )
        except OSError:
            if self._waiting:
                self.note(self._waiting.popleft(), 0, accepted=False)
        finally:
            self._opening -= 1

    def _made(self) -> _Connection:
        connection = _Connection(self)
        self._all.add(connection)
        return connection

    def free(self, connection: _Connection) -> None:
        """Use a connection that is ready for the next request."""
        if self._waiting:
            connection.send(self._waiting.popleft())
        else:
            self._idle.append(connection)

    def lost(self, connection: _Connection) -> None:
        self._all.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)

    def note(self, request: _Request, status: int, accepted: bool, body: bytes = b"") -> None:
        now = time.monotonic()
        sample = (round(now, 4), round(1000 * (now - request.due), 2), request.kind, status, accepted)
        read = (request.number, body[: self.body_bytes].decode(errors="replace")) if self.body_bytes else ()
        self.samples.append((*sample, *read))

    def _drop_silent(self) -> None:
        limit = time.monotonic() - ANSWER_SECONDS_MAX
        for connection in [each for each in self._all if each.request and each.sent_at < limit]:
            connection.drop()


def _rows(path: str, templates: dict[str, str]) -> Iterator[tuple[str, bytes]]:
    with open(path, encoding="utf-8") as file:
        for text_line in file:
            kind, *texts = text_line.rstrip("\n").split("\t")
            yield kind, (templates[kind] % tuple(texts)).encode()


async def _serve() -> None:
    reader = asyncio.StreamReader(limit=2**24)
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    orders = json.loads(await reader.readline())
    rows = _rows(orders["rows"], orders["templates"])
    client = Client(orders["port"], orders["sources"], orders["connections"], rows, orders.get("body_bytes", 0))
    order = await reader.readline()
    while order:
        stop = asyncio.Event()
        turn = loop.create_task(client.turn(**json.loads(order), stop=stop))
        next_order = loop.create_task(reader.readline())
        await asyncio.wait({turn, next_order}, return_when=asyncio.FIRST_COMPLETED)
        if next_order.done() and json.loads(next_order.result() or b'"stop"') == "stop":
            stop.set()
        sys.stdout.write(json.dumps(await turn) + "\n")
        sys.stdout.flush()
        order = await next_order
        if order and json.loads(order) == "stop":
            order = await reader.readline()


if __name__ == "__main__":
    asyncio.run(_serve())
