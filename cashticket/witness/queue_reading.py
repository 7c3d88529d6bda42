"""Reads the records of all processes from the queue store, and removes those that nobody needs any more."""

import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import redis

from cashticket import redis_keys
from cashticket.logs.failures import failure_text
from cashticket.witness.ended_here import has_ended
from cashticket.witness.queue_shelf import OF, RECORD_SECONDS
from cashticket.witness.reading import Reading
from cashticket.witness.testimony import Record, ShelfUnavailable

ARRIVING_SECONDS = 1.0
"""So long after a process has ended, what it wrote last may still be on its way to the queue store."""


class QueueRecords:
    """The records in the queue store."""

    def __init__(self, client: redis.Redis, clock: Callable[[], float] = time.monotonic, of: str = "") -> None:
        """`client` answers bytes. `clock` is in seconds. `of` names the live store whose witnesses are read, '' for the
        first one."""
        self._client, self._clock, self._of = client, clock, of
        self._ended: dict[str, float] = {}

    def records(self) -> list[Record]:
        """What all processes have written. Raises ShelfUnavailable."""
        with _as_unavailable():
            processes = self._processes()
            self._look_for_ended(processes)
            return [record for process in processes for record in self._read(process)]

    def living(self) -> list[str]:
        """The names of the processes that write here now; no record is read. Raises ShelfUnavailable."""
        with _as_unavailable():
            marks = self._marks(self._processes())
        return [process for process, mark in marks.items() if mark is not None and not has_ended(mark.decode())]

    def remove(self, is_over: Callable[[Record, float], bool]) -> int:
        """Remove the keys of ended processes for whose record and age in seconds `is_over` says so; returns how many.
        Raises ShelfUnavailable."""
        removed = 0
        with _as_unavailable():
            for process in self._processes():
                left: int = self._client.ttl(redis_keys.witness_record(process))
                records = self._read(process)
                if all(not record.alive and is_over(record, RECORD_SECONDS - left) for record in records):
                    self._client.unlink(redis_keys.witness_record(process), redis_keys.witness_bids(process))
                    self._client.srem(redis_keys.WITNESSES, process)
                    removed += 1
        return removed

    def _look_for_ended(self, processes: Sequence[str]) -> None:
        """Note which processes of this machine have ended, and when that was seen first; their keys stay a while."""
        marks = self._marks(processes)
        ended = [name for name, mark in marks.items() if mark and has_ended(mark.decode())]
        self._ended = {process: self._ended.get(process, self._clock()) for process in ended}

    def _marks(self, processes: Sequence[str]) -> dict[str, bytes | None]:
        """The mark of each process, None for one that has not written for ALIVE_SECONDS."""
        with self._client.pipeline(transaction=False) as pipeline:
            for process in processes:
                pipeline.get(redis_keys.witness_alive(process))
            return dict(zip(processes, pipeline.execute(), strict=True))

    def _has_ended(self, process: str) -> bool:
        """Whether it ended so long ago that its last write has arrived."""
        return process in self._ended and self._clock() - self._ended[process] >= ARRIVING_SECONDS

    def _processes(self) -> list[str]:
        names: set[bytes] = self._client.smembers(redis_keys.WITNESSES)  # type: ignore[assignment]
        return sorted(name for name in map(bytes.decode, names) if name.partition(OF)[2] == self._of)

    def _read(self, process: str) -> list[Record]:
        """The records of a process; none when its keys have expired."""
        has_ended = self._has_ended(process)
        with self._client.pipeline(transaction=True) as pipeline:
            pipeline.exists(redis_keys.witness_alive(process))
            pipeline.hgetall(redis_keys.witness_record(process))
            pipeline.hvals(redis_keys.witness_bids(process))
            alive, record, parts = pipeline.execute()
        if not record:
            return []
        return _reading(record, parts).records(process, alive=bool(alive) and not has_ended)


def _reading(record: Mapping[bytes, bytes], parts: Sequence[bytes]) -> Reading:
    reading = Reading(int(record.get(b"beat", 0)), record.get(b"identity", b"").decode())
    for field, value in record.items():
        kind, _, name = field.decode().partition(":")
        if kind == "heard":
            reading.identities.add(name)
        elif kind == "highest":
            reading.raise_highest(int(name), int(value))
        elif kind == "recorded":
            reading.raise_recorded(int(name), int(value))
    for part in parts:
        for text in zlib.decompress(part).split(b"\n"):
            reading.add_bid(text)
    return reading


@contextmanager
def _as_unavailable() -> Iterator[None]:
    try:
        yield
    except redis.RedisError as error:
        raise ShelfUnavailable(f"the witnesses in the queue store cannot be read: {failure_text(error)}") from error
    except (ValueError, zlib.error) as error:
        raise ShelfUnavailable(f"the witnesses in the queue store are spoilt: {type(error).__name__}") from error
