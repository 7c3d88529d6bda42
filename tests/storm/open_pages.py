"""Hundreds of open auction pages in one thread, which reconnect as the page's script does; and sockets that never
read."""

import asyncio
import base64
import os
import random
import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType

from lab.waiting import wait_until

ORIGIN = "http://127.0.0.1:8000"
FIRST_RETRY_SECONDS = 1.5
LONGEST_RETRY_SECONDS = 5.0
QUIET_SECONDS = 8.0
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10

VERSION = re.compile(r'<section id="(board|standing)"[^>]*? data-version="(\d+)"')
POSITION = re.compile(r'data-position="(\w+)"')
ALERT = re.compile(r'data-alert="rank-out" data-sequence="(\d+)"')


def request(port: int, auction_id: int, cookie: str = "", *extra: str, path: str = "/auctions/{}/live") -> bytes:
    """A handshake as a browser sends it."""
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [f"GET {path.format(auction_id)} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Origin: {ORIGIN}"]
    lines += ["Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]
    lines += [f"Cookie: {cookie}"] if cookie else []
    return "\r\n".join([*lines, *extra, "", ""]).encode()


def masked(opcode: int, payload: bytes = b"", *, first: int | None = None) -> bytes:
    """A frame as a client sends it; `first` replaces its first byte."""
    head = bytes([0x80 | opcode if first is None else first])
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else bytes([0xFE]) + size.to_bytes(2, "big")
    mask = os.urandom(4)
    return head + length + mask + bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))


@dataclass(eq=False)
class Page:
    """What one open page was shown last. `cookie` is empty for strangers, `codes` are the close codes it got."""

    cookie: str = ""
    board: int = 0
    standing: int = 0
    position: str = ""
    frames: int = 0
    opened: int = 0
    up: bool = False
    refused: list[int] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    alerts: list[int] = field(default_factory=list)

    def show(self, text: str) -> None:
        self.frames += 1
        self.alerts += [int(sequence) for sequence in ALERT.findall(text)]
        if match := VERSION.search(text):
            if match[1] == "board":
                self.board = max(self.board, int(match[2]))
            else:
                self.standing, position = int(match[2]), POSITION.search(text)
                self.position = position[1] if position else ""


class OpenPages:
    """`pages`, open from entering the block until it is left."""

    def __init__(self, port: int, auction_id: int, pages: list[Page]) -> None:
        self.pages = pages
        self._port, self._auction_id = port, auction_id
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="open-pages")
        self._all: asyncio.Task[None] | None = None

    def __enter__(self) -> "OpenPages":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(lambda: self._all and self._all.cancel())
        self._thread.join()
        self._loop.close()

    def wait(self, shows: Callable[[Page], object], what: str, seconds: float) -> None:
        """Wait until every page fulfils the condition. Raises AssertionError with the number that does not."""
        try:
            wait_until(lambda: all(shows(page) for page in self.pages), what, seconds)
        except AssertionError as error:
            missing = [page for page in self.pages if not shows(page)]
            raise AssertionError(f"{len(missing)} pages without {what}, such as {missing[:3]}") from error

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._open_all())

    async def _open_all(self) -> None:
        self._all = asyncio.current_task()
        await asyncio.gather(*(self._keep_open(page) for page in self.pages))

    async def _keep_open(self, page: Page) -> None:
        attempt = 0
        while True:
            with suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
                opened = page.opened
                await self._watch(page)
                attempt = 0 if page.opened > opened else attempt
            page.up = False
            # As hx-ws and live.js do: random delays that double.
            delay = min(random.random() * FIRST_RETRY_SECONDS * 2**attempt, LONGEST_RETRY_SECONDS)
            attempt += 1
            await asyncio.sleep(delay)

    async def _watch(self, page: Page) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            writer.write(request(self._port, self._auction_id, page.cookie))
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
            status = int(head.split(b" ", 2)[1])
            if status != 101:
                page.refused.append(status)
                return
            page.opened += 1
            page.up = True
            while True:
                opcode, payload = await asyncio.wait_for(read_frame(reader), QUIET_SECONDS)
                if opcode == PING:
                    writer.write(masked(PONG, payload))
                elif opcode == CLOSE:
                    page.codes.append(int.from_bytes(payload[:2], "big"))
                    writer.write(masked(CLOSE, payload[:2]))
                    return
                elif opcode == TEXT:
                    page.show(payload.decode())
        finally:
            writer.transport.abort()


async def read_frame(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    first, second = await reader.readexactly(2)
    size = second & 0x7F
    if size > 125:
        size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8), "big")
    return first & 0x0F, await reader.readexactly(size)


def deaf_line(port: int, auction_id: int) -> socket.socket:
    """An opened socket that will never be read."""
    sock = socket.create_connection(("127.0.0.1", port), timeout=20)
    sock.sendall(request(port, auction_id))
    head = b""
    while b"\r\n\r\n" not in head:
        # Read the handshake's answer and nothing after it.
        head += sock.recv(1)
    assert b" 101 " in head.split(b"\r\n")[0], head
    return sock
