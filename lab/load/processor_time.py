"""Processor time and memory of processes, from /proc (Linux)."""

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def tree_seconds(pid: int) -> float:
    """Processor seconds of a process and its children, those that ended included; 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0.0
    own = sum(int(value) for value in fields[11:15]) / TICKS
    return own + sum(tree_seconds(int(child)) for child in children)


def tree_mib(pid: int) -> float:
    """Memory of a process and its children in MiB, each page divided by those that share it; 0 when it is gone."""
    try:
        rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0.0
    own = next((int(row.split()[1]) / 1024 for row in rows if row.startswith("Pss:")), 0.0)
    return own + sum(tree_mib(int(child)) for child in children)
