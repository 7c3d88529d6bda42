"""A disk of a few megabytes that a test may fill, and a live store on it that a supervisor keeps alive."""

import os
import shlex
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cashticket.cli.demo.supervisor import Supervisor
from lab.servers.shipped_store import ShippedStore
from lab.waiting import wait_until

MEGABYTES = 8
PIECE = 16 * 1024
MISSING = (
    "no small disk can be mounted, so no full disk was tested: mount is not installed or not allowed (run as root)"
)


class SmallDisk:
    """A mounted tmpfs. What fills it lies beside the store's files."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._filler = path / "somebody-else.log"

    @property
    def free(self) -> int:
        disk = os.statvfs(self.path)
        return disk.f_bavail * disk.f_frsize

    def fill(self, leave: int = 0) -> None:
        """Write until at most `leave` bytes are free."""
        with open(self._filler, "ab", buffering=0) as filler:
            while (missing := self.free - leave) > 0:
                try:
                    filler.write(b"x" * min(PIECE, missing))
                except OSError:
                    return

    def clear(self) -> None:
        """Delete what `fill` wrote."""
        self._filler.unlink(missing_ok=True)


@contextmanager
def small_disk(path: Path) -> Iterator[SmallDisk]:
    """Mount one at `path`. Skips where that is not possible, fails when CI=true."""
    path.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=0700", "cashticket-tests", str(path)]
    if mount is None or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.fail(MISSING) if os.environ.get("CI") == "true" else pytest.skip(MISSING)
    try:
        yield SmallDisk(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


@contextmanager
def kept_alive(store: ShippedStore, folder: Path) -> Iterator[None]:
    """Keep the store alive with the supervisor of `make run`, which restarts it whenever it ends."""
    over = threading.Event()
    supervisor = Supervisor(folder, {})

    def supervise() -> None:
        supervisor.start("store", shlex.join(store.command))
        supervisor.run_until(over.is_set)
        supervisor.stop()

    thread = threading.Thread(target=supervise)
    thread.start()
    try:
        wait_until(store.answers, "the store")
        yield
    finally:
        over.set()
        thread.join()
