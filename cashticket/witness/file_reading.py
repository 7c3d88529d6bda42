"""Reads the files of all processes, and removes those that nobody needs any more."""

import errno
import fcntl
import json
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from cashticket.logs.failures import failure_text
from cashticket.witness.file_shelf import SUFFIX, unsealed
from cashticket.witness.reading import Reading
from cashticket.witness.testimony import Record, ShelfUnavailable

READING_TRIES = 100

LINE_BYTES_MAX = 64 * 1024
FILE_BYTES_MAX = 1024**3
"""A larger file holds more bids than can ever wait."""

DRAFT_SECONDS = 86_400
SILENT_SECONDS = 10.0
"""A process writes each second. One that has not for so long has ended or hangs."""


class FileRecords:
    """The records in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def records(self) -> list[Record]:
        """What all files say. Raises ShelfUnavailable."""
        return [record for _, records in self._read_all() for record in records]

    def living(self) -> list[str]:
        """The processes that wrote here within SILENT_SECONDS, by name; no file is read. Raises ShelfUnavailable."""
        names = set()
        for path in self._folder.glob(f"*{SUFFIX}"):
            with suppress(FileNotFoundError), _as_unavailable(self._folder), _opened(path) as file:
                if _age(path) <= SILENT_SECONDS and _is_locked(file.fileno()):
                    names.add(_process_of(path))
        return sorted(names)

    def remove(self, is_over: Callable[[Record, float], bool]) -> int:
        """Remove the files of ended processes for whose record and age in seconds `is_over` says so; returns how many.
        Raises ShelfUnavailable."""
        removed = 0
        with _as_unavailable(self._folder):
            for path, records in self._read_all():
                if all(not record.alive and is_over(record, _age(path)) for record in records):
                    path.unlink(missing_ok=True)
                    removed += 1
            for draft in self._folder.glob("*.draft"):
                if _age(draft) > DRAFT_SECONDS:
                    draft.unlink(missing_ok=True)
        return removed

    def _read_all(self) -> list[tuple[Path, list[Record]]]:
        for _ in range(READING_TRIES):
            # A file that went while the others were read has a successor, which must not be missed.
            with suppress(FileNotFoundError), _as_unavailable(self._folder):
                return [(path, _read(path)) for path in sorted(self._folder.glob(f"*{SUFFIX}"))]
        raise ShelfUnavailable(f"the files in {self._folder} change faster than they are read")


@contextmanager
def _as_unavailable(folder: Path) -> Iterator[None]:
    """Turn errors of the disk into ShelfUnavailable; a file that is gone stays FileNotFoundError."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise ShelfUnavailable(f"{error.filename or folder} cannot be read: {error.strerror or error}") from error


def _age(path: Path) -> float:
    with suppress(FileNotFoundError):
        return time.time() - path.stat().st_mtime
    return 0.0


def _read(path: Path) -> list[Record]:
    with _opened(path) as file:
        # Asked before reading: what a process writes last is read after it has ended.
        alive = _is_locked(file.fileno())
        reading = Reading()
        try:
            while text := file.readline(LINE_BYTES_MAX):
                _take(reading, unsealed(text.rstrip(b"\n")))
        except ValueError as error:
            raise ShelfUnavailable(f"{path} was not written by a witness: {failure_text(error)}") from error
    return reading.records(_process_of(path), alive=alive)


def _process_of(path: Path) -> str:
    return path.name.removesuffix(SUFFIX).rpartition(".")[0]


def _opened(path: Path) -> BinaryIO:
    """The file, unless it is a link, a pipe or larger than any that a witness writes. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_size <= FILE_BYTES_MAX:
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    raise OSError(errno.EINVAL, "this is no file of a witness", str(path))


def _take(reading: Reading, content: bytes | None) -> None:
    if content is None:
        return
    if content.startswith(b"bid "):
        reading.add_bid(content.removeprefix(b"bid "))
        return
    match json.loads(content):
        case ["identity", str(identity)]:
            reading.identities.add(identity)
        case ["beat", int(now_ms), str(identity)]:
            reading.beat_ms, reading.identity = now_ms, identity
            reading.identities.add(identity)
        case ["highest", int(auction_id), int(number)]:
            reading.raise_highest(auction_id, number)
        case ["recorded", int(auction_id), int(number)]:
            reading.raise_recorded(auction_id, number)


def _is_locked(descriptor: int) -> bool:
    try:
        # Shared, so that two readers do not take each other for the writer.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(descriptor, fcntl.LOCK_UN)
    return False
