"""Which kind of file it is, its content says; of pictures that move the first one is published."""

import gzip
import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from cashticket.catalogue import posters
from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.poster_process import PosterProcess
from tests.inputs.posters.conftest import Publish
from tests.inputs.posters.looking import corners
from tests.inputs.posters.making import (
    SIGNATURE,
    SIZE,
    chunk,
    head,
    picture,
    quarters,
    saved,
    segment,
    tiff,
    turned,
    with_segments,
)

HTML = b"<!doctype html><title>poster</title><script>alert(1)</script>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' width='300' height='300'><script>alert(1)</script></svg>"


def foreign(kind: str, mode: str = "RGB") -> Callable[[], bytes]:
    return lambda: saved(quarters().convert(mode), kind)


def zipped() -> bytes:
    return b"PK\x03\x04" + b"\0" * 26 + picture()


FOREIGN: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "one byte": lambda: b"\x89",
    "zeros": lambda: b"\0" * 5_000,
    "GIF": foreign("GIF", "P"),
    "BMP": foreign("BMP"),
    "TIFF": foreign("TIFF"),
    "ICO": foreign("ICO"),
    "PPM": foreign("PPM"),
    "TGA": foreign("TGA"),
    "JPEG 2000": foreign("JPEG2000"),
    "AVIF": foreign("AVIF"),
    "HEIC": lambda: struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + b"\0" * 400,
    "PDF": foreign("PDF"),
    "EPS": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 900 900\n",
    "PSD": lambda: b"8BPS\0\1" + b"\0" * 6 + struct.pack(">HIIHH", 3, 300, 300, 8, 3) + b"\0" * 90_000,
    "HTML": lambda: HTML,
    "SVG": lambda: SVG,
    "SVG behind an XML head": lambda: b"<?xml version='1.0'?>\n" + SVG,
    "SVG behind a mark": lambda: b"\xef\xbb\xbf\n<!-- drawn -->" + SVG,
    "SVGZ": lambda: gzip.compress(SVG),
    "ZIP": zipped,
    "a program": lambda: b"\x7fELF\x02\x01\x01" + b"\0" * 900,
    "text": lambda: "포스터는 메일로 보냅니다".encode(),
    "WAV": lambda: b"RIFF\x24\x08\0\0WAVEfmt " + b"\0" * 900,
    "a picture behind a line": lambda: b"\n" + picture(),
    "a picture in base64": lambda: b"data:image/png;base64,iVBORw0KGgo=",
    "the head of a PNG": lambda: SIGNATURE,
    "the head of a JPEG": lambda: b"\xff\xd8\xff",
    "the head of a WebP": lambda: b"RIFF\xff\0\0\0WEBPVP8 ",
}
NAMES = ("poster.png", "poster.PNG", "poster.jpg", "poster.svg", "poster", "포스터.webp", ".png", "poster.png.exe")


@pytest.mark.parametrize("name", FOREIGN)
def test_another_kind_of_file_is_refused_whatever_it_is_called(refusal: Callable[[bytes], str], name: str) -> None:
    why = refusal(FOREIGN[name]())
    assert "is no JPEG, PNG or WebP picture." in why or "is damaged" in why


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_taken_whatever_it_is_called(tmp_path: Path, process: PosterProcess, name: str, kind: str) -> None:
    stem = posters.keep(saved(quarters(), kind), name, tmp_path, process)
    with Image.open(tmp_path / f"{stem}-640.jpg") as stored:
        assert corners(stored) == "RGBW"


# Pictures that move

OTHER = Image.new("RGB", SIZE, (0, 0, 0))


def moving(kind: str, **options: object) -> bytes:
    """The quarters, then black."""
    return saved(quarters(), kind, save_all=True, append_images=[OTHER, OTHER], duration=100, **options)


def frame(number: int, size: tuple[int, int] = SIZE, place: tuple[int, int] = (0, 0)) -> bytes:
    return chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, *size, *place, 1, 10, 0, 0))


