"""What got worse in this architecture: each number comes out of the raw files, and what is better says so."""

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from lab.load import raw
from lab.load.processor_time import tree_mib
from lab.load.report import worse
from lab.load.report.runs import NAME
from lab.waiting import wait_until
from tests.load.test_published import publish_run
from tests.load.test_report import SAMPLE, expected_knee, expected_turns, ms

MEMORY = {"row-lock": {"web": 90.0, "database": 310.4}, "architecture": {"web": 170.0, "database": 312.0, "nginx": 8.0}}


def turns_of(folder: Path) -> list[list[dict[str, Any]]]:
    return [expected_turns(folder, name) for name in ("row-lock", "architecture")]


def rows_of(document: Path) -> dict[str, list[str]]:
    part = document.read_text().partition("## What got worse")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in part.splitlines() if row.startswith("| ")]
    return {row[0].partition(" at ")[0]: row[1:] for row in rows[1:]}


def test_every_number_of_what_got_worse_comes_out_of_raw_files(docs: Path, tmp_path: Path) -> None:
    folder = tmp_path / "hot"
    shutil.copytree(SAMPLE, folder)
    for name, used in MEMORY.items():
        path = folder / name / "system.json"
        raw.write_json(path, raw.read_json(path) | {"memory_mib": used})
    publish_run(folder, docs)
    rows = rows_of(docs / f"{NAME}.md")
    one, ours = turns_of(docs / NAME / "hot")
    best = [knee for turns in (one, ours) if (knee := expected_knee(turns)[0])]
    assert rows["kinds of programs that use processor time"][:2] == [str(len(turn["cpu"])) for turn in best]
    rate = min({turn["rate"] for turn in one} & {turn["rate"] for turn in ours})
    quiet = [next(turn for turn in turns if turn["rate"] == rate) for turns in (one, ours)]
    assert [f"{turn['p50']:.1f} ms" for turn in quiet] == rows["median wait of a bid"][:2] and ms(1.0) == "1.0 ms"
    late = rows["last accepted bid in the database after the last answer"]
    assert late[:2] == [f"{turn['recorded']:.1f} s" for turn in best]
    assert rows["most accepted bids that waited for the database"][:2] == [f"{turn['backlog']:,}" for turn in best]
    cpu = [sum(turn["cpu"].values()) for turn in best]
    assert rows["processor time per accepted bid"][:2] == [f"{each:.2f} ms" for each in cpu]
    assert rows["processor time per accepted bid"][2] == (
        worse.SAME if cpu[1] <= cpu[0] else f"{cpu[1] / cpu[0]:.1f} ×"
    )
    assert rows["memory after the last rate"] == ["400 MiB", "490 MiB", "1.2 ×"]


def test_what_no_number_says_is_stated_and_without_figures_there_is_no_table(docs: Path, tmp_path: Path) -> None:
    shutil.copytree(SAMPLE, tmp_path / "hot", ignore=shutil.ignore_patterns("row-lock"))
    publish_run(tmp_path / "hot", docs)
    part = (docs / f"{NAME}.md").read_text().partition("## What got worse")[2].partition("\n## ")[0]
    assert part.count("\n- ") == len(worse.STATED.splitlines()) > 3 and "|" not in part


@pytest.mark.parametrize(
    ("one", "ours", "times"), [(2, 5, "2.5 ×"), (5, 2, worse.SAME), (2, 2, worse.SAME), (0, 3, "more")]
)
def test_how_much_worse_is_said_only_where_it_is_worse(one: int, ours: int, times: str) -> None:
    assert worse._row("x", [one, ours], "{:.0f}") == ("x", str(one), str(ours), times)


def kernel_kib(pid: int) -> int:
    return int(Path(f"/proc/{pid}/smaps_rollup").read_text().partition("\nPss:")[2].split()[0])


def test_memory_of_a_process_and_its_children_is_what_the_kernel_says() -> None:
    # Two programs that stand still once both run; the memory of the test's own process changes while it is read.
    with subprocess.Popen(["sh", "-c", "sleep 600; true"]) as parent:
        try:
            children = Path(f"/proc/{parent.pid}/task/{parent.pid}/children")
            wait_until(lambda: children.read_text().split(), "the child to run")
            (child,) = map(int, children.read_text().split())
            wait_until(lambda: Path(f"/proc/{child}/comm").read_text() == "sleep\n", "the child to be a sleep")
            assert tree_mib(parent.pid) == pytest.approx((kernel_kib(parent.pid) + kernel_kib(child)) / 1024, rel=0.2)
        finally:
            os.kill(child, signal.SIGKILL)
    assert tree_mib(2**22 + 1) == 0.0
