"""The yardstick of sockets: the same fan-out by a bare `websockets` server on asyncio that does nothing else.

    python -m bench.live_yardstick < orders

Orders (one line of JSON): `port`, `sizes` (bytes of each board frame), `every` (seconds between ticks). Prints `ready`,
waits for a line on standard input, sends a frame to everybody at each tick, and ends after the next line. To a reader
its frames are boards: kind and version stand at their beginning.
"""

import asyncio
import json
import sys
from typing import Any

from websockets.asyncio.server import ServerConnection, broadcast, serve

START = '<section id="board" data-version="{version}">'
LAST_READ_SECONDS = 3.0


async def fan_out(orders: dict[str, Any]) -> None:
    """Serve, wait for a line, send every tick."""
    loop = asyncio.get_running_loop()
    connections: set[ServerConnection] = set()

    async def hold(connection: ServerConnection) -> None:
        connections.add(connection)
        try:
            await connection.wait_closed()
        finally:
            connections.discard(connection)

    options: dict[str, Any] = {"compression": None, "ping_interval": None, "backlog": 2048}
    async with serve(hold, "127.0.0.1", orders["port"], **options):
        print("ready", flush=True)
        await loop.run_in_executor(None, sys.stdin.readline)
        began = loop.time()
        for number, size in enumerate(orders["sizes"], 1):
            await asyncio.sleep(began + number * orders["every"] - loop.time())
            start = START.format(version=number)
            broadcast(connections, start + "x" * (size - len(start)))
        await loop.run_in_executor(None, sys.stdin.readline)


def main() -> None:
    asyncio.run(fan_out(json.loads(sys.stdin.readline())))


if __name__ == "__main__":
    main()
