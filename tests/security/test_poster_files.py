"""Posters of imported lists: only files beside the list are read, in bounded memory, whatever is in them."""

import io
import os
import random
import struct
import subprocess
import sys
import unicodedata
import zlib
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from cashticket.catalogue import posters
from cashticket.catalogue.concerts import NotPublishable
from tests.house.source import ROOT

pytestmark = pytest.mark.sweep

MEMORY_MAX_KB = 300_000


def picture(mode: str = "RGB", size: tuple[int, int] = (300, 400), kind: str = "PNG", **options: Any) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, options.pop("colour", 0)).save(written, kind, **options)
    return written.getvalue()


@pytest.fixture
def season(tmp_path: Path) -> Path:
    """The folder of a list, beside one that belongs to somebody else."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "passport.png").write_bytes(picture())
    folder = tmp_path / "season"
    (folder / "pictures" / "spring").mkdir(parents=True)
    (folder / "poster.png").write_bytes(picture())
    (folder / "pictures" / "spring" / "night.png").write_bytes(picture(colour="red"))
    return folder


@pytest.mark.parametrize(
    "name", ["poster.png", "./poster.png", "pictures/spring/night.png", "pictures\\spring\\night.png"]
)
def test_a_picture_beside_the_list_or_below_it_is_taken(season: Path, tmp_path: Path, name: str) -> None:
    stem = posters.take_in_beside(season, name, tmp_path / "kept")
    assert (tmp_path / "kept" / f"{stem}-640.jpg").exists()


@pytest.mark.parametrize("on_disk", ["NFC", "NFD"])
@pytest.mark.parametrize("in_list", ["NFC", "NFD"])
def test_hangul_names_are_found_however_they_are_composed(season: Path, on_disk: Any, in_list: Any) -> None:
    folder = season / unicodedata.normalize(on_disk, "가을")
    folder.mkdir()
    (folder / unicodedata.normalize(on_disk, "포스터.png")).write_bytes(picture())
    assert posters.take_in_beside(season, unicodedata.normalize(in_list, "가을/포스터.png"), None)


@pytest.mark.parametrize(
    "name",
    [
        "../secret/passport.png", "..\\secret\\passport.png", "pictures/../../secret/passport.png", "/etc/hostname",
        "\\\\server\\share\\x.png", "C:\\poster.png", "{outside}", "link.png", "linked/passport.png", "..", "", ".",
        "/", "pictures", "pipe", "poster.png\0", "nowhere.png", "x" * 300, "poster.png/inside",
    ],
)  # fmt: skip
def test_every_other_path_is_refused_in_a_sentence(season: Path, tmp_path: Path, name: str) -> None:
    (season / "link.png").symlink_to(tmp_path / "secret" / "passport.png")
    (season / "linked").symlink_to(tmp_path / "secret")
    os.mkfifo(season / "pipe")
    with pytest.raises(NotPublishable, match=r"^The poster .*\.$"):
        posters.take_in_beside(season, name.format(outside=tmp_path / "secret" / "passport.png"), tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_a_link_that_stays_in_the_folder_is_followed(season: Path) -> None:
    (season / "again.png").symlink_to("pictures/spring/night.png")
    assert posters.take_in_beside(season, "again.png", None)


def test_a_list_in_a_linked_folder_finds_its_pictures(season: Path, tmp_path: Path) -> None:
    (tmp_path / "today").symlink_to(season)
    assert posters.take_in_beside(tmp_path / "today", "poster.png", None)


# What is in the file


def exif(*entries: tuple[int, int, int, bytes]) -> bytes:
    """An EXIF block of (tag, type, count, four bytes of value or offset)."""
    rows = b"".join(struct.pack("<HHI", *entry[:3]) + entry[3] for entry in entries)
    return b"Exif\0\0II*\0\x08\0\0\0" + struct.pack("<H", len(entries)) + rows + b"\0" * 4 + b"\xff" * 16


SIDEWAYS = (0x0112, 3, 1, b"\x06\0\0\0")


@pytest.mark.parametrize(
    "other",
    [
        (0x011A, 5, 1, struct.pack("<I", 38)),
        (0x011A, 2, 4, b"text"),
        (0x0100, 9, 1, struct.pack("<i", -1)),
        (0x0131, 2, 9, struct.pack("<I", 60_000)),
    ],
)
def test_a_picture_with_odd_notes_is_upright_all_the_same(tmp_path: Path, other: tuple[int, int, int, bytes]) -> None:
    content = picture(size=(800, 600), kind="JPEG", exif=exif(SIDEWAYS, other))
    stem = posters.keep(content, "phone.jpg", tmp_path)
    with Image.open(tmp_path / f"{stem}-1280.webp") as kept:
        assert kept.size == (600, 800)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_whatever_is_changed_in_a_file_is_the_fault_of_that_file(tmp_path: Path, kind: str) -> None:
    chance = random.Random(f"posters {kind}")
    notes = exif(SIDEWAYS, (0x011A, 5, 1, struct.pack("<I", 38)))
    whole = picture(size=(220, 260), kind=kind, exif=notes)
    for _ in range(200):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        try:
            posters.keep(bytes(broken), "list.png", None)
        except NotPublishable as error:
            assert str(error).endswith(".") and "list.png" in str(error)


def grey_16(transparent: int | None = None) -> bytes:
    """A PNG of 256 by 256 pixels of 16-bit grey, from black on the left to white on the right."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    row = b"\0" + b"".join(struct.pack(">H", level * 257) for level in range(256))
    head = struct.pack(">IIBBBBB", 256, 256, 16, 0, 0, 0, 0)
    extra = b"" if transparent is None else chunk(b"tRNS", struct.pack(">H", transparent))
    pixels = chunk(b"IDAT", zlib.compress(row * 256))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + pixels + chunk(b"IEND", b"")


