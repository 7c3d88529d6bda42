"""A picture is published as upright as its notes say, in whatever file and spelling they say it."""

import struct
from collections.abc import Callable

import pytest

from tests.inputs.posters.conftest import Publish
from tests.inputs.posters.looking import corners
from tests.inputs.posters.making import (
    SIZE,
    WITH_NOTES,
    chunk,
    jpeg_with_notes,
    png_with_notes,
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

# Orientation → the quarters in reading order of the upright picture.
UPRIGHT = {1: "RGBW", 2: "GRWB", 3: "WBGR", 4: "BWRG", 5: "RBGW", 6: "BRWG", 7: "WGBR", 8: "GWRB"}
XMP_HEAD = b"http://ns.adobe.com/xap/1.0/\0"


def jpeg_with_xmp(notes: bytes) -> bytes:
    return with_segments(saved(quarters(), "JPEG", quality=95), segment(0xE1, XMP_HEAD + notes))


def png_with_xmp(notes: bytes) -> bytes:
    return with_chunks(saved(quarters(), "PNG"), chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + notes))


def webp_with_xmp(notes: bytes) -> bytes:
    return saved(quarters(), "WEBP", lossless=True, xmp=notes)


WITH_XMP: dict[str, Callable[[bytes], bytes]] = {"JPEG": jpeg_with_xmp, "PNG": png_with_xmp, "WebP": webp_with_xmp}


@pytest.mark.parametrize("order", ["<", ">"], ids=["lowest first", "highest first"])
@pytest.mark.parametrize("kind", WITH_NOTES)
@pytest.mark.parametrize("orientation", UPRIGHT)
def test_each_orientation_is_put_upright(publish: Publish, orientation: int, kind: str, order: str) -> None:
    shown = publish(WITH_NOTES[kind](tiff(turned(orientation, order), order=order)))
    assert corners(shown) == UPRIGHT[orientation]
    assert shown.size == (SIZE if orientation < 5 else SIZE[::-1])


@pytest.mark.parametrize("kind", WITH_XMP)
@pytest.mark.parametrize("orientation", UPRIGHT)
def test_where_only_xmp_has_the_orientation_it_counts(publish: Publish, orientation: int, kind: str) -> None:
    assert corners(publish(WITH_XMP[kind](xmp(orientation)))) == UPRIGHT[orientation]


def test_the_camera_is_believed_before_xmp(publish: Publish) -> None:
    both = with_segments(jpeg_with_notes(tiff(turned(6))), segment(0xE1, XMP_HEAD + xmp(3)))
    assert corners(publish(both)) == UPRIGHT[6]
    both = with_chunks(png_with_notes(tiff(turned(6))), chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(3)))
    assert corners(publish(both)) == UPRIGHT[6]
    assert corners(publish(saved(quarters(), "WEBP", lossless=True, exif=tiff(turned(6)), xmp=xmp(3)))) == UPRIGHT[6]


@pytest.mark.parametrize("kind", WITH_NOTES)
@pytest.mark.parametrize("orientation", [0, 9, 255, 65_535])
def test_an_orientation_that_there_is_not_turns_nothing(publish: Publish, orientation: int, kind: str) -> None:
    assert corners(publish(WITH_NOTES[kind](tiff(turned(orientation))))) == "RGBW"


SPELLINGS = {
    "as a long": (0x0112, 4, 1, struct.pack("<I", 6)),
    "as a byte": (0x0112, 1, 1, b"\x06\0\0\0"),
    "twice, of which the first counts": (0x0112, 3, 2, struct.pack("<HH", 6, 3)),
    "with a sign": (0x0112, 8, 1, struct.pack("<hh", 6, 0)),
}


@pytest.mark.parametrize("kind", WITH_NOTES)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_another_type_of_number_says_the_same_orientation(publish: Publish, spelling: str, kind: str) -> None:
    assert corners(publish(WITH_NOTES[kind](tiff(SPELLINGS[spelling])))) == UPRIGHT[6]


NONSENSE = {
    "as text": (0x0112, 2, 4, b"six\0"),
    "as a fraction of nothing": (0x0112, 5, 1, struct.pack("<I", 26)),
    "negative": (0x0112, 8, 1, struct.pack("<hh", -6, 0)),
    "elsewhere": (0x0112, 3, 9, struct.pack("<I", 60_000)),
    "as an unknown type": (0x0112, 99, 1, b"\x06\0\0\0"),
}


@pytest.mark.parametrize("kind", WITH_NOTES)
@pytest.mark.parametrize("name", NONSENSE)
def test_an_orientation_that_is_none_turns_nothing(publish: Publish, name: str, kind: str) -> None:
    assert corners(publish(WITH_NOTES[kind](tiff(NONSENSE[name], more=b"\0" * 16)))) == "RGBW"


def test_the_notes_of_a_png_may_stand_behind_its_pixels(publish: Publish) -> None:
    whole = saved(quarters(), "PNG")
    assert corners(publish(whole[:-12] + chunk(b"eXIf", tiff(turned(8))) + whole[-12:])) == UPRIGHT[8]


def test_notes_may_begin_with_the_word_that_jpegs_have(publish: Publish) -> None:
    assert corners(publish(webp_with_notes(b"Exif\0\0" + tiff(turned(3))))) == UPRIGHT[3]


def test_a_png_may_have_its_notes_as_text(publish: Publish) -> None:
    notes = (b"Exif\0\0" + tiff(turned(5))).hex().encode()
    raw = b"Raw profile type exif\0\nexif\n%8d\n" % (len(notes) // 2) + notes + b"\n"
    assert corners(publish(with_chunks(saved(quarters(), "PNG"), chunk(b"tEXt", raw)))) == UPRIGHT[5]


def test_a_large_picture_is_turned_like_a_small_one(publish: Publish) -> None:
    for with_notes in (jpeg_with_notes, png_with_notes, webp_with_notes):
        shown = publish(with_notes(tiff(turned(6)), quarters((2800, 2001))))
        assert corners(shown) == UPRIGHT[6] and shown.size == (1280, round(2800 * 1280 / 2001))
