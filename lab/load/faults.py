"""What a course does to a running system in its middle, and how it undoes it: processes killed, the database away."""

import os
import signal
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from lab.load.processes import pid_of
from lab.load.site import Site
from lab.systems.locking.engine import LockingEngine

SUPERVISOR_SECONDS = 1.0
"""How long a supervisor waits before it starts a process again. The lab does that for the drain worker; gunicorn starts
its own workers."""


@dataclass(frozen=True, slots=True)
class Fault(ABC):
    """One event. It happens `after` the start and is undone `lasts` later, both as multiples of how long a scenario
    holds a rate, so that --quick shortens them. `undone_after_s`: undone so many seconds later instead."""

    name: str
    after: float
    lasts: float = 0.0
    undone_after_s: float = 0.0

    def begin_s(self, unit_s: float) -> float:
        """When it happens, in seconds after the first request."""
        return self.after * unit_s

    def lasts_s(self, unit_s: float) -> float:
        """How many seconds later it is undone."""
        return self.lasts * unit_s + self.undone_after_s

    def hits(self, site: Site) -> bool:
        """Whether the system has what the event takes away."""
        return True

    @abstractmethod
    def begin(self, site: Site) -> None:
        """Let it happen."""

    def end(self, site: Site) -> None:  # noqa: B027 - most kills need nothing undone
        """Undo it."""


class WebWorkerKilled(Fault):
    """SIGKILL to the worker of the first gunicorn; its master starts another one."""

    def begin(self, site: Site) -> None:
        for pid in children_of(site.pids["web"][0]):
            os.kill(pid, signal.SIGKILL)


class DrainKilled(Fault):
    """SIGKILL to the drain worker and the job it works on; started again as by a supervisor."""

    def hits(self, site: Site) -> bool:
        return site.system.drains

    def begin(self, site: Site) -> None:
        site.workers[0].kill()

    def end(self, site: Site) -> None:
        site.workers[0].start()
        site.pids["workers"][0] = pid_of(site.workers[0])


class DatabaseAway(Fault):
    """SIGKILL to MariaDB, whose socket then refuses connections, until it is started again on the same data."""

    def begin(self, site: Site) -> None:
        assert site.database
        site.database.kill()

    def end(self, site: Site) -> None:
        assert site.database
        site.database.start()
        assert site.database.process
        site.pids["database"][:] = [site.database.process.pid]
        # This process has connections to the server that was killed.
        if isinstance(engine := site.app.extensions["engine"], LockingEngine):
            engine.disconnect()


def children_of(pid: int) -> list[int]:
    """Ids of the children of a process (Linux)."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
