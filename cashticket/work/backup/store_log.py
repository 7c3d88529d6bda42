"""Copies of the live store's append-only log, taken while the store goes on writing.

A manifest names the files: a base and what came after it. The store replaces the manifest when it has rewritten its
log, so a copy is whole if the manifest is the same afterwards. The last file may end inside a transaction, which
deploy/compose/mend-log.sh removes before a store starts with the copy.
"""

import fcntl
import io
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cashticket.auction.store_names import FIRST_STORE
from cashticket.errors import OperatorError
from cashticket.work.backup.parts import NewParts, SavedParts, sync_folder

LOG_FOLDER = "appendonlydir"
ATTEMPTS_MAX = 20
_FILE = re.compile(r"^file (\S+) seq \d+ type [bi]\b", re.MULTILINE)


class NoStoreLog(OperatorError):
    """The folder holds no append-only log that can be copied or put back."""


def log_of(store: str) -> str:
    """The folder in a backup that has the log of the live store of this name."""
    return LOG_FOLDER if store == FIRST_STORE else f"{LOG_FOLDER}.{store}"


def copy_log(store: str, folder: Path, parts: NewParts) -> int:
    """Copy the log of the live store of this name, whose data folder is `folder`, to the parts of a backup. Returns
    their bytes. Raises NoStoreLog."""
    log = log_of(store)
    manifest = _manifest(folder)
    for _ in range(ATTEMPTS_MAX):
        text = manifest.read_text(encoding="utf-8")
        size = None
        with suppress(FileNotFoundError):
            size = sum(_add(parts, log, manifest.parent / name) for name in _FILE.findall(text))
        # The log of a store that is new has no bytes yet.
        if size is not None and manifest.read_text(encoding="utf-8") == text:
            return size + parts.add(f"{log}/{manifest.name}", io.BytesIO(text.encode()))
        parts.take_back(log)
    raise NoStoreLog(f"The log in {manifest.parent} was replaced {ATTEMPTS_MAX} times while it was copied; try again.")


def _add(parts: NewParts, log: str, file: Path) -> int:
    with file.open("rb") as source:
        return parts.add(f"{log}/{file.name}", source)


def logs_in(saved: SavedParts) -> set[str]:
    """The folders in a backup that have the log of a live store."""
    return {name.partition("/")[0] for name in saved.names if name.startswith(LOG_FOLDER)}


def require_whole_logs(saved: SavedParts) -> None:
    """Raises NoStoreLog if a backup lacks the log of the first live store, or a file of any log."""
    for log in sorted(logs_in(saved) | {LOG_FOLDER}):
        names = _log_names(saved, log)
        manifests = [name for name in names if name.endswith(".manifest")]
        if len(manifests) != 1:
            raise NoStoreLog(f"{saved.folder} is no whole backup: it has no folder {log} with one manifest.")
        wanted = {f"{log}/{name}" for name in _FILE.findall(saved.text(manifests[0]))}
        if missing := sorted(wanted - set(names)):
            raise NoStoreLog(f"{saved.folder} is no whole backup: it lacks {', '.join(missing)}.")


@contextmanager
def store_stopped(folder: Path) -> Iterator[None]:
    """Make the data folder of a store unless it is there, and keep stores from starting in it while the block runs:
    mend-log.sh, which starts them, holds this lock too. Raises NoStoreLog where one runs."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise NoStoreLog(f"A store runs in {folder}: stop it and every process of CashTicket first.") from None
    finally:
        os.close(handle)


@contextmanager
def log_put(saved: SavedParts, store: str, folder: Path) -> Iterator[None]:
    """Write the log of the live store of this name beside its place in the data folder of that store, which does not
    run; it gets its name once the block has ended well, and goes otherwise. Raises NoStoreLog where the store has a
    log already, and NotReadable.
    """
    require_no_log(folder)
    draft = folder / f".{LOG_FOLDER}.restoring"
    # One that was killed left it; its log never got its name.
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    try:
        for name in _log_names(saved, log_of(store)):
            with (draft / Path(name).name).open("xb") as file:
                saved.read(name, file)
                file.flush()
                os.fsync(file.fileno())
        _give_to_owner(draft, folder)
        sync_folder(draft)
        yield
        draft.rename(folder / LOG_FOLDER)
        sync_folder(folder)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def _give_to_owner(draft: Path, folder: Path) -> None:
    """Make the files those of the account that owns the data folder, where this process may."""
    owner = folder.stat()
    if os.geteuid() == 0:
        for path in (draft, *draft.iterdir()):
            os.chown(path, owner.st_uid, owner.st_gid)


def require_no_log(folder: Path) -> None:
    """Raises NoStoreLog if the data folder of a store holds a log."""
    present = folder / LOG_FOLDER
    if present.exists() and any(present.iterdir()):
        raise NoStoreLog(f"{present} is not empty: stop the live store and move that folder away first.")


def _log_names(saved: SavedParts, log: str) -> list[str]:
    return [name for name in saved.names if name.startswith(f"{log}/")]


def _manifest(folder: Path) -> Path:
    # While the store replaces its manifest, the new one has a name that begins with temp-.
    manifests = [file for file in (folder / LOG_FOLDER).glob("*.manifest") if not file.name.startswith("temp-")]
    if len(manifests) != 1:
        raise NoStoreLog(
            f"{folder / LOG_FOLDER} has {len(manifests)} manifests, not 1: name the data folder of the live store "
            "(`dir`), which must write its log (appendonly yes)."
        )
    return manifests[0]
