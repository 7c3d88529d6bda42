"""A disk whose syncs take at least a given time, for servers that start with its environment, as a cloud volume."""

from pathlib import Path

from lab.servers.preloaded import build

SOURCE = Path(__file__).with_suffix(".c")
NS_PER_MS = 1_000_000


class SlowDisk:
    """Each fsync and fdatasync of a server that starts with `environment` takes `sync_ms` or longer.

    Raises RuntimeError without a C compiler.
    """

    def __init__(self, library: Path, sync_ms: float) -> None:
        self._library = build(SOURCE, library)
        self.environment = {"LD_PRELOAD": str(library), "SLOW_DISK_NS": str(round(sync_ms * NS_PER_MS))}

    def is_loaded(self, pid: int) -> bool:
        """Whether a process runs with it. One that is linked statically does not, and would sync as fast as ever."""
        return str(self._library.resolve()) in Path(f"/proc/{pid}/maps").read_text()
