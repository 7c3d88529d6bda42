"""A machine's clock that can be stepped while its processes run. Monotonic clocks are left alone."""

import struct
from pathlib import Path

from lab.servers.preloaded import build

SOURCE = Path(__file__).with_suffix(".c")
NS = 1_000_000_000


class SteppedClock:
    """The clock of every process that starts with `environment`. Raises RuntimeError without a C compiler."""

    def __init__(self, path: Path) -> None:
        library = build(SOURCE, path.with_suffix(".so"))
        self._path = path
        path.write_bytes(bytes(8))
        self.environment = {"LD_PRELOAD": str(library), "STEPPED_CLOCK": str(path)}

    def step(self, seconds: float) -> None:
        """Let the clock differ from the machine's by so many seconds from now on."""
        with self._path.open("r+b", buffering=0) as file:
            file.write(struct.pack("=q", int(seconds * NS)))
