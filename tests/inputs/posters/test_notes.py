"""Notes of cameras and programs (EXIF, XMP, texts): read for the orientation alone, whatever else is in them."""

import struct
import zlib
from collections.abc import Callable

import pytest

from tests.inputs.posters.conftest import Publish
from tests.inputs.posters.looking import corners
from tests.inputs.posters.making import (
    WITH_NOTES,
    Entry,
    chunk,
    quarters,
    saved,
    segment,
    tiff,
    turned,
    webp_with_notes,
    with_chunks,
    with_segments,
    xmp,
)

SIDEWAYS, UPRIGHT = turned(6), "BRWG"
BEHIND_TWO = struct.pack("<I", 14 + 12 * 2)
XMP_HEAD = b"http://ns.adobe.com/xap/1.0/\0"

# Tag, type, count, value: what stands beside the orientation. More bytes lie behind: a fraction of nothing, then 0xff.
BESIDE: dict[str, Entry] = {
    "a resolution of one by nothing": (0x011A, 5, 1, BEHIND_TWO),
    "a negative resolution": (0x011B, 10, 1, struct.pack("<I", 14 + 12 * 2 + 8)),
    "a resolution as text": (0x011A, 2, 4, b"text"),
    "a resolution that lies elsewhere": (0x011A, 5, 1, struct.pack("<I", 60_000)),
    "a width with a sign": (0x0100, 9, 1, struct.pack("<i", -1)),
    "a height without one": (0x0101, 4, 1, b"\xff\xff\xff\xff"),
    "a unit of which there is none": (0x0128, 3, 1, struct.pack("<HH", 77, 0)),
    "a program whose name lies elsewhere": (0x0131, 2, 9, struct.pack("<I", 60_000)),
    "a title with four billion letters": (0x010E, 2, 0xFFFF_FFFF, BEHIND_TWO),
    "a title of broken letters": (0x010E, 2, 4, b"\xff\xfe\xfd\xfc"),
    "a type of which there is none": (0x9999, 77, 1, b"\0\0\0\0"),
    "a type of nothing": (0x9999, 0, 1, b"\0\0\0\0"),
    "no values": (0x010F, 3, 0, b"\0\0\0\0"),
    "a number without a name": (0x0000, 3, 1, b"\0\0\0\0"),
    "further notes that lie elsewhere": (0x8769, 4, 1, struct.pack("<I", 60_000)),
    "further notes that are these": (0x8769, 4, 1, struct.pack("<I", 8)),
    "a place on earth that is these notes": (0x8825, 4, 1, struct.pack("<I", 8)),
    "a place on earth as text": (0x8825, 2, 4, b"here"),
    "four bytes of nothing as a float": (0x9999, 11, 1, b"\xff\xff\xff\x7f"),
    "own notes of the maker": (0x927C, 7, 16, BEHIND_TWO),
}
MORE = struct.pack("<II", 1, 0) + struct.pack("<ii", -72, 1) + b"\xff" * 16


@pytest.mark.parametrize("kind", WITH_NOTES)
@pytest.mark.parametrize("name", BESIDE)
def test_what_stands_beside_the_orientation_changes_nothing(publish: Publish, name: str, kind: str) -> None:
    entries = sorted((BESIDE[name], SIDEWAYS), key=lambda entry: entry[0])
    assert corners(publish(WITH_NOTES[kind](tiff(*entries, more=MORE)))) == UPRIGHT


@pytest.mark.parametrize("kind", WITH_NOTES)
def test_of_two_orientations_the_first_counts(publish: Publish, kind: str) -> None:
    assert corners(publish(WITH_NOTES[kind](tiff(SIDEWAYS, turned(3))))) == UPRIGHT


WITHOUT = {
    "none": tiff(),
    "of no entries, and then nothing": b"II*\0\x08\0\0\0\0\0",
    "that begin beyond their end": b"II*\0\xff\xff\xff\x7f",
    "that say nothing of it": tiff((0x0131, 2, 4, b"ours")),
    "that end before it": tiff(SIDEWAYS)[:12],
    "that are text": b"none at all",
    "that are nothing but ones": b"\xff" * 40,
    "of an unknown order": b"XX*\0\x08\0\0\0\0\0",
}


@pytest.mark.parametrize("kind", WITH_NOTES)
@pytest.mark.parametrize("name", WITHOUT)
def test_notes_without_an_orientation_turn_nothing(publish: Publish, name: str, kind: str) -> None:
    assert corners(publish(WITH_NOTES[kind](WITHOUT[name]))) == "RGBW"


def test_more_entries_than_there_are_do_no_harm(publish: Publish) -> None:
    notes = bytearray(tiff(SIDEWAYS))
    notes[8:10] = b"\xff\xff"
    assert corners(publish(webp_with_notes(bytes(notes)))) in (UPRIGHT, "RGBW")


