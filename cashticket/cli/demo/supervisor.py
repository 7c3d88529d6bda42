"""Supervises the processes of a Procfile: starts them, restarts those that die, and ends them.

One loop and no threads. Every process has its own session, so Ctrl+C reaches only the supervisor, which ends the others
in order. If the supervisor is killed, the kernel terminates them (on Linux). `stop` takes at most
STOP_SECONDS + LAST_STOP_SECONDS.
"""

import contextlib
import ctypes
import os
import selectors
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import click

STOP_SECONDS = 5.0
LAST_STOP_SECONDS = 1.5
POLL_SECONDS = 0.2
# A process that ran this long did start properly.
SETTLED_SECONDS = 20.0
RESTART_PAUSE_SECONDS_MAX = 10.0
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def parse_procfile(text: str) -> dict[str, str]:
    """Name → command, from lines of `name: command`."""
    parts = (row.partition(":") for row in text.splitlines() if row.strip() and not row.startswith("#"))
    return {name.strip(): command.strip() for name, _, command in parts}


@dataclass(slots=True)
class Part:
    """One supervised process. `started` and `restart_at` are seconds of the monotonic clock."""

    name: str
    command: str
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    restart_at: float = 0.0
    failures: int = 0
    unfinished_line: bytes = field(default=b"")


class Supervisor:
    """Runs commands in `folder` with `variables` added to their environment, and prints their output with their names.

    Commands find the programs of this Python first. `wants_to_end` is called at every turn of the loop, beside the
    signals.
    """

    def __init__(
        self, folder: Path, variables: Mapping[str, str], wants_to_end: Callable[[], bool] = lambda: False
    ) -> None:
        self._folder = folder
        self._wants_to_end = wants_to_end
        programs = shlex.quote(str(Path(sys.executable).parent))
        named = "".join(f"export {name}={shlex.quote(value)}; " for name, value in variables.items())
        self._exports = f'export PATH={programs}:"$PATH"; {named}'
        self._parts: dict[str, Part] = {}
        self._selector = selectors.DefaultSelector()
        self._width = 10
        self.stopping = False

    def listen_to_signals(self) -> None:
        """End on SIGINT, SIGTERM and SIGHUP, also when a shell started this process with SIGINT ignored."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop_on_signal)

    def start(self, name: str, command: str) -> None:
        """Start a process and restart it whenever it dies."""
        self._parts[name] = Part(name, command)
        self._spawn(self._parts[name])

    def once(self, command: str) -> None:
        """Run a command to its end. Raises SystemExit with its output when it fails."""
        process = self._popen(command)
        output, _ = process.communicate()
        if process.returncode and not self.stopping:
            raise SystemExit(output.decode(errors="replace") + f"`{command}` failed; nothing was started.")

    def run_until(self, done: Callable[[], bool]) -> None:
        """Print output and restart dead processes until `done()` returns True or a stop is requested."""
        while not self.stopping and not done():
            self._pass_output_on(POLL_SECONDS)
            self.stopping = self.stopping or self._wants_to_end()
            for part in self._parts.values():
                self._look_after(part)

    def stop(self, last: str = "") -> None:
        """Terminate every process, the one named `last` after the others. Those that do not end are killed."""
        self.stopping = True
        self._end([part for part in self._parts.values() if part.name != last], STOP_SECONDS)
        self._end([part for part in self._parts.values() if part.name == last], LAST_STOP_SECONDS)

    def _stop_on_signal(self, number: int, frame: object) -> None:
        self.stopping = True

    def _popen(self, command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["/bin/sh", "-c", f"{self._exports}exec {command}"],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_end_with_parent,  # safe: this process has one thread
        )

    def _spawn(self, part: Part) -> None:
        part.process = self._popen(part.command)
        part.started, part.restart_at, part.unfinished_line = time.monotonic(), 0.0, b""
        assert part.process.stdout is not None
        os.set_blocking(part.process.stdout.fileno(), False)
        self._selector.register(part.process.stdout, selectors.EVENT_READ, part)

    def _look_after(self, part: Part) -> None:
        now = time.monotonic()
        if part.restart_at and now >= part.restart_at:
            self._spawn(part)
        elif not part.restart_at and part.process and part.process.poll() is not None:
            part.failures = 1 if now - part.started > SETTLED_SECONDS else part.failures + 1
            pause = min(0.25 * 2**part.failures, RESTART_PAUSE_SECONDS_MAX)
            part.restart_at = now + pause
            # Its children would hold its port or its lock.
            _signal_group(part.process, signal.SIGKILL)
            self._print(part, f"ended ({_exit_reason(part.process.returncode)}); starting it again in {pause:.1f} s")

    def _pass_output_on(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            self._read(key.data, key.fileobj)  # type: ignore[arg-type]

    def _read(self, part: Part, pipe: IO[bytes]) -> None:
        chunk = pipe.read()
        if chunk == b"":
            self._selector.unregister(pipe)
            pipe.close()
        *text_lines, part.unfinished_line = (part.unfinished_line + (chunk or b"")).split(b"\n")
        for text_line in text_lines:
            self._print(part, text_line.decode(errors="replace"))

    def _print(self, part: Part, text_line: str) -> None:
        # The reader of our output may have gone; the processes must still end in order.
        with contextlib.suppress(BrokenPipeError):
            click.echo(f"{part.name:<{self._width}} | {text_line}")

    def _end(self, parts: list[Part], seconds: float) -> None:
        processes = [part.process for part in parts if part.process]
        for process in processes:
            _signal(process, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while any(process.poll() is None for process in processes) and time.monotonic() < deadline:
            self._pass_output_on(0.05)
        self._pass_output_on(0)
        for process in processes:
            _signal_group(process, signal.SIGKILL)
            process.wait()


def _signal(process: "subprocess.Popen[bytes]", number: int) -> None:
    if process.poll() is None:
        process.send_signal(number)


def _signal_group(process: "subprocess.Popen[bytes]", number: int) -> None:
    """Send a signal to the process and to all its children."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _exit_reason(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _end_with_parent() -> None:
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
