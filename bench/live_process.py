"""Memory and processor time of a process, read from the kernel. Linux only."""

import os
import threading
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
LOOK_SECONDS = 1.0


def memory_kb(pid: int) -> dict[str, int]:
    """Resident and proportional size in KB."""
    sizes = {}
    for text_line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        name, _, rest = text_line.partition(":")
        if name in ("Rss", "Pss"):
            sizes[name.lower()] = int(rest.split()[0])
    return sizes


def cpu_seconds(pid: int) -> float:
    """Processor seconds since the process began."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def tree_cpu_seconds(pid: int) -> float:
    """Processor seconds of a process and its children, those that ended included."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0.0
    own = sum(int(value) for value in fields[11:15]) / TICKS
    return own + sum(tree_cpu_seconds(int(child)) for child in children)


class MemoryWatch:
    """Reads the resident size of a process once a second, from `start` to `stop`."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._sizes: list[int] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> "MemoryWatch":
        self._thread.start()
        return self

    def stop(self) -> list[int]:
        """Stop. Returns the sizes in KB, one a second."""
        self._ended.set()
        self._thread.join()
        return self._sizes

    def _run(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            self._sizes.append(memory_kb(self._pid)["rss"])


def growth_percent(sizes: list[int]) -> float:
    """By how many percent the last tenth of the sizes exceeds the tenth in the middle."""
    tenth = max(1, len(sizes) // 10)
    if len(sizes) < 2 * tenth:
        return 0.0
    half = len(sizes) // 2
    middle, last = sizes[half : half + tenth], sizes[-tenth:]
    return 100 * (sum(last) / len(last)) / (sum(middle) / len(middle)) - 100
