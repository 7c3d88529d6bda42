"""What the drill destroys: a live store, a queue store, a database and the processes that take and record bids, all of
its own, on loopback and unix sockets."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Protocol

from cashticket import config, create_app
from cashticket.extensions import db
from lab.servers.installation import ROOT, ServerProcess, WebProcess
from lab.servers.mariadb_server import MariaDbServer
from lab.servers.redis_server import RedisServer

NAME = "cashticket"
COMMAND_SECONDS = 600
AGAIN_SECONDS = 30.0


class Database(Protocol):
    """A database that can be lost."""

    url: str

    def lose(self) -> None:
        """Its disk is gone, while processes use it."""

    def begin_with(self, migrated: Path) -> None:
        """It is a copy of a file of SQLite."""

    def make_empty(self) -> None:
        """There is an empty one at the same address. No process uses it meanwhile."""

    def remove(self) -> None:
        """Nothing of it remains."""


class SqliteFile:
    """A file. Whoever has it open goes on with what is lost, so it goes once nobody has."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "ledger.db"
        self.url = f"sqlite:///{self._file}"

    def lose(self) -> None:
        """Nobody notices yet."""

    def begin_with(self, migrated: Path) -> None:
        shutil.copy(migrated, self._file)

    def make_empty(self) -> None:
        for path in self._file.parent.glob(f"{self._file.name}*"):
            path.unlink()

    def remove(self) -> None:
        self.make_empty()


class MariaDb:
    """A server whose commits are on its disk before they are answered, as in production."""

    def __init__(self) -> None:
        self._server = MariaDbServer(durable=True).start()
        self.url = self._server.create_database(NAME)

    def lose(self) -> None:
        self._server.kill()

    def begin_with(self, migrated: Path) -> None:
        raise NotImplementedError("a file of SQLite is no database of MariaDB")

    def make_empty(self) -> None:
        if self._server.process is None:
            self._server.start()
        self._server.execute(f"DROP DATABASE {NAME}")
        self._server.create_database(NAME)

    def remove(self) -> None:
        self._server.remove()


class Evening:
    """Stores, database and processes. `run` runs a command of the documentation as an operator types it."""

    def __init__(self, folder: Path, database: str, in_process: bool = False) -> None:
        """`in_process`: commands run in this process, where an interpreter of its own for each would take too long."""
        self.folder, self._in_process = folder, in_process
        self.live, self.queue = RedisServer(appendonly=True), RedisServer()
        self.database: Database = MariaDb() if database == "mariadb" else SqliteFile(folder)
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment = inherited | {
            "APP_ENV": "testing",
            "SECRET_KEY": "a-key-for-drills-only",
            "DATABASE_URL": self.database.url,
            "REDIS_URL": self.live.url,
            "QUEUE_REDIS_URL": self.queue.url,
            "MAIL_URL": f"file:{folder / 'mail'}",
            "WITNESS_DIR": str(folder / "witness"),
            "RATE_LIMITS": "off",
            "PYTHONUNBUFFERED": "1",
        }
        watch = ["-m", "flask", "--app", "wsgi", "auction", "close-due", "--watch"]
        self.web = WebProcess("web", self.environment, folder)
        self.processes = [
            self.web,
            ServerProcess("worker-bids", [sys.executable, "worker.py", "bids"], self.environment, folder),
            ServerProcess("watch", [sys.executable, *watch], self.environment, folder),
        ]

    def start(self) -> None:
        for process in self.processes:
            process.start()

    def stop(self) -> None:
        """Ask every process to stop, and wait for it. The stores stay."""
        for process in self.processes:
            process.ask_to_stop()
        for process in self.processes:
            process.stop()

    def kill(self) -> None:
        """All processes end at once, as when their machine does."""
        for process in self.processes:
            process.kill()

    def lose(self, store: RedisServer) -> None:
        """End a store at once, and leave nothing of its disk."""
        store.kill()
        shutil.rmtree(store.directory / "appendonlydir", ignore_errors=True)

    def remove(self) -> None:
        self.kill()
        # A port that was never used is closed.
        self.web.stop()
        for server in (self.live, self.queue, self.database):
            server.remove()

    def run(self, *words: str) -> float:
        """Run `flask WORDS` to its end. Returns its seconds. Raises AssertionError with its words when it fails.

        While it says that witnesses have not written yet, or that processes gave a sign of life a moment ago, it is
        repeated, as it asks.
        """
        began = time.monotonic()
        while True:
            status, _, said = self._flask(*words)
            if status == 0:
                return time.monotonic() - began
            waits = "have not written yet" in said or (
                any(words in said for words in ("has not written yet", "gave a sign of life"))
                and time.monotonic() - began < AGAIN_SECONDS
            )
            assert waits, f"flask {' '.join(words)} failed:\n{said}"
            time.sleep(0.5)

    def output(self, *words: str) -> str:
        """What `flask WORDS` prints. Raises AssertionError with its words when it fails."""
        status, printed, said = self._flask(*words)
        assert status == 0, f"flask {' '.join(words)} failed:\n{said}"
        return printed

    def _flask(self, *words: str) -> tuple[int, str, str]:
        """Exit status, standard output, and both outputs."""
        if self._in_process:
            app = create_app(config.load(self.environment, self.folder / "instance"))
            result = app.test_cli_runner().invoke(args=[*words])
            with app.app_context():
                db.engine.dispose()
            return result.exit_code, result.stdout, f"{result.output}{result.exception or ''}"
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        done = subprocess.run(
            command,
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        return done.returncode, done.stdout, done.stdout + done.stderr
