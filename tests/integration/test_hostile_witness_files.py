"""What does not belong into the folder of the witnesses is named, and never hangs or breaks whoever reads it."""

import json
import os
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from cashticket.engine.condition import Pulse
from cashticket.witness.file_reading import FILE_BYTES_MAX, FileRecords
from cashticket.witness.file_shelf import FileShelf
from cashticket.witness.pages import Page
from cashticket.witness.testimony import ShelfUnavailable

ALICES = "alices.1.witness"
MALLORYS = "mallorys.1.witness"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which alice's process has written that number 5 of auction 7 was given."""
    shelf = FileShelf(tmp_path, "alices")
    page = Page(highest={7: 5}, heard=Pulse("run-a master", 1_000))
    shelf.write(page, lambda: page)
    shelf.close()
    return tmp_path


def sealed(text: str) -> bytes:
    return b"%08x %s\n" % (zlib.crc32(text.encode()), text.encode())


def link(path: Path) -> None:
    path.symlink_to("/dev/zero")


def dangling_link(path: Path) -> None:
    path.symlink_to("nowhere")


def huge(path: Path) -> None:
    path.touch()
    os.truncate(path, FILE_BYTES_MAX + 1)


NO_WITNESSES: tuple[Callable[[Path], object], ...] = (
    link,
    dangling_link,
    huge,
    os.mkfifo,
    Path.mkdir,
    lambda path: path.write_bytes(sealed("bid 7 no entry")),
    lambda path: path.write_bytes(sealed("[[[")),
    lambda path: path.write_bytes(sealed(json.dumps(["highest", 7, 10**30]))),
)


@pytest.mark.parametrize("put", NO_WITNESSES)
def test_what_is_no_file_of_a_witness_is_named(folder: Path, put: Callable[[Path], object]) -> None:
    put(folder / MALLORYS)
    with pytest.raises(ShelfUnavailable, match=MALLORYS):
        FileRecords(folder).records()


@pytest.mark.parametrize(
    "content",
    [
        b"\x00" * 1_000_000,
        b"\xff\n" * 1000,
        sealed(json.dumps(["highest", 7, "many"])),
        sealed(json.dumps(["identity", [1]])),
        sealed(json.dumps({"of": "a later release"})),
    ],
)
def test_lines_that_no_witness_wrote_are_skipped(folder: Path, content: bytes) -> None:
    (folder / MALLORYS).write_bytes(content)
    records = {record.process: record for record in FileRecords(folder).records()}
    assert records["alices"].auctions[7].highest == 5
    assert not records["mallorys"].alive and not records["mallorys"].auctions


def test_garbage_behind_what_was_written_hides_nothing(folder: Path) -> None:
    with (folder / ALICES).open("ab") as file:
        file.write(b"\x00" * 200_000 + b"\n" + sealed(json.dumps(["highest", 7, 6])))
    [record] = FileRecords(folder).records()
    assert record.auctions[7].highest == 6
