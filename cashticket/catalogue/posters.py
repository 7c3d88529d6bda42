"""Poster pictures: decoded and made into a few sizes by a process of its own, and stored under names of their content.

Only what Pillow encoded there is stored: no metadata and no bytes of the original file. The content of a name never
changes, so browsers may cache it for ever, and storing the same picture again changes nothing.
"""

import hashlib
import re
from pathlib import Path

from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.poster_decoding.limits import BYTES_MAX, ENDINGS, Unusable
from cashticket.catalogue.poster_files import opened_beside
from cashticket.catalogue.poster_process import PosterProcess
from cashticket.catalogue.poster_storing import NotStored, store_all

STEM_LETTERS = 32
NAME = re.compile(r"[0-9a-f]{32}-(?:320|640|1280)\.webp|[0-9a-f]{32}-640\.jpg")


def take_in(file: Path, folder: Path | None) -> str:
    """Store the picture in `file` under `folder` (None: only check it). Returns the stem of its names. Raises
    NotPublishable naming what is wrong."""
    try:
        with file.open("rb") as opened:
            content = opened.read(BYTES_MAX + 1)
    except OSError as error:
        raise NotPublishable(f"The poster {file} cannot be read: {error.strerror}.") from error
    return keep(content, file.name, folder)


def take_in_beside(list_folder: Path, name: str, folder: Path | None, process: PosterProcess | None = None) -> str:
    """Store the picture that a list in `list_folder` calls `name`, as `take_in` does. Raises NotPublishable, also for a
    file outside of that folder."""
    with opened_beside(list_folder, name) as opened:
        try:
            content = opened.read(BYTES_MAX + 1)
        except OSError as error:
            raise NotPublishable(f"The poster {name} cannot be read: {error.strerror}.") from error
    return keep(content, name, folder, process)


def keep(content: bytes, name: str, folder: Path | None, process: PosterProcess | None = None) -> str:
    """Store the picture in `content` as `take_in` does; `name` is for messages. `process` decodes it, one for this
    picture alone unless given. Raises NotPublishable, and NotStarted or NotStored where the fault is not the file's."""
    shown = name if name.isprintable() else repr(name)
    if len(content) > BYTES_MAX:
        raise NotPublishable(f"The poster {shown} is larger than {BYTES_MAX // 1_000_000} MB; save it smaller.")
    stem = hashlib.sha256(content).hexdigest()[:STEM_LETTERS]
    try:
        if process is not None:
            pictures = process.pictures(content)
        else:
            with PosterProcess() as own:
                pictures = own.pictures(content)
    except Unusable as error:
        raise NotPublishable(f"The poster {shown} {error}") from error
    if folder is not None:
        _store(folder, {f"{stem}-{ending}": picture for ending, picture in zip(ENDINGS, pictures, strict=True)})
    return stem


def _store(folder: Path, files: dict[str, bytes]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        store_all(folder, files)
    except OSError as error:
        raise NotStored(folder, error) from error