@pytest.mark.parametrize("transparent", [None, 0])
def test_grey_of_16_bits_keeps_its_greys(tmp_path: Path, transparent: int | None) -> None:
    stem = posters.keep(grey_16(transparent), "grey.png", tmp_path)
    with Image.open(tmp_path / f"{stem}-640.jpg") as kept:
        greys = [kept.convert("L").getpixel((x, 128)) for x in range(10, 256, 35)]
        edge = kept.convert("L").getpixel((0, 128))
    assert all(abs(int(grey) - x) <= 6 for grey, x in zip(greys, range(10, 256, 35), strict=True))  # type: ignore[arg-type]
    assert (int(edge) > 200) is (transparent == 0)  # type: ignore[arg-type]


# Memory

MEASURE = """
import re, resource, sys
from pathlib import Path
from cashticket.catalogue import posters
from cashticket.catalogue.concerts import NotPublishable
resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000,) * 2)
try:
    print(posters.take_in(Path(sys.argv[1]), Path(sys.argv[2])))
except NotPublishable as error:
    print(error)
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""
LARGE: dict[str, tuple[str, tuple[int, int], str, dict[str, Any]]] = {
    "RGB": ("RGB", (7000, 7000), "PNG", {}),
    "RGBA": ("RGBA", (7000, 7000), "PNG", {"colour": (9, 99, 9, 128)}),
    "fitting RGBA": ("RGBA", (5700, 5700), "PNG", {"colour": (9, 99, 9, 128)}),
    "palette": ("P", (7000, 7000), "PNG", {}),
    "grey": ("L", (7000, 7000), "PNG", {}),
    "JPEG": ("RGB", (7000, 7000), "JPEG", {}),
    "CMYK": ("CMYK", (7000, 7000), "JPEG", {}),
    "progressive": ("RGB", (7000, 7000), "JPEG", {"progressive": True}),
    "WEBP": ("RGB", (7000, 7000), "WEBP", {"method": 0}),
    "fitting WEBP": ("RGBA", (2800, 2800), "WEBP", {"method": 0}),
    "fitting progressive": ("RGB", (4600, 4600), "JPEG", {"progressive": True}),
}
REFUSED = {"RGB", "RGBA", "progressive", "WEBP"}


@pytest.mark.parametrize("name", LARGE)
def test_a_large_picture_takes_little_memory_or_is_refused_before_it_is_decoded(tmp_path: Path, name: str) -> None:
    mode, size, kind, options = LARGE[name]
    file = tmp_path / "large"
    file.write_bytes(picture(mode, size, kind, **options))
    command = [sys.executable, "-c", MEASURE, str(file), str(tmp_path / "kept")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    *_, shown, peak_kb = done.stdout.split("\n")[:-1]
    assert int(peak_kb) < MEMORY_MAX_KB, f"{int(peak_kb) // 1000} MB"
    assert ("save it as at most" in shown) is (name in REFUSED), shown
    if name not in REFUSED:
        with Image.open(tmp_path / "kept" / f"{shown}-1280.webp") as kept:
            assert kept.size == (1280, 1280)