def apng(first: bytes, behind: bytes, frames: int = 2) -> bytes:
    """The quarters as a PNG with chunks of an animation before and behind its pixels."""
    raw = b"".join(b"\0" + quarters().crop((0, y, SIZE[0], y + 1)).tobytes() for y in range(SIZE[1]))
    count = chunk(b"acTL", struct.pack(">II", frames, 0))
    pixels = chunk(b"IDAT", zlib.compress(raw))
    return SIGNATURE + head(SIZE, 8, 2) + count + first + pixels + behind + chunk(b"IEND", b"")


BLACK = struct.pack(">I", 2) + zlib.compress((b"\0" + b"\0" * SIZE[0] * 3) * SIZE[1])
MOVING: dict[str, Callable[[], bytes]] = {
    "WebP": lambda: moving("WEBP", lossless=True),
    "WebP that is shown once": lambda: moving("WEBP", lossless=True, loop=1),
    "WebP of one": lambda: saved(quarters(), "WEBP", lossless=True, save_all=True),
    "PNG": lambda: moving("PNG"),
    "PNG whose first picture is not shown": lambda: moving("PNG", default_image=True),
    "PNG by hand": lambda: apng(frame(0), frame(1) + chunk(b"fdAT", BLACK)),
    "PNG by hand, first picture not shown": lambda: apng(b"", frame(0) + frame(1) + chunk(b"fdAT", BLACK)),
    "PNG that ends after the first": lambda: apng(frame(0), b""),
    "PNG of a thousand that are not there": lambda: apng(frame(0), b"", frames=1_000),
    "PNG whose second is damaged": lambda: apng(frame(0), frame(1) + chunk(b"fdAT", b"\0\0\0\2no archive")),
    "PNG whose second lies outside": lambda: apng(frame(0), frame(1, place=(9_000, 9_000)) + chunk(b"fdAT", BLACK)),
    "JPEG of two": lambda: saved(quarters(), "MPO", save_all=True, append_images=[OTHER], quality=95),
    "JPEG of two that is turned": lambda: mpo(6),
}


def mpo(orientation: int) -> bytes:
    notes = b"Exif\0\0" + tiff(turned(orientation))
    return saved(quarters(), "MPO", save_all=True, append_images=[OTHER], quality=95, exif=notes)


@pytest.mark.parametrize("name", MOVING)
def test_of_pictures_that_move_the_first_is_published(publish: Publish, name: str) -> None:
    assert corners(publish(MOVING[name]())) == ("BRWG" if name.endswith("turned") else "RGBW")


NOT_SHOWABLE: dict[str, Callable[[], bytes]] = {
    "its first is damaged": lambda: moving("WEBP", lossless=True)[:200],
    "no pictures at all": lambda: apng(frame(0), b"", frames=0)[: -12 - 400],
    "a count of four billion": lambda: apng(frame(0), b"", frames=0xFFFF_FFFF),
    "a first that lies outside": lambda: apng(frame(0, place=(9_000, 0)), b""),
    "a first larger than the whole": lambda: apng(frame(0, size=(9_000, 9_000)), b""),
}


@pytest.mark.parametrize("name", NOT_SHOWABLE)
def test_a_picture_that_moves_wrongly_is_refused_or_its_pixels_are_shown(
    process: PosterProcess, tmp_path: Path, name: str
) -> None:
    try:
        stem = posters.keep(NOT_SHOWABLE[name](), "poster.png", tmp_path, process)
    except NotPublishable:
        assert not list(tmp_path.iterdir())
    else:
        assert corners(Image.open(tmp_path / f"{stem}-1280.webp").convert("RGB")) == "RGBW"


def test_a_phone_picture_of_twelve_million_pixels_with_a_preview_is_taken(publish: Publish) -> None:
    preview = io.BytesIO()
    quarters((300, 400)).save(preview, "JPEG")
    large = saved(quarters((3_000, 4_000)), "MPO", save_all=True, append_images=[quarters((300, 400))], quality=80)
    shown = publish(with_segments(large, segment(0xE5, preview.getvalue())))
    assert corners(shown) == "RGBW" and shown.size == (1280, 1707)
