"""Reads the records of all processes from the queue store, and removes those that nobody needs any more."""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import redis

from cashticket import redis_keys
from cashticket.logs.failures import failure_text
from cashticket.witness.queue_shelf import RECORD_SECONDS
from cashticket.witness.reading import Reading
from cashticket.witness.testimony import Record, ShelfUnavailable


class QueueRecords:
    """The records in the queue store."""

    def __init__(self, client: redis.Redis) -> None:
        """`client` answers bytes."""
        self._client = client

    def records(self) -> list[Record]:
        """What all processes have written. Raises ShelfUnavailable."""
        with _as_unavailable():
            return [record for process in self._processes() for record in self._read(process)]

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

    def _processes(self) -> list[str]:
        names: set[bytes] = self._client.smembers(redis_keys.WITNESSES)  # type: ignore[assignment]
        return sorted(name.decode() for name in names)

    def _read(self, process: str) -> list[Record]:
        """The records of a process; none when its keys have expired."""
        with self._client.pipeline(transaction=True) as pipeline:
            pipeline.exists(redis_keys.witness_alive(process))
            pipeline.hgetall(redis_keys.witness_record(process))
            pipeline.hvals(redis_keys.witness_bids(process))
            alive, record, parts = pipeline.execute()
        if not record:
            return []
        return _reading(record, parts).records(process, alive=bool(alive))


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
