"""The reader processes of one measurement, and how to exchange lines with a child process."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from bench import servers
from lab import live_figures

PROCESSES = 2
LOOK_SECONDS = 0.5
SOURCES = [f"127.0.0.{number}" for number in range(2, 18)]
"""Addresses the sockets connect from: each may hold only a share of a process, and nginx counts them too."""

Child = subprocess.Popen[str]


@contextmanager
def child(module: str, *arguments: str) -> Iterator[Child]:
    """A module of the project as a process, ended with the block."""
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(command, cwd=servers.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        for pipe in (process.stdin, process.stdout):
            assert pipe
            pipe.close()
        process.terminate()
        process.wait()


def write_line(process: Child, message: Any) -> None:
    """Send a line of JSON."""
    assert process.stdin
    process.stdin.write(json.dumps(message) + "\n")
    process.stdin.flush()


def read_line(process: Child, *, raw: bool = False) -> Any:
    """The next line, parsed as JSON unless `raw`. Exits when the process has ended."""
    assert process.stdout
    text_line = process.stdout.readline()
    if not text_line:
        raise SystemExit(f"a process of the measurement ended: {process.args}")
    return text_line if raw else json.loads(text_line)


class Readers:
    """Several reader processes that share the sockets."""

    def __init__(self, port: int, path: str, origin: str, sockets: list[list[Any]], *, ages: bool = False) -> None:
        self._orders = {"port": port, "path": path, "origin": origin, "sources": SOURCES, "ages": ages}
        self._sockets = sockets
        self._stack = ExitStack()
        self._processes: list[Child] = []

    def __enter__(self) -> "Readers":
        for number in range(PROCESSES):
            process = self._stack.enter_context(child("bench.live_reader"))
            write_line(process, self._orders | {"sockets": self._sockets[number::PROCESSES]})
            self._processes.append(process)
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def connected(self) -> dict[str, Any]:
        """Wait until every handshake was answered. Exits when one was refused."""
        answers = [json.loads(read_line(process, raw=True).removeprefix("connected ")) for process in self._processes]
        if refused := live_figures.total(answers, "refused"):
            raise SystemExit(f"handshakes were refused: {refused}")
        each = live_figures.of_values(ms for answer in answers for ms in answer["connect_ms"])
        return {"seconds": round(max(answer["seconds"] for answer in answers), 1), "each_ms": each}

    def wait_for_board(self, version: int, seconds: float) -> bool:
        """Whether every open socket has seen this version, or a newer one, within so many seconds."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for process in self._processes:
                write_line(process, "boards")
            if not live_figures.behind([{"last_boards": read_line(process)} for process in self._processes], version):
                return True
            time.sleep(LOOK_SECONDS)
        return False

    def results(self) -> list[dict[str, Any]]:
        """Stop reading. Returns what each process saw."""
        for process in self._processes:
            write_line(process, "stop")
        return [read_line(process) for process in self._processes]
