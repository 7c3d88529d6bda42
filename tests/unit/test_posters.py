"""Posters: the drawn ones, and what is stored of a picture."""

import gzip
import io
import re
import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from cashticket.catalogue import posters
from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.poster_art import HEIGHT, MARGIN, WIDTH, draw
from cashticket.catalogue.poster_text import cut, set_into, width_of

STARTS = datetime(2027, 3, 1, 10, 30, tzinfo=UTC)
ROOM = WIDTH - 2 * MARGIN
SVG = "{http://www.w3.org/2000/svg}"


def sheet(concert_id: int = 1, title: str = "한강의 밤", artist: str = "루미나", venue: str = "올림픽홀") -> str:
    return draw(concert_id, title, artist, venue, STARTS)


def texts(svg: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter(f"{SVG}text"))


def test_the_same_concert_always_gets_the_same_sheet() -> None:
    assert sheet(7) == sheet(7) and sheet(7) != sheet(8)


def test_neighbours_in_a_list_look_different() -> None:
    grounds = [re.findall(r'stop-color="(#\w+)"', sheet(number))[0] for number in range(1, 12)]
    assert len(set(grounds)) == len(grounds)


def test_the_sheet_says_what_when_and_where() -> None:
    shown = " ".join(element.text or "" for element in texts(sheet()))
    assert all(word in shown for word in ("한강의 밤", "루미나", "올림픽홀", "2027.03.01 MON 19:30"))


def test_what_the_organiser_wrote_is_text_and_nothing_else() -> None:
    svg = sheet(title='<script>alert("x")</script>', artist="A & B", venue="</svg>")
    assert "<script" not in svg and svg.count("</svg>") == 1
    assert any("A & B" in (element.text or "") for element in texts(svg))


@pytest.mark.parametrize("concert_id", range(7))
def test_no_sheet_holds_what_the_content_policy_blocks(concert_id: int) -> None:
    for element in ElementTree.fromstring(sheet(concert_id)).iter():
        assert element.tag.removeprefix(SVG) not in ("style", "script", "image", "foreignObject", "a", "use")
        for name, value in element.attrib.items():
            assert name != "style" and not name.startswith("on") and "href" not in name
            assert "url(" not in value or re.fullmatch(r"url\(#\w+\)", value)


@given(st.integers(0, 10**6), st.text(max_size=200), st.text(max_size=200), st.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_every_sheet_can_be_read_and_no_text_leaves_it(concert_id: int, title: str, artist: str, venue: str) -> None:
    for element in texts(sheet(concert_id, title, artist, venue)):
        size = int(element.attrib["font-size"])
        assert width_of(element.text or "") * size <= ROOM + 0.01
        assert size < float(element.attrib["y"]) <= HEIGHT - MARGIN


@pytest.mark.parametrize("text", ["가" * 200, "W" * 200, "a " * 100, "Supercalifragilistic " * 9])
def test_a_title_too_long_is_cut_with_an_ellipsis(text: str) -> None:
    setting = set_into(text, 500, 3, (40, 30))
    assert len(setting.lines) == 3 and setting.size == 30 and setting.lines[-1].endswith("…")


def test_a_short_title_is_set_large_and_whole() -> None:
    setting = set_into("봄", 500, 3, (72, 30))
    assert setting.lines == ("봄",) and setting.size == 72


def test_lines_break_between_words_where_they_can() -> None:
    assert set_into("one two three", 10 * width_of("one two"), 3, (10,)).lines == ("one two", "three")
    assert cut("one two", width_of("one two")) == "one two"


def test_smaller_letters_are_preferred_to_a_broken_word() -> None:
    setting = set_into("one twothree", 10 * width_of("twothree"), 4, (20, 10))
    assert (setting.lines, setting.size) == (("one", "twothree"), 10)


# Pictures


def picture(mode: str = "RGB", size: tuple[int, int] = (900, 1200), kind: str = "JPEG", **options: Any) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, options.pop("colour", None) or 0).save(written, kind, **options)
    return written.getvalue()


def opened(folder: Path, name: str) -> Image.Image:
    return Image.open(io.BytesIO((folder / name).read_bytes()))


def test_a_picture_is_kept_in_every_size(tmp_path: Path) -> None:
    stem = posters.keep(picture(size=(1500, 2000)), "a.jpg", tmp_path / "posters")
    names = sorted(path.name for path in (tmp_path / "posters").iterdir())
    assert names == sorted([f"{stem}-{width}.webp" for width in (320, 640, 1280)] + [f"{stem}-640.jpg"])
    assert all(posters.NAME.fullmatch(name) for name in names)
    assert [opened(tmp_path / "posters", f"{stem}-{width}.webp").size for width in (320, 640, 1280)] == [
        (320, 427),
        (640, 853),
        (1280, 1707),
    ]


