"""The whole product as it runs in production, on loopback: a store, a database, two web processes, workers and watch.

Every process leads its own process group and writes a log. `Installation.stop` ends each process and its children; if
the tests themselves are killed, the kernel ends the processes (on Linux).
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 30.0
LOG_TAIL = 4_000
PR_SET_PDEATHSIG = 1
WORKERS = ("bids", "settlement", "checks", "mail")

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class ServerProcess:
    """One long-running command with its log. Can be stopped and started again. It runs in the folder `workplace`."""

    workplace = ROOT

    def __init__(self, name: str, command: list[str], environment: dict[str, str], folder: Path) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._command = command
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._stop_requested = False

    def start(self) -> None:
        self._spawn(self._command)

    def _spawn(self, command: list[str], **options: Any) -> None:
        self._stop_requested = False
        with open(self.log, "ab") as log:
            self._process = subprocess.Popen(
                command,
                # Two installations must not read each other's witnesses.
                env={"WITNESS_DIR": str(self.log.parent / "witness")} | self._environment,
                cwd=self.workplace,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_end_with_parent,
                **options,
            )

    @property
    def pid(self) -> int | None:
        """Process id while it runs, else None."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def is_running(self) -> bool:
        return self.pid is not None

    def kill(self) -> None:
        """Send SIGKILL to its process group. It may be started again."""
        if self._process is not None:
            self._kill_group()
            self._process.wait()
            self._process = None

    def ask_to_stop(self) -> None:
        """Send SIGTERM once, without waiting. A second signal could hit a process without a handler."""
        if self.is_running() and not self._stop_requested:
            assert self._process is not None
            self._process.terminate()
            self._stop_requested = True

    def stop(self, seconds: float = STOP_SECONDS) -> int | None:
        """Send SIGTERM, then SIGKILL to what is left of its group. Returns the exit status; None when it was not
        running."""
        if self._process is None:
            return None
        self.ask_to_stop()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass
        finally:
            self._kill_group()
        status, self._process = self._process.wait(), None
        return status

    def _kill_group(self) -> None:
        assert self._process is not None
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-LOG_TAIL:] if self.log.exists() else ""


class WebProcess(ServerProcess):
    """gunicorn on a free port of 127.0.0.1. The port stays the same over restarts."""

    def __init__(self, name: str, environment: dict[str, str], folder: Path) -> None:
        options = ["--config", "gunicorn.conf.py", "--threads", "32", "--graceful-timeout", "2"]
        super().__init__(name, [sys.executable, "-m", "gunicorn", *options], environment, folder)
        self._listener: socket.socket | None = _listen(0)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it on a listening socket that is handed over, so that no other program can take the port."""
        with self._listener or _listen(self.port) as listener:
            number = listener.fileno()
            self._spawn([*self._command, "--bind", f"fd://{number}", "wsgi:app"], pass_fds=(number,))
        self._listener = None

    def stop(self, seconds: float = STOP_SECONDS) -> int | None:
        if self._listener:
            self._listener.close()
            self._listener = None
        return super().stop(seconds)

    def says(self, path: str) -> int | None:
        """Status of GET `path`; None while nobody answers."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()

    def is_ready(self) -> bool:
        """Whether /readyz answers 200. Raises AssertionError when the process has ended."""
        assert self.is_running(), f"{self.name} ended:\n{self.last_words()}"
        return self.says("/readyz") == 200


class Installation:
    """All processes of the product. `webs` are the two web processes; `flask` runs an operator's command."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.store = RedisServer(appendonly=True)
        self.environment = self._make_environment(database_url)
        self.webs = [WebProcess(f"web-{n}", self.environment, folder) for n in (1, 2)]
        self.watch = self.server("watch", "-m", "flask", "--app", "wsgi", "auction", "close-due", "--watch")
        self.workers = {name: self.server(f"worker-{name}", "worker.py", name) for name in WORKERS}

    def _make_environment(self, database_url: str) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return inherited | {
            "APP_ENV": "testing",
            "SECRET_KEY": "a-key-for-tests-only",
            "DATABASE_URL": database_url,
            "REDIS_URL": self.store.url,
            "QUEUE_REDIS_URL": f"{self.store.url}?db=1",
            "MAIL_URL": f"file:{self.folder / 'mail'}",
            "WITNESS_DIR": str(self.folder / "witness"),
            "RATE_LIMITS": "off",
            "PYTHONUNBUFFERED": "1",
        }

    def server(self, name: str, *arguments: str) -> ServerProcess:
        """One more Python process with the settings of this installation. Whoever starts it stops it."""
        return ServerProcess(name, [sys.executable, *arguments], self.environment, self.folder)

    @property
    def processes(self) -> list[ServerProcess]:
        return [self.watch, *self.workers.values(), *self.webs]

    def start(self) -> "Installation":
        """Migrate, start everything and wait until both web processes are ready."""
        self.store.start()
        self.flask("db", "upgrade")
        for process in self.processes:
            process.start()
        for web in self.webs:
            wait_until(web.is_ready, f"{web.name} with everything it needs")
        return self

    def stop(self) -> None:
        """Stop every process, the store last. Raises AssertionError if one failed or left a child behind."""
        try:
            for process in self.processes:
                process.ask_to_stop()
            statuses = {process.name: process.stop() for process in self.processes}
            odd = {name: status for name, status in statuses.items() if status}
            assert not odd, f"asked to stop, these ended with another status than 0: {odd}"
            wait_until(lambda: not self._left_behind(), "the end of every child process", STOP_SECONDS)
        finally:
            self.store.remove()

    def _left_behind(self) -> list[int]:
        """Ids of processes that still have this installation's store in their environment."""
        mark = f"REDIS_URL={self.store.url}".encode()
        return [int(each.parent.name) for each in Path("/proc").glob("[0-9]*/environ") if mark in _read(each)]

    def run(self, *arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        """Run a `flask` command to its end, whatever its status."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        return subprocess.run(
            command,
            env=self.environment,
            cwd=ROOT,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def flask(self, *arguments: str, stdin: str = "") -> str:
        """Output of a `flask` command. Raises AssertionError if it fails."""
        done = self.run(*arguments, stdin=stdin)
        assert done.returncode == 0, f"flask {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}"
        return done.stdout

    def json(self, *arguments: str, stdin: str = "") -> Any:
        """Parsed output of a `flask` command with `--json`."""
        return json.loads(self.flask(*arguments, "--json", stdin=stdin))


def free_port() -> int:
    """An unused port of 127.0.0.1, for a server that keeps its port over restarts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _end_with_parent() -> None:
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
