"""Makes a backup of live stores and ledger, in the order that loses no answered bid.

The log of the live store, or of each of several, is copied first and the ledger after it. A bid that left its store's
list before the copy of the log was made is in the ledger by then, and so in the ledger's copy; a bid that had not left
is in the copied list. The other way round, bids that were recorded and left the list between the two copies would be in
neither.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pyrage.x25519 import Recipient

from cashticket.work.backup.database_copy import NotCopied, copy_database
from cashticket.work.backup.parts import NewParts, sync_folder
from cashticket.work.backup.store_log import copy_log


@dataclass(frozen=True, slots=True)
class Backup:
    """Where a backup lies, and the bytes of its two parts there: the logs of the live stores, and the ledger."""

    folder: Path
    live_store: int
    ledger: int


def back_up(
    target: Path, store_folders: Mapping[str, Path], database_url: str, recipients: Sequence[Recipient] = ()
) -> Backup:
    """Copy the log of each live store, then the database, into the new folder `target`. `store_folders` are the data
    folders of the stores by their names. Nothing stops.

    For `recipients` it is encrypted while it is copied; without any it stays plain. The folder is there once everything
    is in it. Raises NoStoreLog, NotCopied and OSError, and then leaves nothing.
    """
    if os.path.lexists(target):
        raise NotCopied(f"{target} is there already: name a folder that is not.")
    with _draft(target.absolute().with_name(f".{target.name}.unfinished")) as draft:
        parts = NewParts(draft, recipients)
        log_bytes = sum(copy_log(name, folder, parts) for name, folder in store_folders.items())
        ledger_bytes = copy_database(database_url, parts)
        parts.finish()
        draft.rename(target)
        sync_folder(target.absolute().parent)
    return Backup(target, log_bytes, ledger_bytes)


@contextmanager
def _draft(folder: Path) -> Iterator[Path]:
    """A new folder that nobody else writes. What a backup left there that was killed is taken away first, and after an
    error it goes. Raises NotCopied while another backup writes it."""
    if os.path.lexists(folder):
        with _alone(folder):
            shutil.rmtree(folder)
    folder.mkdir(mode=0o700, parents=True)
    with _alone(folder):
        try:
            yield folder
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """The lock goes with this process, also when it is killed. A link is not followed."""
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except NotADirectoryError:
        raise NotCopied(f"{folder} is there and is no folder of a backup: take it away.") from None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise NotCopied(f"Another backup is being written to {folder}: wait for its end.") from None
    finally:
        os.close(handle)
