"""Backup and restore of both stores, in the order that loses no answered bid.

The live store's log is copied first and the ledger after it. A bid that left the store's list before its copy was made
is in the ledger by then, and so in the ledger's copy; a bid that had not left is in the copied list. The other way
round, bids that were recorded and left the list between the two copies would be in neither.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable
from cashticket.errors import OperatorError
from cashticket.work.database_copy import NotCopied, copy_database, put_database
from cashticket.work.store_log import LOG_FOLDER, copy_log, put_log, require_no_log


class NotRestored(OperatorError):
    """Nothing was put back."""


@dataclass(frozen=True, slots=True)
class Backup:
    """Where a backup lies, and the bytes of its two parts."""

    folder: Path
    live_store: int
    ledger: int


def back_up(target: Path, store_folder: Path, database_url: str) -> Backup:
    """Copy the log in the live store's data folder, then the database, into the new folder `target`. Nothing stops.

    The folder is there once everything is in it. Raises NoStoreLog, NotCopied and OSError, and then leaves nothing.
    """
    if os.path.lexists(target):
        raise NotCopied(f"{target} is there already: name a folder that is not.")
    draft = target.absolute().with_name(f".{target.name}.unfinished")
    draft.mkdir(mode=0o700, parents=True)
    try:
        log_bytes = copy_log(store_folder, draft / LOG_FOLDER)
        ledger_bytes = copy_database(database_url, draft).stat().st_size
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return Backup(target, log_bytes, ledger_bytes)


def restore(engine: Engine, saved: Path, store_folder: Path, database_url: str) -> None:
    """Put a backup into an empty database and into the data folder of a live store that does not run.

    Raises NotRestored, NotCopied and NoStoreLog before anything that is there is changed.
    """
    try:
        engine.clock()
    except (StoreUnavailable, OutcomeUnknown):
        pass
    else:
        raise NotRestored("The live store at REDIS_URL runs: stop it and every process of CashTicket first.")
    if not (saved / LOG_FOLDER).is_dir():
        raise NotRestored(f"{saved} is no whole backup: it has no folder {LOG_FOLDER}.")
    require_no_log(store_folder)
    put_database(saved, database_url)
    put_log(saved / LOG_FOLDER, store_folder)
