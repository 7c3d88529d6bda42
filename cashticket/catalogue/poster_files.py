"""Opens the poster files that an imported list names: only pictures in the folder of the list, or below it.

Lists come from organisers, who must not be able to have another file of this machine read and published.
"""

import os
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cashticket.catalogue.concerts import NotPublishable


@contextmanager
def opened_beside(folder: Path, name: str) -> Iterator[BinaryIO]:
    """Open the file that a list in `folder` calls `name`, with `/` or `\\` between folders and its letters composed in
    either way of Unicode. Raises NotPublishable if it is not there, no file, or outside."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    if not parts or name[:1] in ("/", "\\") or ".." in parts or ":" in parts[0] or "\0" in name:
        raise NotPublishable(
            f"The poster {name[:80]!r} is not named as a file beside the imported one; put it there and write its name."
        )
    try:
        real_folder = folder.resolve(strict=True)
        real = _spelled(real_folder, parts).resolve(strict=True)
        if not real.is_relative_to(real_folder):
            raise NotPublishable(
                f"The poster {name[:80]!r} is a link to a file outside the folder of the imported one."
            )
        number = _open_below(real_folder, real.relative_to(real_folder).parts)
    except OSError as error:
        raise NotPublishable(f"The poster {name[:80]!r} cannot be read: {error.strerror}.") from error
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise NotPublishable(f"The poster {name[:80]!r} is no file.")
    with os.fdopen(number, "rb") as opened:
        yield opened


def _spelled(folder: Path, parts: list[str]) -> Path:
    """The path as the disk spells it: macOS takes Hangul letters apart, most lists do not."""
    path = folder
    for part in parts:
        path = path / part
        if not os.path.lexists(path):
            composed = unicodedata.normalize("NFC", part)
            same = (each for each in path.parent.iterdir() if unicodedata.normalize("NFC", each.name) == composed)
            path = next(same, path)
    return path


def _open_below(folder: Path, parts: tuple[str, ...]) -> int:
    """Open a file for reading, without following a link that was put there meanwhile. Returns its descriptor."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    for place, part in enumerate(parts, 1):
        # A pipe would wait for its writer.
        kind = os.O_NONBLOCK if place == len(parts) else os.O_DIRECTORY
        try:
            inner = os.open(part, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | kind, dir_fd=number)
        finally:
            os.close(number)
        number = inner
    return number
