"""Colours of a profile are published in sRGB; one that cannot be read, or is about other colours, changes nothing."""

import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image

from tests.inputs.posters.conftest import Publish
from tests.inputs.posters.looking import halves, is_near
from tests.inputs.posters.making import (
    GREY,
    GREY_ALPHA,
    PALETTE,
    RGBA,
    SIZE,
    chunk,
    png,
    saved,
    segment,
    with_segments,
)
from tests.inputs.posters.profiles import (
    ADOBE_RGB,
    DISPLAY_P3,
    SWAPPED,
    grey_in_srgb,
    in_srgb,
    of_colours,
    of_grey,
    of_inks,
)

LEAF, SKIN = (40, 160, 60), (210, 150, 120)
WHITE = 255, 255, 255
P3, ADOBE, STRANGE, DARK = of_colours(DISPLAY_P3), of_colours(ADOBE_RGB), of_colours(SWAPPED), of_grey(3.0)


def iccp(profile: bytes) -> bytes:
    return chunk(b"iCCP", b"made\0\0" + zlib.compress(profile))


def two(left: object, right: object, mode: str = "RGB") -> Image.Image:
    image = Image.new(mode, SIZE, right)  # type: ignore[arg-type]
    image.paste(left, (0, 0, SIZE[0] // 2, SIZE[1]))  # type: ignore[arg-type]
    return image


def greys(gamma: float) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    return grey_in_srgb(64, gamma), grey_in_srgb(192, gamma)


IN_P3 = in_srgb(LEAF, DISPLAY_P3), in_srgb(SKIN, DISPLAY_P3)
SWAPPED_COLOURS = in_srgb(LEAF, SWAPPED), in_srgb(SKIN, SWAPPED)
WIDE = {
    "PNG": (png(LEAF, SKIN, before=iccp(P3)), IN_P3),
    "PNG, Adobe RGB": (png(LEAF, SKIN, before=iccp(ADOBE)), (in_srgb(LEAF, ADOBE_RGB), in_srgb(SKIN, ADOBE_RGB))),
    "PNG, red and green change places": (png(LEAF, SKIN, before=iccp(STRANGE)), SWAPPED_COLOURS),
    "PNG with alpha": (
        png((*LEAF, 255), (*SKIN, 0), kind=RGBA, before=iccp(STRANGE)), (SWAPPED_COLOURS[0], WHITE)),
    "PNG of 16 bits": (
        png((40 * 257, 160 * 257, 60 * 257), (210 * 257, 150 * 257, 120 * 257), bits=16, before=iccp(STRANGE)),
        SWAPPED_COLOURS),
    "PNG, one transparent": (
        png(LEAF, SKIN, before=iccp(STRANGE) + chunk(b"tRNS", struct.pack(">3H", *LEAF))),
        (WHITE, SWAPPED_COLOURS[1])),
    "PNG with a palette": (
        png((0,), (1,), kind=PALETTE, before=iccp(STRANGE) + chunk(b"PLTE", bytes((*LEAF, *SKIN)))), SWAPPED_COLOURS),
    "PNG with a palette, one transparent": (
        png((0,), (1,), kind=PALETTE,
            before=iccp(STRANGE) + chunk(b"PLTE", bytes((*LEAF, *SKIN))) + chunk(b"tRNS", b"\0")),
        (WHITE, SWAPPED_COLOURS[1])),
    "PNG of grey": (png((64,), (192,), kind=GREY, before=iccp(DARK)), greys(3.0)),
    "PNG of grey of 16 bits": (png((64 * 257,), (192 * 257,), bits=16, kind=GREY, before=iccp(DARK)), greys(3.0)),
    "PNG of grey and alpha": (
        png((64, 255), (192, 0), kind=GREY_ALPHA, before=iccp(DARK)), (greys(3.0)[0], WHITE)),
    "PNG of grey and alpha of 16 bits": (
        png((64 * 257, 65_535), (192 * 257, 0), bits=16, kind=GREY_ALPHA, before=iccp(DARK)), (greys(3.0)[0], WHITE)),
    "PNG of grey with a profile of colours": (
        png((64,), (192,), kind=GREY, before=iccp(of_colours(DISPLAY_P3, 1.5))), greys(1.5)),
    "JPEG": (saved(two(LEAF, SKIN), "JPEG", quality=97, icc_profile=STRANGE), SWAPPED_COLOURS),
    "JPEG of grey": (saved(two(64, 192, "L"), "JPEG", quality=97, icc_profile=DARK), greys(3.0)),
    "WebP": (saved(two(LEAF, SKIN), "WEBP", lossless=True, icc_profile=STRANGE), SWAPPED_COLOURS),
    "WebP with alpha": (
        saved(two((*LEAF, 255), (*SKIN, 0), "RGBA"), "WEBP", lossless=True, icc_profile=STRANGE),
        (SWAPPED_COLOURS[0], WHITE)),
}  # fmt: skip


@pytest.mark.parametrize("name", WIDE)
def test_colours_of_a_profile_become_those_of_srgb(publish: Publish, name: str) -> None:
    content, meant = WIDE[name]
    seen = halves(publish(content))
    assert all(is_near(one, other, 8) for one, other in zip(seen, meant, strict=True)), (seen, meant)


def test_the_brightest_red_of_a_wide_screen_is_the_brightest_there_is(publish: Publish) -> None:
    assert is_near(halves(publish(png((255, 0, 0), (0, 255, 0), before=iccp(P3))))[0], (255, 0, 0))


def test_inks_of_a_profile_are_printed_by_its_table(publish: Publish) -> None:
    inks = two((0, 0, 0, 0), (0, 0, 0, 255), "CMYK")
    assert halves(publish(saved(inks, "JPEG", quality=97, icc_profile=of_inks()))) == (WHITE, (0, 0, 0))
    # The profile has yellow where the usual sum of inks has another one.
    yellow = halves(publish(saved(two((0, 0, 255, 0), (0, 0, 255, 0), "CMYK"), "JPEG", icc_profile=of_inks())))[0]
    assert not is_near(yellow, (255, 255, 0), 20) and yellow[2] < yellow[1]


def scattered(profile: bytes, *, total: int, numbers: tuple[int, ...]) -> bytes:
    """A JPEG with pieces of a profile under these numbers."""
    size = -(-len(profile) // len(numbers))
    pieces = [
        segment(0xE2, b"ICC_PROFILE\0" + bytes((number, total)) + profile[at * size : (at + 1) * size])
        for at, number in enumerate(numbers)
    ]
    return with_segments(saved(two(LEAF, SKIN), "JPEG", quality=97), *pieces)


def test_a_profile_in_pieces_is_put_together(publish: Publish) -> None:
    for numbers in ((1, 2, 3), (1,)):
        seen = halves(publish(scattered(STRANGE, total=len(numbers), numbers=numbers)))
        assert all(is_near(one, other, 8) for one, other in zip(seen, SWAPPED_COLOURS, strict=True))


def changed(place: int, value: bytes, profile: bytes = STRANGE) -> bytes:
    return profile[:place] + value + profile[place + len(value) :]


RED = STRANGE.index(b"rXYZ")
BROKEN: dict[str, bytes] = {
    "nothing": b"",
    "one byte": b"\0",
    "garbage": bytes(range(256)) * 4,
    "its head alone": STRANGE[:128],
    "half": STRANGE[: len(STRANGE) // 2],
    "no mark": changed(36, b"none"),
    "a length of nothing": changed(0, b"\0\0\0\0"),
    "four billion tags": changed(128, b"\xff\xff\xff\xff"),
    "no tags": changed(128, b"\0\0\0\0"),
    "tags that lie elsewhere": changed(RED + 4, b"\x7f\xff\xff\xff"),
    "a tag longer than the profile": changed(RED + 8, b"\x7f\xff\xff\xff"),
    "colours of which there are none": changed(16, b"Luv "),
    "inks": of_inks(),
    "a link between devices": changed(12, b"link"),
    "names of colours": changed(12, b"nmcl"),
    "a curve of four billion steps": STRANGE.replace(b"curv\0\0\0\0\0\0\0\x01", b"curv\0\0\0\0\xff\xff\xff\xff"),
    "no primaries": STRANGE.replace(b"rXYZ", b"rABC"),
    "of grey": DARK,
}
CONTAINERS: dict[str, Callable[[bytes], bytes]] = {
    "PNG": lambda profile: png(LEAF, SKIN, before=iccp(profile)),
    "JPEG": lambda profile: saved(two(LEAF, SKIN), "JPEG", quality=97, icc_profile=profile or b"\0"),
    "WebP": lambda profile: saved(two(LEAF, SKIN), "WEBP", lossless=True, icc_profile=profile or b"\0"),
}


@pytest.mark.parametrize("kind", CONTAINERS)
@pytest.mark.parametrize("name", BROKEN)
def test_a_profile_that_cannot_be_read_is_left_aside(publish: Publish, name: str, kind: str) -> None:
    seen = halves(publish(CONTAINERS[kind](BROKEN[name])))
    assert is_near(seen[0], LEAF, 9) and is_near(seen[1], SKIN, 9)


def test_a_profile_whose_first_number_is_wrong_counts_all_the_same(publish: Publish) -> None:
    seen = halves(publish(CONTAINERS["PNG"](changed(0, b"\xff\xff\xff\xff"))))
    assert all(is_near(one, other, 8) for one, other in zip(seen, SWAPPED_COLOURS, strict=True))


def test_a_profile_that_lacks_pieces_or_is_no_archive_is_left_aside(publish: Publish) -> None:
    files = [scattered(STRANGE, total=3, numbers=(1, 3)), scattered(STRANGE, total=0, numbers=(0,))]
    files += [png(LEAF, SKIN, before=chunk(b"iCCP", b"made\0\0" + b"no archive"))]
    for content in files:
        seen = halves(publish(content))
        assert is_near(seen[0], LEAF, 9) and is_near(seen[1], SKIN, 9)


def test_a_large_profile_counts_like_a_small_one(publish: Publish) -> None:
    padded = of_colours(SWAPPED) + b"\0" * 800_000
    padded = struct.pack(">I", len(padded)) + padded[4:]
    for kind, container in CONTAINERS.items():
        seen = halves(publish(container(padded)))
        assert all(is_near(one, other, 8) for one, other in zip(seen, SWAPPED_COLOURS, strict=True)), kind


def test_a_profile_that_unpacks_to_a_hundred_megabytes_is_refused(refusal: Callable[[bytes], str]) -> None:
    assert "damaged" in refusal(png(LEAF, SKIN, before=iccp(STRANGE + b"\0" * 100_000_000)))
