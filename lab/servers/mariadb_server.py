"""A real MariaDB server for tests, on a unix socket only, in its own directory.

`kill` is SIGKILL; `start` brings the same data back. `create_database` gives each test its own database.
"""

import atexit
import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pymysql

START_SECONDS = 60.0


def mariadb_binary() -> str | None:
    """Path of the installed MariaDB server, if any. Debian keeps it outside an ordinary PATH."""
    return shutil.which("mariadbd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def listens(path: str) -> bool:
    """Whether something listens on a unix socket. Its file is there a moment before."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(path) == 0


class MariaDbServer:
    """One server process. `socket` stays the same over restarts."""

    def __init__(
        self,
        *,
        durable: bool = False,
        flush_log: int | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`durable`: with the memory of production, and every commit is on the disk before it is answered.

        `flush_log` is another innodb_flush_log_at_trx_commit than that: with 2 the log is on the disk once a second.
        `environment` is added to that of this process for the server, not for its installation.
        """
        binary = mariadb_binary()
        if binary is None:
            raise RuntimeError("no MariaDB: install mariadb-server")
        self.binary = binary
        self._durable, self._added = durable, dict(environment or {})
        self._flush_log = flush_log if flush_log is not None else 1 if durable else 2
        self.directory = Path(tempfile.mkdtemp(prefix="ct-mariadb-"))
        self.socket = str(self.directory / "m.sock")
        self.process: subprocess.Popen[bytes] | None = None
        shutil.copytree(installed(), self.directory / "data")

    def url(self, database: str) -> str:
        """SQLAlchemy URL of a database on this server."""
        return f"mysql+pymysql://root@localhost/{database}?unix_socket={self.socket}&charset=utf8mb4"

    def start(self) -> "MariaDbServer":
        """Start it and wait until it answers. Raises RuntimeError with the end of its log."""
        with open(self.directory / "server.log", "ab") as log:
            environment = self._environment() | self._added
            self.process = subprocess.Popen(self._command(), stdout=log, stderr=log, env=environment)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            # The driver leaks its socket when nothing listens, so it connects only once something does.
            if listens(self.socket):
                self.execute("SELECT 1")
                return self
            time.sleep(0.02)
        raise RuntimeError(f"{self.binary} did not start:\n{(self.directory / 'server.log').read_text()[-2000:]}")

    def execute(self, statement: str) -> None:
        """Run one statement as root. Raises pymysql.Error."""
        with self.connect() as connection:
            connection.cursor().execute(statement)

    def connect(self, database: str | None = None) -> "pymysql.Connection[Any]":
        """A connection as root. Raises pymysql.Error."""
        return pymysql.connect(
            unix_socket=self.socket, user="root", database=database, connect_timeout=3, ssl_disabled=True
        )

    def create_database(self, name: str) -> str:
        """Create an empty database. Returns its URL."""
        self.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
        return self.url(name)

    def kill(self) -> None:
        """Send SIGKILL and wait for the end."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
            (self.directory / "m.sock").unlink(missing_ok=True)

    def remove(self) -> None:
        """Kill it and delete its data."""
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _environment(self) -> dict[str, str]:
        return _environment(self.directory)

    @property
    def paths(self) -> list[str]:
        """Options that keep a server to its own directory."""
        return [
            f"--user={getpass.getuser()}",
            f"--datadir={self.directory / 'data'}",
            f"--socket={self.socket}",
            f"--pid-file={self.directory / 'pid'}",
            "--skip-networking",
        ]

    def _command(self) -> list[str]:
        return [
            self.binary,
            "--no-defaults",
            *self.paths,
            "--skip-log-bin",
            "--performance-schema=OFF",
            f"--innodb-buffer-pool-size={'512M' if self._durable else '64M'}",
            f"--innodb-flush-log-at-trx-commit={self._flush_log}",
            "--innodb-rollback-on-timeout=ON",
            "--max-connections=200",
        ]


def _environment(folder: Path) -> dict[str, str]:
    """Environment with a TMPDIR of its own: a starting server deletes the temporary tables of others in the same
    folder."""
    return {**os.environ, "TMPDIR": str(folder)}


@cache
def installed() -> Path:
    """The data of a server that was never started, for this process to copy: installing takes seconds. Raises
    RuntimeError."""
    folder = Path(tempfile.mkdtemp(prefix="ct-mariadb-installed-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    command = ["mariadb-install-db", "--no-defaults", f"--user={getpass.getuser()}", "--skip-test-db"]
    command += [f"--datadir={folder / 'data'}", "--auth-root-authentication-method=normal"]
    made = subprocess.run(command, capture_output=True, text=True, check=False, env=_environment(folder))
    if made.returncode:
        raise RuntimeError(f"mariadb-install-db failed:\n{made.stdout[-1500:]}{made.stderr[-1500:]}")
    return folder / "data"