def test_a_small_picture_is_never_made_larger(tmp_path: Path) -> None:
    stem = posters.keep(picture(size=(400, 500)), "a.jpg", tmp_path)
    assert opened(tmp_path, f"{stem}-1280.webp").size == (400, 500)


def test_the_same_picture_again_changes_nothing(tmp_path: Path) -> None:
    stem = posters.keep(picture(), "a.jpg", tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert posters.keep(picture(), "b.jpg", tmp_path) == stem
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_no_metadata_is_kept(tmp_path: Path, kind: str) -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    exif.get_ifd(0x8825)[2] = (37.0, 33.0, 59.0)
    stem = posters.keep(picture(kind=kind, exif=exif.tobytes()), "a", tmp_path)
    for path in tmp_path.iterdir():
        assert b"taken at home" not in path.read_bytes() and not opened(tmp_path, path.name).getexif(), path
    assert stem


def test_a_picture_taken_sideways_is_put_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    stem = posters.keep(picture(size=(800, 600), exif=exif.tobytes()), "a.jpg", tmp_path)
    assert opened(tmp_path, f"{stem}-1280.webp").size == (600, 800)


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("RGBA", "PNG"), ("LA", "PNG"), ("P", "PNG"), ("1", "PNG"), ("I;16", "PNG"), ("L", "JPEG"), ("CMYK", "JPEG")],
)
def test_every_kind_of_colour_ends_as_a_plain_picture(tmp_path: Path, mode: str, kind: str) -> None:
    stem = posters.keep(picture(mode, kind=kind), "a", tmp_path)
    assert opened(tmp_path, f"{stem}-640.jpg").mode == "RGB"


def test_what_is_transparent_becomes_paper(tmp_path: Path) -> None:
    stem = posters.keep(picture("RGBA", kind="PNG"), "a.png", tmp_path)
    assert opened(tmp_path, f"{stem}-640.jpg").getpixel((5, 5)) == (255, 255, 255)


def bomb(width: int, height: int) -> bytes:
    """A PNG that claims to be enormous in a few bytes."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no JPEG, PNG or WebP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no JPEG, PNG or WebP"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 900 900\n", "no JPEG, PNG or WebP"),
        (picture(kind="GIF", mode="P"), "no JPEG, PNG or WebP"),
        (picture(kind="TIFF"), "no JPEG, PNG or WebP"),
        (picture()[:-400], "damaged"),
        (picture(kind="PNG")[:300], "damaged"),
        (bomb(60_000, 60_000), "at most 50 million"),
        # Fewer pixels than Pillow itself refuses; its data is damaged, which only decoding would notice.
        (bomb(8_000, 7_000), "at most 50 million"),
        (bomb(2_000, 2_000), "damaged"),
        (picture(size=(199, 300)), "at least 200"),
        (picture(size=(300, 901)), "3 times"),
        (b"\xff" * 20_000_001, "larger than 20 MB"),
    ],
    ids=range(13),
)
def test_what_is_no_usable_picture_is_refused_and_nothing_kept(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(NotPublishable, match=words):
        posters.keep(content, "a.jpg", tmp_path / "posters")
    assert not (tmp_path / "posters").exists()


SVG_FILE = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.mark.parametrize("name", ["a.svg", "A.SVG", "a.svgz", "a.jpg"])
@pytest.mark.parametrize(
    "before",
    [b"", b"<?xml version='1.0'?>\n", b"\xef\xbb\xbf", b"\n<!-- drawn -->", b"gzip"],
    ids=["plain", "xml", "mark", "comment", "gzip"],
)
def test_an_svg_is_refused_whatever_it_is_called_and_however_it_begins(
    tmp_path: Path, name: str, before: bytes
) -> None:
    content = gzip.compress(SVG_FILE) if before == b"gzip" else before + SVG_FILE
    with pytest.raises(NotPublishable, match="no JPEG, PNG or WebP"):
        posters.keep(content, name, tmp_path / "posters")
    assert not (tmp_path / "posters").exists()


def test_a_missing_file_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(NotPublishable, match=r"nowhere\.jpg"):
        posters.take_in(tmp_path / "nowhere.jpg", tmp_path)


@pytest.mark.parametrize("name", ["../secret_key", "x.webp", f"{'a' * 32}-641.webp", f"{'A' * 32}-640.webp", "a" * 32])
def test_only_names_that_were_made_here_are_names(name: str) -> None:
    assert not posters.NAME.fullmatch(name)
