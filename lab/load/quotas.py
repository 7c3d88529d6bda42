"""CPU quotas for groups of processes, by the kernel's control groups (Linux, version 1 and 2): servers of a fixed size.

Nothing but the groups made here is changed, and `remove` takes them away again. Groups that a killed lab has left
behind are removed when the next one begins.
"""

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lab.servers.processes import is_alive

PERIOD_US = 20_000
"""How often a quota is renewed. Short, because a server that has used its quota stands still for the rest of it."""
QUOTA_US_MIN = 1_000
"""The kernel refuses less."""
PREFIX = "cashticket-lab-"
PROCESSES = "cgroup.procs"
REMOVE_SECONDS = 10.0
ADVICE = "Run the lab as root, in a container with --privileged; scenarios without quotas need neither."


class NoQuotas(RuntimeError):
    """This machine gives no CPU quotas. The text says what is missing and what to do."""


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Where groups are made, and the version of control groups (1 or 2)."""

    folder: Path
    version: int


@dataclass(frozen=True, slots=True)
class Periods:
    """How many periods a group has worked in, and in how many of them it was stopped at its quota."""

    worked: int
    throttled: int


def find_hierarchy(mounts: str | None = None) -> Hierarchy:
    """The mounted hierarchy with the controller `cpu`, by the lines of /proc/self/mounts. Raises NoQuotas."""
    if mounts is None:
        table = Path("/proc/self/mounts")
        mounts = table.read_text() if table.exists() else ""
    unified = []
    for row in mounts.splitlines():
        _, folder, kind, options = row.split()[:4]
        if kind == "cgroup" and "cpu" in options.split(","):
            return Hierarchy(Path(folder), 1)
        if kind == "cgroup2":
            unified.append(Path(folder))
    for place in unified:
        if "cpu" in _words(place / "cgroup.controllers"):
            return Hierarchy(place, 2)
    raise NoQuotas(f"CPU quotas need control groups with the controller cpu, and none is mounted here. {ADVICE}")


def check(hierarchy: Hierarchy | None = None) -> None:
    """Try with an empty group whether quotas can be set. Raises NoQuotas."""
    quotas = Quotas(hierarchy)
    try:
        quotas.confine("trial", [], 1.0)
    finally:
        quotas.remove()


class Quotas:
    """Groups of this process, each with a quota. Raises NoQuotas where they cannot be made."""

    def __init__(self, hierarchy: Hierarchy | None = None) -> None:
        self._hierarchy = hierarchy or find_hierarchy()
        self._groups: dict[str, Path] = {}
        _remove_left_behind(self._hierarchy.folder)

    def confine(self, name: str, pids: Iterable[int], cores: float) -> None:
        """Put processes with all their children, those to come included, into a new group that may use `cores` cores.

        Raises NoQuotas.
        """
        group = self._hierarchy.folder / f"{PREFIX}{os.getpid()}-{name.replace(' ', '-')}"
        try:
            self._offer_controller()
            group.mkdir()
            self._groups[name] = group
            self._set(group, max(QUOTA_US_MIN, round(cores * PERIOD_US)))
            for pid in pids:
                _move_tree(group, pid)
        except OSError as error:
            raise NoQuotas(f"CPU quotas cannot be set in {self._hierarchy.folder}: {error}. {ADVICE}") from error

    def lift(self) -> None:
        """Take every quota away, so that what is to stop does not stop slowly. The groups stay."""
        for group in self._groups.values():
            self._set(group, None)

    def periods(self) -> dict[str, Periods]:
        """What each group has worked so far."""
        return {name: _periods(group) for name, group in self._groups.items()}

    def remove(self) -> None:
        """Remove every group. Processes that are still in one live on without a quota. Raises OSError when a group
        cannot be removed within REMOVE_SECONDS."""
        for name, group in list(self._groups.items()):
            deadline = time.monotonic() + REMOVE_SECONDS
            while not _is_removed(group, _own_group(self._hierarchy), is_last=time.monotonic() > deadline):
                time.sleep(0.02)
            del self._groups[name]

    def _offer_controller(self) -> None:
        """In version 2 a group only has the controllers that the group above it offers."""
        if self._hierarchy.version == 2:
            offered = self._hierarchy.folder / "cgroup.subtree_control"
            if "cpu" not in _words(offered):
                _write(offered, "+cpu")

    def _set(self, group: Path, quota_us: int | None) -> None:
        """Let a group use so much processor time in each period; None: without limit."""
        if self._hierarchy.version == 2:
            _write(group / "cpu.max", f"{quota_us or 'max'} {PERIOD_US}")
            return
        _write(group / "cpu.cfs_period_us", str(PERIOD_US))
        _write(group / "cpu.cfs_quota_us", str(quota_us or -1))


def _move_tree(group: Path, pid: int) -> None:
    """Move a process, then its children: one that it starts in between begins in the group already."""
    with suppress(ProcessLookupError):
        _write(group / PROCESSES, str(pid))
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in _words(path):
            _move_tree(group, int(child))


def _own_group(hierarchy: Hierarchy) -> Path:
    """The group of this process, as far as it is to be seen from here."""
    for row in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = row.split(":", 2)
        if (hierarchy.version == 2 and not controllers) or "cpu" in controllers.split(","):
            own = hierarchy.folder / path.lstrip("/")
            return own if own.is_dir() else hierarchy.folder
    return hierarchy.folder


def _is_removed(group: Path, refuge: Path, *, is_last: bool) -> bool:
    """Move what is left of a group to `refuge` and remove it. False when it is still busy."""
    for pid in _words(group / PROCESSES):
        with suppress(ProcessLookupError):
            _write(refuge / PROCESSES, pid)
    try:
        group.rmdir()
    except FileNotFoundError:
        return True
    except OSError:
        if is_last:
            raise
        return False
    return True


def _remove_left_behind(folder: Path) -> None:
    """Remove empty groups of labs that were killed. The kernel refuses to remove those with processes."""
    for group in folder.glob(f"{PREFIX}[0-9]*"):
        pid = group.name.removeprefix(PREFIX).partition("-")[0]
        if pid.isdigit() and not is_alive(int(pid)):
            with suppress(OSError):
                group.rmdir()


def _periods(group: Path) -> Periods:
    words = _words(group / "cpu.stat")
    figures = dict(zip(words[::2], map(int, words[1::2]), strict=True))
    return Periods(figures.get("nr_periods", 0), figures.get("nr_throttled", 0))


def _words(path: Path) -> list[str]:
    """The words of a file; none when it is gone."""
    try:
        return path.read_text().split()
    except OSError:
        return []


def _write(path: Path, text: str) -> None:
    """Write into a file of the kernel; unlike `Path.write_text` this never makes one."""
    number = os.open(path, os.O_WRONLY)
    try:
        os.write(number, text.encode())
    finally:
        os.close(number)