XMPS = {
    "none": (b"", "RGBW"),
    "spaces": (b" " * 2_000, "RGBW"),
    "no XML": (b"<x:xmpmeta <<<>>> \xff\xfe", "RGBW"),
    "half of it": (xmp(6)[:60], "RGBW"),
    "an orientation of nine": (xmp(9), "RGBW"),
    "an orientation of nothing": (xmp(0), "RGBW"),
    "an orientation in words": (xmp("six"), "RGBW"),
    "an orientation below nothing": (xmp(-6), "RGBW"),
    "an orientation with much behind it": (xmp(6, padding=60_000), UPRIGHT),
    "entities that grow": (
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>' + xmp("&b;"), "RGBW"),
    "a file of this machine": (b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + xmp("&a;"), "RGBW"),
    "many nested": (b"<a>" * 20_000, "RGBW"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP"])
@pytest.mark.parametrize("name", XMPS)
def test_xmp_is_read_for_a_digit_and_never_as_xml(publish: Publish, name: str, kind: str) -> None:
    notes, shown = XMPS[name]
    content = {
        "JPEG": lambda: with_segments(saved(quarters(), "JPEG", quality=95), segment(0xE1, XMP_HEAD + notes)),
        "PNG": lambda: with_chunks(saved(quarters(), "PNG"), chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + notes)),
        "WebP": lambda: saved(quarters(), "WEBP", lossless=True, xmp=notes),
    }[kind]()
    assert corners(publish(content)) == shown


# Texts of PNGs. Twelve megabytes of spaces take twelve kilobytes.
MUCH = zlib.compress(b" " * 12_000_000, 9)
TEXTS = {
    "a title": chunk(b"tEXt", b"Title\0Spring"),
    "a long title": chunk(b"tEXt", b"Title\0" + b"a" * 900_000),
    "a title of four megabytes": chunk(b"tEXt", b"Title\0" + b"a" * 4_000_000),
    "a title without a name": chunk(b"tEXt", b"\0Spring"),
    "a name without a title": chunk(b"tEXt", b"Spring"),
    "no name and no title": chunk(b"tEXt", b""),
    "a packed title": chunk(b"zTXt", b"Title\0\0" + zlib.compress(b"Spring")),
    "a title in Korean": chunk(b"iTXt", b"Title\0\0\0ko\0\0" + "봄밤".encode()),
    "a title in broken Korean": chunk(b"iTXt", b"Title\0\0\0ko\0\0" + "봄밤".encode()[:-1]),
    "a packed title in Korean": chunk(b"iTXt", b"Title\0\x01\0ko\0\0" + zlib.compress("봄밤".encode())),
    "a packed history of four megabytes": chunk(
        b"zTXt", b"Raw profile type 8bim\0\0" + zlib.compress(b" " * 4_000_000, 9)
    ),
    "a title that is no archive": chunk(b"zTXt", b"Title\0\0no archive"),
    "a day of which there is none": chunk(b"tIME", b"\0\0\x63\x63\x63\x63\x63"),
    "a kind that nobody knows": chunk(b"ouRs", b"anything"),
    "a text that is called EXIF": chunk(b"tEXt", b"exif\0not at all"),
    "a text that is called XMP": chunk(b"tEXt", b"xmp\0not at all"),
    "a large kind that nobody knows": chunk(b"ouRs", b"\xff" * 3_000_000),
}
BOMBS = {
    "zTXt": chunk(b"zTXt", b"Title\0\0" + MUCH),
    "iTXt": chunk(b"iTXt", b"Title\0\x01\0ko\0\0" + MUCH),
    "many zTXt": chunk(b"zTXt", b"Title\0\0" + zlib.compress(b" " * 1_000_000, 9)) * 2_000,
    "XMP": chunk(b"iTXt", b"XML:com.adobe.xmp\0\x01\0\0\0" + MUCH),
    "notes as packed text": chunk(b"zTXt", b"Raw profile type exif\0\0" + MUCH),
    "a way of packing that there is not": chunk(b"zTXt", b"Title\0\x07" + MUCH),
    "a text that is called interlaced": chunk(b"tEXt", b"interlace\0yes"),
    "a text that is called a box": chunk(b"tEXt", b"bbox\0yes"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_changes_nothing(publish: Publish, name: str) -> None:
    assert corners(publish(with_chunks(saved(quarters(), "PNG"), TEXTS[name]))) == "RGBW"


@pytest.mark.parametrize("name", BOMBS)
def test_a_text_that_swells_or_pretends_is_refused(refusal: Callable[[bytes], str], name: str) -> None:
    assert "damaged" in refusal(with_chunks(saved(quarters(), "PNG"), BOMBS[name]))
