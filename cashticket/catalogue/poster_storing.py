"""Stores files in the folder of posters: each whole or not at all, and the pictures of a poster all or none."""

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from cashticket.errors import OperatorError

DRAFTS = ".import-"
"""How the names of folders begin in which an import gathers its posters. One that is a day old was left behind."""


def write_whole(path: Path, content: bytes) -> None:
    """Write the file whole or not at all, readable by the web server's account."""
    store_all(path.parent, {path.name: content})


def store_all(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files, name → content, into `folder`: all or none, readable by the web server's account. Raises OSError."""
    drafts = {name: folder / f".{name}.{secrets.token_hex(4)}" for name in files}
    try:
        for name, draft in drafts.items():
            # Also on a full disk nothing is left of a draft.
            draft.write_bytes(files[name])
            draft.chmod(0o644)
        for name, draft in drafts.items():
            draft.replace(folder / name)
    finally:
        for draft in drafts.values():
            with suppress(OSError):
                draft.unlink(missing_ok=True)


class NotStored(OperatorError):
    """The folder of posters takes no files; the message says why."""

    def __init__(self, folder: Path, error: OSError) -> None:
        super().__init__(f"No poster can be stored in {folder}: {os.strerror(error.errno or 0)}.")


@contextmanager
def gathered(folder: Path | None) -> Iterator[Path | None]:
    """A new folder below `folder`, whose files are moved into `folder` if the block ends well, and gone if not.

    None where `folder` is None. Raises NotStored.
    """
    if folder is None:
        yield None
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        drafts = TemporaryDirectory(prefix=DRAFTS, dir=folder)
    except OSError as error:
        raise NotStored(folder, error) from error
    with drafts as name:
        yield Path(name)
        try:
            for file in sorted(Path(name).iterdir()):
                file.replace(folder / file.name)
        except OSError as error:
            raise NotStored(folder, error) from error
