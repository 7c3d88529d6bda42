"""Links between processes that can fail: a TCP proxy for each, all in one separate process, controlled from outside.

A link passes everything on until it is told otherwise. `slow` delays data by some milliseconds; `cut` closes open
connections and refuses new ones; `half-open` keeps connections but lets nothing through; `reset` aborts open
connections. After `half-open` the old connections are aborted.
"""

import asyncio
import json
import socket
import struct
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from lab.servers.installation import ServerProcess

OPEN, SLOW, CUT, HALF_OPEN, RESET = "open", "slow", "cut", "half-open", "reset"
CHUNK = 65_536
ABORT = struct.pack("ii", 1, 0)
"""SO_LINGER of zero seconds: closing sends a reset."""

Address = tuple[str, int]


class Links:
    """Links by name, each on a port of 127.0.0.1 that stays the same: `links.ports["web-database"]`."""

    def __init__(self, folder: Path, names: Iterable[str]) -> None:
        self._folder = folder
        self._listeners = {name: _listening() for name in names}
        self.ports: dict[str, int] = {name: each.getsockname()[1] for name, each in self._listeners.items()}
        self._orders, self._child_end = socket.socketpair()
        self._process: _LinksProcess | None = None

    def start(self, upstreams: dict[str, Address]) -> "Links":
        """Connect each link to its upstream address."""
        plan = {name: [listener.fileno(), *upstreams[name]] for name, listener in self._listeners.items()}
        command = [sys.executable, "-m", "lab.servers.links", str(self._child_end.fileno()), json.dumps(plan)]
        handed = (self._child_end, *self._listeners.values())
        self._process = _LinksProcess("links", command, {}, self._folder)
        self._process.descriptors = tuple(each.fileno() for each in handed)
        self._process.start()
        for each in handed:
            each.close()
        return self

    def set(self, name: str, mode: str, milliseconds: float = 0) -> None:
        """Set the mode of one link."""
        self._orders.sendall(json.dumps([name, mode, milliseconds]).encode() + b"\n")

    def open_all(self) -> None:
        """Open every link again."""
        for name in self.ports:
            self.set(name, OPEN)

    def stop(self) -> None:
        if self._process:
            self._process.stop()
        for each in (self._orders, self._child_end, *self._listeners.values()):
            each.close()


class _LinksProcess(ServerProcess):
    """The proxy process. It inherits the listening sockets."""

    descriptors: tuple[int, ...] = ()

    def _spawn(self, command: list[str], **options: Any) -> None:
        super()._spawn(command, pass_fds=self.descriptors, **options)


def _listening() -> socket.socket:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(256)
    return listener


# Inside the proxy process


class Link:
    """One link: its mode and its open connections."""

    def __init__(self, upstream: Address) -> None:
        self._upstream = upstream
        self._mode, self._seconds = OPEN, 0.0
        self._flows = asyncio.Event()
        self._flows.set()
        self._open: set[asyncio.StreamWriter] = set()

    def set(self, mode: str, milliseconds: float) -> None:
        if mode == RESET or self._mode == HALF_OPEN:
            self._end_all(abort=True)
        if mode == CUT:
            self._end_all(abort=False)
        self._mode, self._seconds = OPEN if mode == RESET else mode, milliseconds / 1000
        if self._mode == HALF_OPEN:
            self._flows.clear()
        else:
            self._flows.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until either side closes."""
        self._open.add(writer)
        target: asyncio.StreamWriter | None = None
        try:
            if self._mode == CUT:
                return
            await self._flows.wait()
            answers, target = await asyncio.open_connection(*self._upstream)
            self._open.add(target)
            pumps = [asyncio.create_task(self._pump(reader, target)), asyncio.create_task(self._pump(answers, writer))]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)
        except OSError:
            pass
        finally:
            for each in filter(None, (writer, target)):
                self._open.discard(each)
                each.close()

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(CHUNK):
                if self._seconds:
                    await asyncio.sleep(self._seconds)
                await self._flows.wait()
                if target.is_closing():
                    return
                target.write(data)
                await target.drain()

    def _end_all(self, *, abort: bool) -> None:
        for writer in list(self._open):
            if abort:
                with suppress(OSError, AttributeError):
                    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
            writer.transport.abort()


async def _run(orders: socket.socket, plan: dict[str, list[Any]]) -> None:
    links = {name: Link((host, port)) for name, (_, host, port) in plan.items()}
    servers = [
        await asyncio.start_server(links[name].serve, sock=socket.socket(fileno=number))
        for name, (number, _, _) in plan.items()
    ]
    reader, _ = await asyncio.open_connection(sock=orders)
    while text_line := await reader.readline():
        name, mode, milliseconds = json.loads(text_line)
        links[name].set(mode, milliseconds)
    for server in servers:
        server.close()


if __name__ == "__main__":
    asyncio.run(_run(socket.socket(fileno=int(sys.argv[1])), json.loads(sys.argv[2])))
