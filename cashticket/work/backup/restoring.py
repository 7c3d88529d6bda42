"""Puts a backup back, after it was read to its end: into stores that are empty, or not at all."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path

from cashticket.auction.store_names import FIRST_STORE
from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable
from cashticket.errors import OperatorError
from cashticket.work.backup.database_copy import database_put, require_room
from cashticket.work.backup.parts import SavedParts
from cashticket.work.backup.running import running_processes
from cashticket.work.backup.store_log import (
    log_of,
    log_put,
    logs_in,
    require_no_log,
    require_whole_logs,
    store_stopped,
)

Say = Callable[[str], None]


class NotRestored(OperatorError):
    """Nothing was put back."""


def check(saved: SavedParts) -> None:
    """Read a whole backup and change nothing. Raises NotReadable and NoStoreLog for one that cannot be put back."""
    require_whole_logs(saved)
    saved.check()


def restore(
    engine: Engine, saved: SavedParts, store_folders: Mapping[str, Path], database_url: str, say: Say = print
) -> None:
    """Put a backup into an empty database, and the log of each live store into its own data folder; none of them runs.

    What a restore left that was killed is taken away first, which `say` is told. Raises NotRestored, NotReadable,
    NotCopied and NoStoreLog before anything that is there is changed. Where something fails later, such as a full
    disk, what was put is taken back.
    """
    for name, store in engine.stores().items():
        _require_stopped(name, store)
    _require_nobody()
    with ExitStack() as held:
        for folder in store_folders.values():
            held.enter_context(store_stopped(folder))
            require_no_log(folder)
        _require_each_log(saved, store_folders)
        _make_room(saved, database_url, say)
        check(saved)
        # Each log gets its name before the database counts: never is there a whole ledger beside an empty store.
        held.enter_context(database_put(saved, database_url))
        for name, folder in store_folders.items():
            held.enter_context(log_put(saved, name, folder))


def _require_stopped(name: str, store: Engine) -> None:
    try:
        store.clock()
    except (StoreUnavailable, OutcomeUnknown):
        return
    where = "REDIS_URL" if name == FIRST_STORE else f"{name} in LIVE_STORES"
    raise NotRestored(f"The live store at {where} runs: stop it and every process of CashTicket first.")


def _require_each_log(saved: SavedParts, names: Iterable[str]) -> None:
    present, wanted = logs_in(saved), set(map(log_of, names))
    if missing := ", ".join(sorted(wanted - present)):
        raise NotRestored(f"{saved.folder} is no whole backup: it has no folder {missing}.")
    if further := ", ".join(sorted(present - wanted)):
        raise NotRestored(f"{saved.folder} has {further} of live stores that LIVE_STORES does not name.")


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
