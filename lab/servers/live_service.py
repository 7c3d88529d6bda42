"""The live service as deploy/host/Procfile starts it, on its own port: gunicorn's master and one gevent worker."""

import os
import re
import shlex
import signal
import sys
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from lab.servers.installation import WebProcess
from lab.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
PROCFILE = ROOT / "deploy" / "host" / "Procfile"
KIB = 1024


def procfile_lines(path: Path) -> dict[str, str]:
    """Name → command of every process in a Procfile."""
    rows = [row for row in path.read_text(encoding="utf-8").splitlines() if row and not row.startswith("#")]
    return {name: command.strip() for name, _, command in (row.partition(":") for row in rows)}


class LiveService(WebProcess):
    """The live service. `environment` may set SOCKETS_MAX; otherwise the Procfile does."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        command = shlex.split(procfile_lines(PROCFILE)["live"])
        gunicorn = command.index("gunicorn")
        given = re.fullmatch(r"SOCKETS_MAX=\$\{SOCKETS_MAX:-(\d+)\}", command[gunicorn - 1])
        assert given, "the Procfile says how many sockets the live service takes"
        super().__init__("live", {"SOCKETS_MAX": given[1], "PATH": os.environ["PATH"], **environment}, folder)
        *options, self._application = command[gunicorn + 1 :]
        address = options.index("--bind")
        del options[address : address + 2]
        self._command = [sys.executable, "-m", "gunicorn", *options]

    def _spawn(self, command: list[str], **options: Any) -> None:
        super()._spawn([*command[:-1], self._application], **options)

    def start_and_wait(self) -> "LiveService":
        """Start it and wait until it answers."""
        self.start()
        wait_until(self._answers, "the live service")
        return self

    def _answers(self) -> bool:
        assert self.is_running(), f"the live service ended:\n{self.last_words()}"
        return self.says("/healthz") == 200

    def cut(self) -> None:
        """Send SIGKILL to master and worker, so that every socket closes without a close frame."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def worker(self) -> int:
        """Process id of the one worker."""
        assert self._process is not None
        path = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        (child,) = path.read_text().split()
        return int(child)

    def memory(self) -> int:
        """Resident memory of the worker, in bytes."""
        match = re.search(r"^VmRSS:\s+(\d+) kB", Path(f"/proc/{self.worker()}/status").read_text(), re.MULTILINE)
        assert match
        return int(match[1]) * KIB

    def figures(self) -> str:
        """Its Prometheus metrics."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/metrics")
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def sockets(self) -> int:
        """Number of open WebSockets, by its own count."""
        match = re.search(r'^cashticket_sockets\{process="[^"]*"\} (\d+)', self.figures(), re.MULTILINE)
        return int(match[1]) if match else 0
