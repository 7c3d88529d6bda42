"""Poster pictures: checked, re-encoded into a few sizes, and stored under names made from their content.

Only Pillow's output is stored: no metadata and no bytes of the original file. The content of a name never changes, so
browsers may cache it for ever, and storing the same picture again changes nothing.
"""

import hashlib
import io
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.poster_decoding import decoded
from cashticket.catalogue.poster_files import opened_beside

if TYPE_CHECKING:
    from PIL.Image import Image

WIDTHS = (320, 640, 1280)
FALLBACK_WIDTH = 640
"""This size is also stored as JPEG, for browsers without WebP."""

BYTES_MAX = 20_000_000
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


def take_in_beside(list_folder: Path, name: str, folder: Path | None) -> str:
    """Store the picture that a list in `list_folder` calls `name`, as `take_in` does. Raises NotPublishable, also for a
    file outside of that folder."""
    with opened_beside(list_folder, name) as opened:
        try:
            content = opened.read(BYTES_MAX + 1)
        except OSError as error:
            raise NotPublishable(f"The poster {name} cannot be read: {error.strerror}.") from error
    return keep(content, name, folder)


def keep(content: bytes, name: str, folder: Path | None) -> str:
    """Store the picture in `content` as `take_in` does; `name` is for messages. Raises NotPublishable."""
    if len(content) > BYTES_MAX:
        raise NotPublishable(f"The poster {name} is larger than {BYTES_MAX // 1_000_000} MB; save it smaller.")
    stem = hashlib.sha256(content).hexdigest()[:STEM_LETTERS]
    picture, whole = decoded(content, name, max(WIDTHS))
    if folder is None:
        return stem
    folder.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        write_whole(folder / f"{stem}-{width}.webp", _encoded(picture, whole, width, "WEBP"))
    write_whole(folder / f"{stem}-{FALLBACK_WIDTH}.jpg", _encoded(picture, whole, FALLBACK_WIDTH, "JPEG"))
    return stem


def _encoded(picture: "Image", whole: tuple[int, int], width: int, kind: str) -> bytes:
    """The picture at most `width` pixels wide, never larger than the `whole` that it was made from."""
    from PIL import Image

    width = min(width, whole[0])
    size = (width, max(1, round(whole[1] * width / whole[0])))
    # The last row and column may stand for fewer pixels of the whole than the others.
    factor = round(whole[0] / picture.width)
    box = (0, 0, min(picture.width, whole[0] / factor), min(picture.height, whole[1] / factor))
    sized = picture.resize(size, Image.Resampling.LANCZOS, box) if size != picture.size else picture.copy()
    sized.info.clear()
    written = io.BytesIO()
    if kind == "WEBP":
        sized.save(written, kind, quality=82, method=5)
    else:
        sized.save(written, kind, quality=85, optimize=True, progressive=True)
    return written.getvalue()


def write_whole(path: Path, content: bytes) -> None:
    """Write the file whole or not at all, readable by the web server's account."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    draft.write_bytes(content)
    draft.chmod(0o644)
    draft.replace(path)
