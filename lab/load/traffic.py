"""What database and live store did in a turn, by their own counters and the kernel's: statements, syncs, bytes.

Counters are read once before a turn and once after it. What the lab itself sends does not count: the database takes the
reading connection's part off, and here the readings and looks at the live store are counted and taken off.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import redis

from cashticket import redis_keys
from cashticket.engine.errors import StoreUnavailable
from lab.systems.database_counters import DatabaseCounters, was_restarted, work_between

SCRIPTS = ("eval", "evalsha", "fcall")
READ = ("INFO", "commandstats", "stats", "server")
CRLF_BYTES = 2

Numbers = dict[str, int]


class StoreCounters:
    """The counters of the Redis server at `url`. `look` must be told of each look that the lab takes at waiting
    bids."""

    def __init__(self, url: str) -> None:
        # In the older protocol, with the text as it came: its length is what the reading itself has cost.
        self._client = redis.Redis.from_url(url, decode_responses=True, protocol=2)
        self._client.response_callbacks.pop("INFO", None)
        self._own = {"info": 0, "llen": 0}
        self._own_received = self._own_sent = 0

    def look(self, waiting: Mapping[int, int]) -> None:
        """Take a look at so many waiting bids of each auction off: an LLEN for each auction."""
        self._own["llen"] += len(waiting)
        self._own_received += sum(sent_bytes("LLEN", redis_keys.bids(auction)) for auction in waiting)
        self._own_sent += sum(len(f":{count}") + CRLF_BYTES for count in waiting.values())

    def close(self) -> None:
        """End the connection."""
        self._client.close()

    def read(self) -> Numbers:
        """Every counter so far, without what this object and the looks have cost. Raises RedisError."""
        # The request has been received when the server counts, its answer has not been sent.
        self._own_received += sent_bytes(*READ)
        text = str(self._client.execute_command(*READ))  # type: ignore[no-untyped-call]
        fields = dict(row.split(":", 1) for row in text.splitlines() if ":" in row)
        calls = {name[8:]: _calls(value) for name, value in fields.items() if name.startswith("cmdstat_")}
        received, sent = int(fields["total_net_input_bytes"]), int(fields["total_net_output_bytes"])
        answer_bytes = len(f"${len(text.encode())}") + len(text.encode()) + 2 * CRLF_BYTES
        numbers = {
            "uptime": int(fields["uptime_in_seconds"]),
            "read_at": int(time.monotonic()),
            "commands": sum(calls.values()) - sum(self._own.values()),
            "scripts": sum(calls.get(name, 0) for name in SCRIPTS),
            "received_bytes": received - self._own_received,
            "sent_bytes": sent - self._own_sent,
            # With this answer: to be taken off what the kernel says that the server has written.
            "all_sent_bytes": sent + answer_bytes,
            "all_sends": int(fields["total_writes_processed"]) + 1,
        }
        self._own["info"] += 1
        self._own_sent += answer_bytes
        return numbers


def _calls(value: str) -> int:
    return int(value.partition("calls=")[2].partition(",")[0])


def sent_bytes(*command: str) -> int:
    """How many bytes a command takes on its way to a Redis server."""
    parts = [part.encode() for part in command]
    frame = len(f"*{len(parts)}") + CRLF_BYTES
    return frame + sum(len(f"${len(part)}") + len(part) + 2 * CRLF_BYTES for part in parts)


def kernel_counters(pid: int) -> Numbers:
    """What a process, with its threads and ended children, has written: `wchar` bytes by `syscw` calls, to files and
    connections, and `write_bytes` to disks. Empty where the kernel does not say."""
    with suppress(OSError, ValueError):
        rows = (row.split(":") for row in Path(f"/proc/{pid}/io").read_text().splitlines())
        return {name: int(value) for name, value in rows}
    return {}


@dataclass(slots=True)
class Traffic:
    """Reads the counters of a running system's database and live store."""

    database: DatabaseCounters
    store: StoreCounters
    pids: Mapping[str, int]
    _before: dict[str, Numbers] = field(default_factory=dict)

    def begin(self) -> None:
        """Read the counters from which `end` counts."""
        self._before = self._read()

    def close(self) -> None:
        """End both connections."""
        self.database.close()
        self.store.close()

    def end(self) -> dict[str, Numbers]:
        """What database and live store did since `begin`, by part. A part that was away at one of the two moments, or
        was started again in between, is left out."""
        before, after = self._before, self._read()
        written = {part: _grown(before, after, f"kernel {part}") for part in self.pids}
        works = {"database": database_work, "live store": store_work}
        parts = {part: work(before[part], after[part], written[part]) for part, work in works.items()}
        return {part: numbers for part, numbers in parts.items() if numbers}

    def _read(self) -> dict[str, Numbers]:
        read: dict[str, Numbers] = {"database": {}, "live store": {}}
        with suppress(StoreUnavailable):
            read["database"] = dict(self.database.read())
        with suppress(redis.RedisError):
            read["live store"] = self.store.read()
        return read | {f"kernel {part}": kernel_counters(pid) for part, pid in self.pids.items()}


def database_work(before: Numbers, after: Numbers, written: Numbers) -> Numbers:
    """What a database did between two readings, and wrote to its disk by the kernel's account (`written`)."""
    work = work_between(before, after) if before and after else {}
    return work | _to_disk(written) if work else {}


def store_work(before: Numbers, after: Numbers, written: Numbers) -> Numbers:
    """What a live store did between two readings, and wrote by the kernel's account (`written`).

    `commands` are those that it carried out, also inside of scripts. What it wrote and did not send is its log:
    `log_bytes`, by `log_writes`, each with a sync where it syncs always. Rewriting the log counts.
    """
    if not before or not after or was_restarted(before, after):
        return {}
    grown = {name: after[name] - before[name] for name in after}
    work = {name: grown[name] for name in ("commands", "scripts", "received_bytes", "sent_bytes")}
    if written:
        work["log_bytes"] = max(0, written["wchar"] - grown["all_sent_bytes"])
        work["log_writes"] = max(0, written["syscw"] - grown["all_sends"])
    return work | _to_disk(written)


def _to_disk(written: Numbers) -> Numbers:
    return {"disk_bytes": written["write_bytes"]} if written else {}


def _grown(before: Mapping[str, Numbers], after: Mapping[str, Numbers], name: str) -> Numbers:
    first, last = before.get(name, {}), after.get(name, {})
    return {key: last[key] - first[key] for key in last} if first else {}


def traffic_of(database_url: str, database_pid: int, store_url: str, store_pid: int) -> Traffic:
    """The counters of a database and a live store."""
    pids = {"database": database_pid, "live store": store_pid}
    return Traffic(DatabaseCounters(database_url), StoreCounters(store_url), pids)
