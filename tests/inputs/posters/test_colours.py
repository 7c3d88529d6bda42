"""Every way in which a file may keep its colours ends as the same colours on white paper."""

import struct
from typing import Any

import pytest
from PIL import Image

from tests.inputs.posters.conftest import Publish
from tests.inputs.posters.looking import halves, is_near
from tests.inputs.posters.making import (
    GREY,
    GREY_ALPHA,
    PALETTE,
    RGB,
    RGBA,
    SIZE,
    chunk,
    picture,
    png,
    saved,
    with_segments,
)

WHITE = 255, 255, 255
COLOURS = bytes((10, 120, 200, 200, 120, 10, 0, 0, 0, 255, 255, 255))
BLUE, ORANGE = (10, 120, 200), (200, 120, 10)


def key(*levels: int) -> bytes:
    """One colour that is transparent."""
    return chunk(b"tRNS", struct.pack(f">{len(levels)}H", *levels))


def palette(*alphas: int) -> bytes:
    return chunk(b"PLTE", COLOURS) + (chunk(b"tRNS", bytes(alphas)) if alphas else b"")


def two(left: Any, right: Any, mode: str) -> Image.Image:
    image = Image.new(mode, SIZE, right)
    image.paste(left, (0, 0, SIZE[0] // 2, SIZE[1]))
    return image


def grey(level: int) -> tuple[int, int, int]:
    return level, level, level


# Name → the file and the colours of its halves.
PNGS: dict[str, tuple[bytes, tuple[int, int, int], tuple[int, int, int]]] = {
    "grey of 16 bits": (png((0x2000,), (0xC0FF,), bits=16, kind=GREY), grey(0x20), grey(0xC0)),
    "grey of 16 bits, ends": (png((0,), (0xFFFF,), bits=16, kind=GREY), grey(0), grey(255)),
    "grey of 16 bits, one transparent": (
        png((0x2000,), (0x2001,), bits=16, kind=GREY, before=key(0x2000)), WHITE, grey(0x20)),
    "colours of 16 bits": (
        png((0x0AFF, 0x7800, 0xC880), (0xC800, 0x7800, 0x0A00), bits=16), BLUE, ORANGE),
    "colours of 16 bits, one transparent": (
        png((0x0A01, 0x7802, 0xC803), (0xC800, 0x7800, 0x0A00), bits=16, before=key(0x0A01, 0x7802, 0xC803)),
        WHITE, ORANGE),
    "colours of 16 bits, black transparent": (
        png((100, 100, 100), (0xC800, 0x7800, 0x0A00), bits=16, before=key(100, 100, 100)), WHITE, ORANGE),
    "colours and alpha of 16 bits": (
        png((0x0A00, 0x7800, 0xC800, 0xFFFF), (0, 0, 0, 0x8000), bits=16, kind=RGBA), BLUE, grey(127)),
    "grey and alpha of 16 bits": (png((0x4000, 0xFFFF), (0, 0), bits=16, kind=GREY_ALPHA), grey(64), WHITE),
    "grey and alpha": (png((64, 255), (64, 128), kind=GREY_ALPHA), grey(64), grey(159)),
    "grey": (png((64,), (192,), kind=GREY), grey(64), grey(192)),
    "grey, one transparent": (png((64,), (192,), kind=GREY, before=key(64)), WHITE, grey(192)),
    "grey of 4 bits": (png((5,), (10,), bits=4, kind=GREY), grey(85), grey(170)),
    "grey of 2 bits": (png((1,), (2,), bits=2, kind=GREY), grey(85), grey(170)),
    "1 bit": (png((0,), (1,), bits=1, kind=GREY), grey(0), WHITE),
    "1 bit, black transparent": (png((0,), (1,), bits=1, kind=GREY, before=key(0)), WHITE, WHITE),
    "palette": (png((0,), (1,), kind=PALETTE, before=palette()), BLUE, ORANGE),
    "palette, one transparent": (png((0,), (1,), kind=PALETTE, before=palette(0, 255)), WHITE, ORANGE),
    "palette with alphas": (png((2,), (1,), kind=PALETTE, before=palette(255, 128, 128)), grey(127), (227, 187, 132)),
    "palette of 4 bits": (png((0,), (1,), bits=4, kind=PALETTE, before=palette(255, 0)), BLUE, WHITE),
    "palette of 1 bit": (png((0,), (1,), bits=1, kind=PALETTE, before=palette()), BLUE, ORANGE),
    "colours": (png(BLUE, ORANGE), BLUE, ORANGE),
    "colours, one transparent": (png(BLUE, ORANGE, before=key(*BLUE)), WHITE, ORANGE),
    "colours and alpha": (png((*BLUE, 255), (*ORANGE, 0), kind=RGBA), BLUE, WHITE),
    "colours, interlaced": (png(BLUE, ORANGE, interlaced=True), BLUE, ORANGE),
    "grey of 16 bits, interlaced": (
        png((0x4000,), (0xC000,), bits=16, kind=GREY, interlaced=True), grey(64), grey(192)),
    "palette, interlaced": (png((0,), (1,), kind=PALETTE, before=palette(), interlaced=True), BLUE, ORANGE),
}  # fmt: skip
CYAN_AND_BLACK = two((255, 0, 0, 0), (0, 0, 0, 128), "CMYK")


def without_adobe(jpeg: bytes) -> bytes:
    """A JPEG without the segment by which programs of Adobe say how its colours are meant."""
    start = jpeg.index(b"\xff\xee\x00\x0eAdobe")
    return jpeg[:start] + jpeg[start + 16 :]


CMYK = saved(CYAN_AND_BLACK, "JPEG", quality=95)
JPEGS = {
    "colours": (saved(two(BLUE, ORANGE, "RGB"), "JPEG", quality=95), BLUE, ORANGE),
    "colours, progressive": (saved(two(BLUE, ORANGE, "RGB"), "JPEG", quality=95, progressive=True), BLUE, ORANGE),
    "colours as they are": (saved(two(BLUE, ORANGE, "RGB"), "JPEG", quality=95, keep_rgb=True), BLUE, ORANGE),
    "colours, half as fine": (saved(two(BLUE, ORANGE, "RGB"), "JPEG", subsampling=2), BLUE, ORANGE),
    "grey": (saved(two(64, 192, "L"), "JPEG"), grey(64), grey(192)),
    "grey, progressive": (saved(two(64, 192, "L"), "JPEG", progressive=True), grey(64), grey(192)),
    # Inks of a file of Adobe are upside down.
    "inks of Adobe": (CMYK, (0, 255, 255), grey(127)),
    "inks of others, as browsers read them": (without_adobe(CMYK), (0, 255, 255), grey(127)),
    "inks, progressive": (saved(CYAN_AND_BLACK, "JPEG", quality=95, progressive=True), (0, 255, 255), grey(127)),
    "inks between Adobe's": (
        saved(two((0, 128, 0, 64), (20, 40, 60, 0), "CMYK"), "JPEG", quality=98), (191, 95, 191), (235, 215, 195)),
    "with a thumbnail": (with_segments(
        saved(two(BLUE, ORANGE, "RGB"), "JPEG", quality=95),
        b"\xff\xe0\x00\x10JFIF\0\1\2\0\0\1\0\1\0\0",
        b"\xff\xe1\x40\x02" + picture(kind="JPEG", colour="red")[:0x4000].ljust(0x4000, b"\0")), BLUE, ORANGE),
}  # fmt: skip
WEBPS = {
    "colours": (saved(two(BLUE, ORANGE, "RGB"), "WEBP", quality=95), BLUE, ORANGE),
    "colours, kept exactly": (saved(two(BLUE, ORANGE, "RGB"), "WEBP", lossless=True), BLUE, ORANGE),
    "colours and alpha": (saved(two((*BLUE, 255), (0, 0, 0, 128), "RGBA"), "WEBP", quality=95), BLUE, grey(127)),
    "colours and alpha, kept exactly": (
        saved(two((*BLUE, 0), (*ORANGE, 255), "RGBA"), "WEBP", lossless=True, exact=True), WHITE, ORANGE),
    "grey": (saved(two(64, 192, "L"), "WEBP", lossless=True), grey(64), grey(192)),
}  # fmt: skip
FILES = {
    f"{kind}: {name}": case
    for kind, cases in {"PNG": PNGS, "JPEG": JPEGS, "WebP": WEBPS}.items()
    for name, case in cases.items()
}


@pytest.mark.parametrize("name", FILES)
def test_colours_are_published_as_the_file_means_them(publish: Publish, name: str) -> None:
    content, left, right = FILES[name]
    shown = publish(content)
    assert shown.size == SIZE
    assert all(is_near(seen, meant) for seen, meant in zip(halves(shown), (left, right), strict=True)), halves(shown)


@pytest.mark.parametrize("name", ["PNG: colours", "PNG: grey of 16 bits", "JPEG: colours", "WebP: colours"])
def test_no_colour_of_one_half_runs_into_the_other(publish: Publish, name: str) -> None:
    content, left, right = FILES[name]
    shown = publish(content)
    middle = SIZE[0] // 2
    for x, meant in ((middle - 12, left), (middle + 11, right)):
        seen = shown.getpixel((x, SIZE[1] - 2))
        assert isinstance(seen, tuple) and is_near(seen, meant, 12), (x, seen)


def test_what_a_text_calls_itself_changes_no_colour(publish: Publish) -> None:
    names = (
        b"icc_profile",
        b"transparency",
        b"gamma",
        b"dpi",
        b"palette",
        b"mode",
        b"srgb",
        b"aspect",
        b"loop",
    )
    texts = b"".join(chunk(b"tEXt", name + b"\0" + b"red") for name in names)
    for kind, left, right in ((RGB, BLUE, ORANGE), (PALETTE, (0,), (1,)), (GREY, (9,), (99,))):
        before = texts + (palette() if kind == PALETTE else b"")
        shown = halves(publish(png(left, right, kind=kind, before=before)))
        assert shown == halves(publish(png(left, right, kind=kind, before=palette() if kind == PALETTE else b"")))
