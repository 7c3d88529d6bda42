"""Copies of the live store's append-only log, taken while the store goes on writing.

A manifest names the files: a base and what came after it. The store replaces the manifest when it has rewritten its
log, so a copy is whole if the manifest is the same afterwards. The last file may end inside a transaction, which
deploy/compose/mend-log.sh removes before a store starts with the copy.
"""

import re
import shutil
from pathlib import Path

from cashticket.errors import OperatorError

LOG_FOLDER = "appendonlydir"
ATTEMPTS_MAX = 20
_FILE = re.compile(r"^file (\S+) seq \d+ type [bi]\b", re.MULTILINE)


class NoStoreLog(OperatorError):
    """The folder holds no append-only log that can be copied."""


def copy_log(folder: Path, target: Path) -> int:
    """Copy the log of the store whose data folder is `folder` to `target`, which must not exist. Returns its bytes.
    Raises NoStoreLog."""
    manifest = _manifest(folder)
    for _ in range(ATTEMPTS_MAX):
        before = manifest.read_text(encoding="utf-8")
        target.mkdir(mode=0o700, parents=True)
        try:
            for name in _FILE.findall(before):
                shutil.copyfile(manifest.parent / name, target / name)
        except FileNotFoundError:
            before = ""
        if before and manifest.read_text(encoding="utf-8") == before:
            (target / manifest.name).write_text(before, encoding="utf-8")
            return sum(file.stat().st_size for file in target.iterdir())
        shutil.rmtree(target)
    raise NoStoreLog(f"The log in {manifest.parent} was replaced {ATTEMPTS_MAX} times while it was copied; try again.")


def put_log(saved: Path, folder: Path) -> None:
    """Put a copy into the data folder of a store that does not run. Raises NoStoreLog where one has a log already."""
    require_no_log(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copytree(saved, folder / LOG_FOLDER, dirs_exist_ok=True)


def require_no_log(folder: Path) -> None:
    """Raises NoStoreLog if the data folder of a store holds a log."""
    present = folder / LOG_FOLDER
    if present.exists() and any(present.iterdir()):
        raise NoStoreLog(f"{present} is not empty: stop the live store and move that folder away first.")


def _manifest(folder: Path) -> Path:
    # While the store replaces its manifest, the new one has a name that begins with temp-.
    manifests = [file for file in (folder / LOG_FOLDER).glob("*.manifest") if not file.name.startswith("temp-")]
    if len(manifests) != 1:
        raise NoStoreLog(
            f"{folder / LOG_FOLDER} has {len(manifests)} manifests, not 1: name the data folder of the live store "
            "(`dir`), which must write its log (appendonly yes)."
        )
    return manifests[0]
