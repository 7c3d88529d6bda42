"""The shelf of files: one for each process, appended to, on the disk before a write returns, locked while it lives.

A file is begun anew, under another name and before the former one goes, once most of what it holds is recorded, or when
a write has failed. So the bids of a process are at every moment whole in one of its files.
"""

import fcntl
import os
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from cashticket.witness.blocking import run_blocking
from cashticket.witness.pages import Page, bid_text, json_text
from cashticket.witness.testimony import ShelfUnavailable

SUFFIX = ".witness"
BEGIN_ANEW_BYTES = 256 * 1024
"""A file is not begun anew before it is so long."""


class FileShelf:
    """The files of one process. Only one thread may use it."""

    def __init__(self, folder: Path, process: str) -> None:
        """`process` is the name of this process; no other one, living or dead, may have it."""
        self._folder, self._process = folder, process
        self._descriptor: int | None = None
        self._path: Path | None = None
        self._bytes = self._number = 0

    def write(self, news: Page, everything: Callable[[], Page]) -> None:
        """Append `news`, or begin anew with `everything`. Raises ShelfUnavailable; then nothing counts as written."""
        run_blocking(self._write, news, everything)

    def _write(self, news: Page, everything: Callable[[], Page]) -> None:
        try:
            if self._descriptor is None or self._is_worth_beginning_anew(news) or not self._is_in_place():
                self._begin(everything())
            else:
                self._bytes += _append(self._descriptor, lines(news))
        except OSError as error:
            # What a failed write has left is unknown, so the next one begins anew. The former file stays until then.
            self._bytes = -1
            raise ShelfUnavailable(f"{self._folder} takes no witness: {error.strerror or error}") from error

    def close(self) -> None:
        """Let go of the file. It stays, as that of a process that has ended."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor = None

    def _is_worth_beginning_anew(self, news: Page) -> bool:
        return self._bytes < 0 or self._bytes > max(BEGIN_ANEW_BYTES, 4 * news.waiting_bytes)

    def _is_in_place(self) -> bool:
        assert self._path is not None and self._descriptor is not None
        with suppress(FileNotFoundError):
            return self._path.stat().st_ino == os.fstat(self._descriptor).st_ino
        return False

    def _begin(self, everything: Page) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._number += 1
        path = self._folder / f"{self._process}.{self._number}{SUFFIX}"
        draft = path.with_suffix(".draft")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            length = _append(descriptor, lines(everything))
            draft.rename(path)
            _sync_folder(self._folder)
        except BaseException:
            os.close(descriptor)
            draft.unlink(missing_ok=True)
            raise
        former = self._path
        self.close()
        self._descriptor, self._path, self._bytes = descriptor, path, length
        if former:
            former.unlink(missing_ok=True)


def lines(page: Page) -> Iterable[bytes]:
    """The lines of a page: identities, bids, numbers, and last what the store answered, so that its line is there only
    if everything before it is."""
    # A write that failed may have left half a line.
    yield b"\n"
    for identity in page.identities:
        yield _sealed(json_text("identity", identity))
    for bid in page.bids:
        yield _sealed(b"bid " + bid_text(bid))
    for kind, numbers in (("highest", page.highest), ("recorded", page.recorded)):
        for auction_id, number in numbers.items():
            yield _sealed(json_text(kind, auction_id, number))
    if page.heard:
        yield _sealed(json_text("beat", page.heard.now_ms, page.heard.identity))


def unsealed(text: bytes) -> bytes | None:
    """The content of a line, None for one that was not written whole."""
    seal, _, content = text.partition(b" ")
    return content if seal == b"%08x" % zlib.crc32(content) else None


def _sealed(content: bytes) -> bytes:
    return b"%08x %s\n" % (zlib.crc32(content), content)


def _append(descriptor: int, parts: Iterable[bytes]) -> int:
    data = memoryview(b"".join(parts))
    length = len(data)
    while data:
        data = data[os.write(descriptor, data) :]
    os.fsync(descriptor)
    return length


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
