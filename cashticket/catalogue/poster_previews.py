"""The picture that other programs show beside a shared link to a concert or its auction: a PNG of 1,200 by 630.

It is painted from the poster when it is first asked for, once, and stored beside the posters under a name made of what
it is painted from, so that everybody may keep it for ever. Of all processes that share the folder one paints at a time:
however many pictures are asked for, bids lose at most one processor, and one thread of one process, to them.
"""

import fcntl
import io
import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from cashticket.catalogue import preview_art
from cashticket.catalogue.poster_decoding.limits import FALLBACK_WIDTH
from cashticket.catalogue.poster_storing import write_whole
from cashticket.catalogue.posters import STEM_LETTERS
from cashticket.logs.failures import failure_text

log = logging.getLogger(__name__)

SIZE = preview_art.SIZE
PAINTER = 1
"""Counts up when the same poster is painted otherwise: its pictures then have new names."""

LOCK = ".previews.lock"


class Painting(Exception):
    """Another picture is being painted, or none can be stored; try again in a second."""


def name_of(concert_id: int, poster: str | None) -> str:
    """The name of the picture of a concert whose uploaded poster has the stem `poster` (None: it has the drawn one)."""
    painted_from = f"preview {PAINTER} of {poster or concert_id}"
    return sha256(painted_from.encode()).hexdigest()[:STEM_LETTERS]


def file_of(concert_id: int, poster: str | None) -> str:
    """The name of its file in the folder of posters."""
    return f"{name_of(concert_id, poster)}-preview.png"


def paint_once(concert_id: int, poster: str | None, folder: Path) -> None:
    """Paint and store the picture in `folder` unless that was done. Raises Painting, and FileNotFoundError if the
    uploaded poster is not there."""
    file = folder / file_of(concert_id, poster)
    if file.exists():
        return
    source = folder / f"{poster}-{FALLBACK_WIDTH}.jpg" if poster else None
    if source is not None and not source.exists():
        raise FileNotFoundError(source)
    with _alone(folder):
        # Whoever painted meanwhile may have painted this one.
        if file.exists():
            return
        picture = preview_art.of_picture(source) if source else preview_art.of_shapes(concert_id)
        written = io.BytesIO()
        picture.save(written, "PNG")
        write_whole(file, written.getvalue())


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """As the only painter of all processes that share the folder; the system lets go when a process dies. Raises
    Painting at once when there is another, and when the folder takes no files."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / LOCK).open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # A full disk is found out before the work.
            _try_writing(folder)
            yield
    except BlockingIOError as error:
        raise Painting from error
    except OSError as error:
        log.warning("no preview picture can be stored: %s", failure_text(error))
        raise Painting from error


def _try_writing(folder: Path) -> None:
    draft = folder / f".preview.{secrets.token_hex(4)}"
    number = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        os.write(number, b"\0")
    finally:
        os.close(number)
        draft.unlink()
