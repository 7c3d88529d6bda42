"""CPU quotas: a server of a quarter core gets a quarter of a core, and nothing of it is left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from lab.load import quotas
from lab.load.processor_time import tree_seconds
from lab.load.quotas import Hierarchy, NoQuotas, Periods, Quotas, find_hierarchy
from lab.waiting import wait_until
from tests.house.source import ROOT

BUSY = "while True: pass"
BUSY_CHILD = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {BUSY!r}]).wait()"
PERIODS = 60


@pytest.fixture
def hierarchy() -> Hierarchy:
    """Where this machine lets groups be made. Whether it does depends on how its container was started."""
    try:
        quotas.check()
    except NoQuotas as error:
        pytest.skip(f"this machine's container has no right to CPU quotas: {error}")
    return find_hierarchy()


@contextmanager
def running(code: str) -> Iterator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen([sys.executable, "-c", code], start_new_session=True)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def groups_of(hierarchy: Hierarchy) -> list[str]:
    return [path.name for path in hierarchy.folder.glob(f"{quotas.PREFIX}{os.getpid()}-*")]


def prefer(hierarchy: Hierarchy, group: Path) -> None:
    """Let a group come before all others: on a busy machine it would not get as much as its quota."""
    name, most = ("cpu.weight", "10000") if hierarchy.version == 2 else ("cpu.shares", "262144")
    (group / name).write_text(most)


def child_of(pid: int) -> int:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(text[0]) if text else 0


@pytest.mark.timeout(200)
def test_a_process_and_its_child_get_a_quarter_of_a_core_together(hierarchy: Hierarchy) -> None:
    """At most a quarter, whatever else the machine does."""
    limits = Quotas(hierarchy)
    try:
        with running(BUSY_CHILD) as process:
            wait_until(lambda: child_of(process.pid), "the busy child")
            limits.confine("web 1", [process.pid], 0.25)
            prefer(hierarchy, limits._groups["web 1"])
            began, used = time.monotonic(), tree_seconds(process.pid)
            wait_until(lambda: limits.periods()["web 1"].throttled >= PERIODS, "a busy process that is stopped")
            share = (tree_seconds(process.pid) - used) / (time.monotonic() - began)
            periods = limits.periods()["web 1"]
            assert 0 < share <= 0.3
            assert periods.worked >= periods.throttled >= PERIODS
    finally:
        limits.remove()
    assert groups_of(hierarchy) == []


def test_a_group_whose_processes_were_killed_is_removed(hierarchy: Hierarchy) -> None:
    limits = Quotas(hierarchy)
    with running(BUSY) as process:
        limits.confine("web-1", [process.pid], 0.25)
        assert groups_of(hierarchy) == [f"{quotas.PREFIX}{os.getpid()}-web-1"]
        process.kill()
        process.wait()
        limits.remove()
        assert groups_of(hierarchy) == []


def test_a_process_that_outlives_its_group_lives_on_without_a_quota(hierarchy: Hierarchy) -> None:
    limits = Quotas(hierarchy)
    with running(BUSY) as process:
        limits.confine("web-1", [process.pid], 0.25)
        limits.remove()
        assert process.poll() is None
        assert quotas.PREFIX not in Path(f"/proc/{process.pid}/cgroup").read_text()
    assert groups_of(hierarchy) == []


def test_a_lab_that_was_killed_is_cleaned_up_after_by_the_next(hierarchy: Hierarchy) -> None:
    code = "import os; from lab.load.quotas import Quotas; limits = Quotas(); limits.confine('web', [], 1.0);"
    code += "print(limits._groups['web'], limits._groups['web'].exists(), flush=True); os.kill(os.getpid(), 9)"
    killed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    group, was_there = killed.stdout.split()
    assert (killed.returncode, was_there, Path(group).parent) == (-signal.SIGKILL, "True", hierarchy.folder)
    Quotas(hierarchy)
    assert not Path(group).exists()


# What follows runs on every machine: ordinary files in place of the kernel's.


class FakeKernel:
    """A hierarchy of control groups as files. As in the kernel a group begins with its files and ends with them."""

    def __init__(self, folder: Path, version: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hierarchy = Hierarchy(folder, version)
        self.files = ["cpu.max"] if version == 2 else ["cpu.cfs_period_us", "cpu.cfs_quota_us"]
        mkdir, rmdir = Path.mkdir, Path.rmdir

        def make(path: Path) -> None:
            mkdir(path)
            for name in [*self.files, "cgroup.procs", "cpu.stat"]:
                (path / name).write_text("")

        def remove(path: Path) -> None:
            for file in path.iterdir():
                file.unlink()
            rmdir(path)

        monkeypatch.setattr(Path, "mkdir", make)
        monkeypatch.setattr(Path, "rmdir", remove)
        for name in ("cgroup.procs", "cgroup.subtree_control"):
            (folder / name).write_text("")

    def group(self, name: str) -> Path:
        return self.hierarchy.folder / f"{quotas.PREFIX}{os.getpid()}-{name}"


def test_version_1_has_quota_and_period_in_files_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = FakeKernel(tmp_path, 1, monkeypatch)
    limits = Quotas(kernel.hierarchy)
    limits.confine("live store", [], 0.125)
    group = kernel.group("live-store")
    assert (group / "cpu.cfs_period_us").read_text() == "20000"
    assert (group / "cpu.cfs_quota_us").read_text() == "2500"
    (group / "cpu.cfs_quota_us").write_text("")
    limits.lift()
    assert (group / "cpu.cfs_quota_us").read_text() == "-1"
    (group / "cpu.stat").write_text("nr_periods 40\nnr_throttled 30\nthrottled_time 123\n")
    assert limits.periods() == {"live store": Periods(40, 30)}
    limits.remove()
    assert not group.exists() and limits.periods() == {}


def test_version_2_has_both_in_one_file_once_the_controller_is_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel = FakeKernel(tmp_path, 2, monkeypatch)
    limits = Quotas(kernel.hierarchy)
    limits.confine("web-1", [], 0.25)
    assert (tmp_path / "cgroup.subtree_control").read_text() == "+cpu"
    assert (kernel.group("web-1") / "cpu.max").read_text() == "5000 20000"
    (kernel.group("web-1") / "cpu.max").write_text("")
    limits.lift()
    assert (kernel.group("web-1") / "cpu.max").read_text() == "max 20000"
    limits.remove()
    assert not kernel.group("web-1").exists()


def test_no_quota_is_below_what_the_kernel_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kernel = FakeKernel(tmp_path, 1, monkeypatch)
    Quotas(kernel.hierarchy).confine("web-1", [], 0.001)
    assert (kernel.group("web-1") / "cpu.cfs_quota_us").read_text() == "1000"


def test_the_hierarchy_with_the_controller_is_chosen(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpuset cpu io")
    (tmp_path / "hybrid").mkdir()
    (tmp_path / "hybrid" / "cgroup.controllers").write_text("hugetlb")
    other = f"cgroup /sys/a cgroup rw,cpuacct 0 0\ncgroup2 {tmp_path}/hybrid cgroup2 rw 0 0\n"
    first = "cgroup /sys/b cgroup rw,cpu,cpuacct 0 0\n"
    assert find_hierarchy(other + first) == Hierarchy(Path("/sys/b"), 1)
    assert find_hierarchy(other + f"cgroup2 {tmp_path} cgroup2 rw,nosuid 0 0\n") == Hierarchy(tmp_path, 2)
    with pytest.raises(NoQuotas, match=r"controller cpu, and none is mounted here\. Run the lab as root"):
        find_hierarchy(other)


def test_a_place_where_groups_cannot_be_made_is_named_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoQuotas, match=rf"cannot be set in {tmp_path / 'absent'}: .*Run the lab as root") as refusal:
        quotas.check(Hierarchy(tmp_path / "absent", 1))
    # A right that a machine does not give is no program that it lacks: the tests above are skipped there, in CI too.
    assert "install" not in str(refusal.value)
