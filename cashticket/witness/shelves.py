"""Chooses the shelf of an installation: files where both roles share one store, else the queue store.

What lies in the live store is lost with it, so a witness there is none. Records are read from both shelves, because a
setting may have changed while a process ran.
"""

import os
import secrets
import socket
from collections.abc import Callable
from itertools import chain
from pathlib import Path

import redis

from cashticket.witness.file_reading import FileRecords
from cashticket.witness.file_shelf import FileShelf
from cashticket.witness.queue_reading import QueueRecords
from cashticket.witness.queue_shelf import OF, QueueShelf
from cashticket.witness.same_store import is_same_store
from cashticket.witness.testimony import Record


class Shelves:
    """Both shelves of an installation, for the bids of one live store."""

    def __init__(
        self, live_store_url: str, queue_store_url: str, queue_client: redis.Redis, folder: Path, of: str = ""
    ) -> None:
        """`queue_client` answers bytes. `of` is the name of the live store whose bids are witnessed, '' for the first
        one: each has records of its own. Connects to nothing yet."""
        self._of = of
        folder = folder / of if of else folder
        self._urls = (live_store_url, queue_store_url)
        self._queue_client, self._folder = queue_client, folder
        self._readers = (FileRecords(folder), QueueRecords(queue_client, of=of))

    def records(self) -> list[Record]:
        """The records of all processes, living and dead. Raises ShelfUnavailable."""
        return list(chain.from_iterable(reader.records() for reader in self._readers))

    def living(self) -> list[str]:
        """The names of the processes that witness now, such as web-HOST-PID-3f9a1c. Raises ShelfUnavailable."""
        return list(chain.from_iterable(reader.living() for reader in self._readers))

    def remove(self, is_over: Callable[[Record, float], bool]) -> int:
        """Remove what ended processes have left, where `is_over` of record and age in seconds says so; returns from how
        many. Raises ShelfUnavailable."""
        return sum(reader.remove(is_over) for reader in self._readers)

    def own(self, kind: str) -> FileShelf | QueueShelf:
        """The shelf on which this process writes; `kind` is what it does, such as web. Looks up the stores' names."""
        process = f"{kind}-{_plain(socket.gethostname())}-{os.getpid()}-{secrets.token_hex(3)}"
        process += f"{OF}{self._of}" if self._of else ""
        if is_same_store(*self._urls):
            return FileShelf(self._folder, process)
        return QueueShelf(self._queue_client, process)


def _plain(name: str) -> str:
    return "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in name)[:60]
