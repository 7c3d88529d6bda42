"""Backup and restore of live stores and ledger, in the order that loses no answered bid.

The log of the live store, or of each of several, is copied first and the ledger after it. A bid that left its store's
list before the copy of the log was made is in the ledger by then, and so in the ledger's copy; a bid that had not left
is in the copied list. The other way round, bids that were recorded and left the list between the two copies would be in
neither.
"""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cashticket.auction.store_names import FIRST_STORE
from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable
from cashticket.errors import OperatorError
from cashticket.work.database_copy import NotCopied, copy_database, put_database
from cashticket.work.store_log import LOG_FOLDER, copy_log, put_log, require_no_log


class NotRestored(OperatorError):
    """Nothing was put back."""


@dataclass(frozen=True, slots=True)
class Backup:
    """Where a backup lies, and the bytes of its two parts: the logs of the live stores, and the ledger."""

    folder: Path
    live_store: int
    ledger: int


def back_up(target: Path, store_folders: Mapping[str, Path], database_url: str) -> Backup:
    """Copy the log of each live store, then the database, into the new folder `target`. `store_folders` are the data
    folders of the stores by their names. Nothing stops.

    The folder is there once everything is in it. Raises NoStoreLog, NotCopied and OSError, and then leaves nothing.
    """
    if os.path.lexists(target):
        raise NotCopied(f"{target} is there already: name a folder that is not.")
    draft = target.absolute().with_name(f".{target.name}.unfinished")
    draft.mkdir(mode=0o700, parents=True)
    try:
        log_bytes = sum(copy_log(folder, draft / log_of(name)) for name, folder in store_folders.items())
        ledger_bytes = copy_database(database_url, draft).stat().st_size
        draft.rename(target)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return Backup(target, log_bytes, ledger_bytes)


def restore(engine: Engine, saved: Path, store_folders: Mapping[str, Path], database_url: str) -> None:
    """Put a backup into an empty database, and the log of each live store into its own data folder; none of them runs.

    Raises NotRestored, NotCopied and NoStoreLog before anything that is there is changed.
    """
    for name, store in engine.stores().items():
        _require_stopped(name, store)
    present = {path.name for path in saved.glob(f"{LOG_FOLDER}*") if path.is_dir()}
    for name, folder in store_folders.items():
        if log_of(name) not in present:
            raise NotRestored(f"{saved} is no whole backup: it has no folder {log_of(name)}.")
        require_no_log(folder)
    if further := present - set(map(log_of, store_folders)):
        raise NotRestored(f"{saved} has {', '.join(sorted(further))} of live stores that LIVE_STORES does not name.")
    put_database(saved, database_url)
    for name, folder in store_folders.items():
        put_log(saved / log_of(name), folder)


def log_of(store: str) -> str:
    """The folder in a backup that has the log of the live store of this name."""
    return LOG_FOLDER if store == FIRST_STORE else f"{LOG_FOLDER}.{store}"


def _require_stopped(name: str, store: Engine) -> None:
    try:
        store.clock()
    except (StoreUnavailable, OutcomeUnknown):
        return
    where = "REDIS_URL" if name == FIRST_STORE else f"{name} in LIVE_STORES"
    raise NotRestored(f"The live store at {where} runs: stop it and every process of CashTicket first.")
