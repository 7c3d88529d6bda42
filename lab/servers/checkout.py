"""A copy of the product in its own folder, started with `make run` as a reader would, on this Python's packages."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from cashticket.instance_files import embedded_socket
from lab.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
NEEDED = (
    "cashticket",
    "deploy",
    "migrations",
    "Makefile",
    "Procfile",
    "gunicorn.conf.py",
    "requirements.txt",
    "worker.py",
    "wsgi.py",
)
READY_SECONDS = 150.0
STOP_SECONDS = 30.0
# These would lead the copy to other servers or programs.
NOT_INHERITED = (
    "APP_ENV",
    "DATABASE_URL",
    "REDIS_URL",
    "QUEUE_REDIS_URL",
    "MAIL_URL",
    "BASE_URL",
    "SECRET_KEY",
    "MAKEFLAGS",
    "MAKELEVEL",
    "MFLAGS",  # this make is not part of another, even if make runs the tests
)


def _hear_interrupts() -> None:
    # A shell starts what runs in its background with SIGINT ignored, and children inherit that.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Checkout:
    """A copy of the product in `folder`, and the one `make run` in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        for name in NEEDED:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
            copy(ROOT / name, folder / name)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        self.make: subprocess.Popen[bytes] | None = None

    @property
    def output(self) -> str:
        """Everything the newest run printed."""
        return (self.folder / "run.log").read_text(errors="replace")

    def command(self, *settings: str) -> list[str]:
        programs = Path(sys.executable).parent
        # -o: make takes this test's environment instead of building one.
        return ["make", "run", f"BIN={programs}", "-o", f"{programs}/.ready", f"PORT={self.port}", *settings]

    def start(self) -> "Checkout":
        """Run `make run` and wait until it prints its address."""
        with open(self.folder / "run.log", "wb") as log:
            self.make = subprocess.Popen(
                self.command(),
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=_hear_interrupts,
            )
        wait_until(self._says_where, f"the welcome of make run:\n{self.output}", READY_SECONDS)
        return self

    def _says_where(self) -> bool:
        assert self.make is not None
        assert self.make.poll() is None, f"make run ended:\n{self.output}"
        return f"{self.url}/" in self.output

    def fails(self, *settings: str) -> list[str]:
        """Output lines of a `make run` that cannot start."""
        done = subprocess.run(
            self.command(*settings), cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode != 0
        return [row for row in (done.stdout + done.stderr).splitlines() if not row.startswith("make: ")]

    def flask(self, *arguments: str) -> str:
        """Output of a `flask` command in this checkout."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def processes(self) -> dict[int, str]:
        """Process id → command line of every process that works in this checkout."""
        running = {}
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if (path / "cwd").resolve(strict=True).is_relative_to(self.folder):
                    running[int(path.name)] = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        return running

    def addresses(self) -> set[str]:
        """Network addresses its processes listen on, as hexadecimal address:port."""
        inodes = set()
        for process in self.processes():
            with suppress(OSError):
                inodes |= {str(path.readlink()) for path in Path(f"/proc/{process}/fd").iterdir()}
        tables = [Path(f"/proc/net/{name}").read_text().splitlines() for name in ("tcp", "tcp6")]
        rows = (row.split() for table in tables for row in table)
        return {row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in inodes}

    def process(self, pattern: str) -> int | None:
        """Id of the oldest process whose command line matches `pattern`; None without one."""
        return min((pid for pid, command in self.processes().items() if re.search(pattern, command)), default=None)

    def remove(self) -> None:
        """End every process of this checkout and delete its embedded store."""
        if self.make is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.make.pid, signal.SIGKILL)
            self.make.wait()
        for process in self.processes():
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        shutil.rmtree(embedded_socket(self.folder / "instance").parent)
