"""Processes of the product for tests: workers and the watch, on a test's database and stores."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 60.0


class Process:
    """A command of the product as a process; its output goes to `log`. Witnesses write beside it, so that no process
    reads what those of another test have answered."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.log = log
        witnesses = {"WITNESS_DIR": str(log.parent / "witness")}
        with open(log, "ab") as output:
            self.popen = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env={"PATH": os.environ.get("PATH", ""), "PYTHONUNBUFFERED": "1", **witnesses, **environment},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def children(self) -> list[int]:
        """Ids of its children that are alive."""
        path = Path(f"/proc/{self.popen.pid}/task/{self.popen.pid}/children")
        try:
            return [int(pid) for pid in path.read_text().split() if is_alive(int(pid))]
        except (FileNotFoundError, ProcessLookupError):
            return []

    def kill(self) -> None:
        """Send SIGKILL to the process alone, not to its children."""
        self.popen.kill()
        self.popen.wait(STOP_SECONDS)

    def stop(self) -> int:
        """Send SIGTERM. Returns the exit status."""
        self.popen.send_signal(signal.SIGTERM)
        return self.popen.wait(STOP_SECONDS)

    def remove(self) -> None:
        """Kill it and its children."""
        for pid in [*self.children(), self.popen.pid]:
            kill(pid)
        self.popen.wait(STOP_SECONDS)


def kill(pid: int) -> None:
    """Send SIGKILL, if there still is such a process."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Whether a process runs. A zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except (FileNotFoundError, ProcessLookupError):
        return False


@contextmanager
def running(environment: dict[str, str], folder: Path) -> Iterator[Callable[..., Process]]:
    """Yields a function that starts processes: `start("worker.py", "bids")`. All are killed afterwards."""
    started: list[Process] = []

    def start(*command: str) -> Process:
        started.append(Process([*command], environment, folder / f"process-{len(started)}.log"))
        return started[-1]

    try:
        yield start
    finally:
        for process in started:
            process.remove()


WATCH = ("-m", "flask", "--app", "wsgi", "auction", "close-due", "--watch")
