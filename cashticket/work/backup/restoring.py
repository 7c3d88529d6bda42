"""Puts a backup back, after it was read to its end: into stores that are empty, or not at all."""

from collections.abc import Callable
from pathlib import Path

from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable
from cashticket.errors import OperatorError
from cashticket.work.backup.database_copy import database_put, require_room
from cashticket.work.backup.parts import SavedParts
from cashticket.work.backup.running import running_processes
from cashticket.work.backup.store_log import log_put, require_no_log, require_whole_log, store_stopped

Say = Callable[[str], None]


class NotRestored(OperatorError):
    """Nothing was put back."""


def check(saved: SavedParts) -> None:
    """Read a whole backup and change nothing. Raises NotReadable and NoStoreLog for one that cannot be put back."""
    require_whole_log(saved)
    saved.check()


def restore(engine: Engine, saved: SavedParts, store_folder: Path, database_url: str, say: Say = print) -> None:
    """Put a backup into an empty database and into the data folder of a live store that does not run.

    What a restore left that was killed is taken away first, which `say` is told. Raises NotRestored, NotReadable,
    NotCopied and NoStoreLog before anything that is there is changed. Where something fails later, such as a full
    disk, what was put is taken back.
    """
    try:
        engine.clock()
    except (StoreUnavailable, OutcomeUnknown):
        pass
    else:
        raise NotRestored("The live store at REDIS_URL runs: stop it and every process of CashTicket first.")
    _require_nobody()
    with store_stopped(store_folder):
        require_no_log(store_folder)
        _make_room(saved, database_url, say)
        check(saved)
        # The log gets its name before the database counts: never is there a whole ledger beside an empty store.
        with database_put(saved, database_url), log_put(saved, store_folder):
            pass


def restore_database(saved: SavedParts, database_url: str, say: Say = print) -> None:
    """Put the database of a backup into an empty one, and leave the live store alone: it was not lost.

    Raises NotRestored, NotReadable and NotCopied before anything is changed.
    """
    _require_nobody()
    _make_room(saved, database_url, say)
    check(saved)
    with database_put(saved, database_url):
        pass


def _require_nobody() -> None:
    if running := ", ".join(running_processes()):
        raise NotRestored(
            f"These gave a sign of life within the last 15 seconds: {running}. Stop every process of CashTicket and "
            "run this again then: they would record bids in a database that is not whole."
        )


def _make_room(saved: SavedParts, database_url: str, say: Say) -> None:
    if require_room(saved, database_url):
        say("A restore into this database was ended in the middle: what it left is taken away, and all begins anew.")
