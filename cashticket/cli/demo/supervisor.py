"""Keeping the processes of a Procfile alive: started together, restarted when they die, ended together.

One loop and no threads. Every process leads a session of its own, so a Ctrl+C reaches only the supervisor, which ends
the others in order; should the supervisor itself be killed, the kernel tells each of them (on Linux). `stop` takes at
most PATIENCE_SECONDS + LAST_SECONDS, whatever the processes do.
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

PATIENCE_SECONDS = 6.0
LAST_SECONDS = 2.0
LOOK_SECONDS = 0.2
# A process that lived this long did not die of its own start.
SETTLED_SECONDS = 20.0
SLOWEST_RESTART_SECONDS = 10.0
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def parse_procfile(text: str) -> dict[str, str]:
    """Name → command of every line `name: command`."""
    lines = (line.partition(":") for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return {name.strip(): command.strip() for name, _, command in lines}


@dataclass(slots=True)
class Part:
    """One supervised process and what became of it."""

    name: str
    command: str
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    restart_at: float = 0.0
    failures: int = 0
    unfinished_line: bytes = field(default=b"")


class Supervisor:
    """Runs commands in `folder` with `variables` added to their environment, and prints their lines by name.

    Commands find the programs beside this Python first. `wants_to_end` is asked again and again, beside the signals.
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
        """End on SIGINT, SIGTERM and SIGHUP, also where a shell started us with SIGINT ignored."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._told_to_stop)

    def start(self, name: str, command: str) -> None:
        """Start a process and keep it alive from now on."""
        self._parts[name] = Part(name, command)
        self._spawn(self._parts[name])

    def once(self, command: str) -> None:
        """Run a command to its end. SystemExit with its output when it fails."""
        process = self._popen(command)
        output, _ = process.communicate()
        if process.returncode and not self.stopping:
            raise SystemExit(output.decode(errors="replace") + f"`{command}` failed; nothing was started.")

    def run_until(self, done: Callable[[], bool]) -> None:
        """Pass lines on and restart the dead until `done()` or until told to stop."""
        while not self.stopping and not done():
            self._pass_lines_on(LOOK_SECONDS)
            self.stopping = self.stopping or self._wants_to_end()
            for part in self._parts.values():
                self._look_after(part)

    def stop(self, last: str = "") -> None:
        """End every process, the one named `last` after all others. The stubborn are killed."""
        self.stopping = True
        self._end([part for part in self._parts.values() if part.name != last], PATIENCE_SECONDS)
        self._end([part for part in self._parts.values() if part.name == last], LAST_SECONDS)

    def _told_to_stop(self, number: int, frame: object) -> None:
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
            pause = min(0.25 * 2**part.failures, SLOWEST_RESTART_SECONDS)
            part.restart_at = now + pause
            # What it left running would hold its port or its lock.
            _tell_group(part.process, signal.SIGKILL)
            self._print(part, f"ended ({_how(part.process.returncode)}); starting it again in {pause:.1f} s")

    def _pass_lines_on(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            self._read(key.data, key.fileobj)  # type: ignore[arg-type]

    def _read(self, part: Part, pipe: IO[bytes]) -> None:
        chunk = pipe.read()
        if chunk == b"":
            self._selector.unregister(pipe)
            pipe.close()
        *lines, part.unfinished_line = (part.unfinished_line + (chunk or b"")).split(b"\n")
        for line in lines:
            self._print(part, line.decode(errors="replace"))

    def _print(self, part: Part, line: str) -> None:
        # Whoever read our output may have gone; the processes must end in order all the same.
        with contextlib.suppress(BrokenPipeError):
            click.echo(f"{part.name:<{self._width}} | {line}")

    def _end(self, parts: list[Part], seconds: float) -> None:
        processes = [part.process for part in parts if part.process]
        for process in processes:
            _tell(process, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while any(process.poll() is None for process in processes) and time.monotonic() < deadline:
            self._pass_lines_on(0.05)
        self._pass_lines_on(0)
        for process in processes:
            _tell_group(process, signal.SIGKILL)
            process.wait()


def _tell(process: "subprocess.Popen[bytes]", number: int) -> None:
    if process.poll() is None:
        process.send_signal(number)


def _tell_group(process: "subprocess.Popen[bytes]", number: int) -> None:
    """What the process started and left behind goes with it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _how(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _end_with_parent() -> None:
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
