"""What a bid costs a database: statements, flushes, processor time of server and client, and waiting for row locks.

`measure` reads the server's counters before and after; they count everybody, so nobody else may use the server.
"""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lab.systems.database_counters import DatabaseCounters, Reading, work_between

TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one bid, as the mean of `bids`.

    `statements` are those that clients sent; `carried_out` are those that read, wrote, began or ended something, also
    inside of procedures. `flushes` are writes to the disk that were waited for, of InnoDB's log and of the binary log.
    `server_ms` and `client_ms` are processor time (the server's is None where its process cannot be seen, flushes where
    the server does not count them),
    `lock_wait_ms` is waiting, by the clock, and `lock_waits` how many bids waited.
    """

    bids: int
    seconds: float
    statements: float
    carried_out: float
    flushes: float | None
    server_ms: float | None
    client_ms: float
    lock_wait_ms: float
    lock_waits: float

    @property
    def per_second(self) -> float:
        """Bids in a second."""
        return self.bids / self.seconds


@dataclass(frozen=True, slots=True)
class _Reading:
    status: Reading
    server_seconds: float | None
    client_seconds: float
    at: float


def measure(url: str, bid: Callable[[], int]) -> Cost:
    """Call `bid`, which returns how many bids it made, and return what each cost the server at `url`. Raises ValueError
    when it made none."""
    counters = DatabaseCounters(url)
    start = _read(counters)
    bids = bid()
    end = _read(counters)
    counters.close()
    if bids < 1:
        raise ValueError("no bid was made, so none has a cost")
    work = work_between(start.status, end.status)
    is_seen = start.server_seconds is not None and end.server_seconds is not None
    return Cost(
        bids=bids,
        seconds=end.at - start.at,
        statements=work["statements"] / bids,
        carried_out=work["carried_out"] / bids,
        flushes=work["flushes"] / bids,
        server_ms=((end.server_seconds or 0) - (start.server_seconds or 0)) * 1000 / bids if is_seen else None,
        client_ms=(end.client_seconds - start.client_seconds) * 1000 / bids,
        lock_wait_ms=work["lock_wait_ms"] / bids,
        lock_waits=work["lock_waits"] / bids,
    )


def processor_seconds(pid: int) -> float:
    """Processor time of a process so far. Raises OSError where it cannot be seen."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_A_SECOND


def _read(counters: DatabaseCounters) -> _Reading:
    server_seconds = None
    with suppress(OSError, ValueError):
        server_seconds = processor_seconds(int(Path(counters.pid_file()).read_text()))
    return _Reading(counters.read(), server_seconds, time.process_time(), time.monotonic())
