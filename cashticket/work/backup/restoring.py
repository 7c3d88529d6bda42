"""Puts a backup back, after it was read to its end: into stores that are empty, or not at all."""

from pathlib import Path

from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable
from cashticket.errors import OperatorError
from cashticket.work.backup.database_copy import put_database, require_empty
from cashticket.work.backup.parts import SavedParts
from cashticket.work.backup.store_log import log_put, require_no_log, require_whole_log


class NotRestored(OperatorError):
    """Nothing was put back."""


def check(saved: SavedParts) -> None:
    """Read a whole backup and change nothing. Raises NotReadable and NoStoreLog for one that cannot be put back."""
    require_whole_log(saved)
    saved.check()


def restore(engine: Engine, saved: SavedParts, store_folder: Path, database_url: str) -> None:
    """Put a backup into an empty database and into the data folder of a live store that does not run.

    Raises NotRestored, NotReadable, NotCopied and NoStoreLog before anything that is there is changed. Where something
    fails later, such as a full disk, what was put is taken back.
    """
    try:
        engine.clock()
    except (StoreUnavailable, OutcomeUnknown):
        pass
    else:
        raise NotRestored("The live store at REDIS_URL runs: stop it and every process of CashTicket first.")
    require_no_log(store_folder)
    require_empty(saved, database_url)
    check(saved)
    with log_put(saved, store_folder):
        put_database(saved, database_url)


def restore_database(saved: SavedParts, database_url: str) -> None:
    """Put the database of a backup into an empty one, and leave the live store alone: it was not lost.

    Raises NotReadable and NotCopied before anything is changed.
    """
    require_empty(saved, database_url)
    check(saved)
    put_database(saved, database_url)
