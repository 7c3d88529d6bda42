"""The largest files that are taken, and those that only seem small: bounded memory, and a sentence for all others."""

import io
import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from cashticket.catalogue import posters
from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.poster_decoding.limits import BYTES_MAX, MEMORY_BYTES, PIXELS_MAX
from cashticket.catalogue.poster_process import PosterProcess
from tests.inputs.posters.making import SIGNATURE, chunk, head, picture, saved, segment, with_segments

Size = tuple[int, int]


def claiming(size: Size, bits: int = 8, kind: int = 2, pixels: int = 1_000) -> bytes:
    """A PNG that claims to have a size, and has so many bytes of it."""
    return SIGNATURE + head(size, bits, kind) + chunk(b"IDAT", zlib.compress(b"\0" * pixels)) + chunk(b"IEND", b"")


def jpeg_claiming(size: Size) -> bytes:
    whole = picture(kind="JPEG")
    place = whole.index(b"\xff\xc0") + 5
    return whole[:place] + struct.pack(">HH", size[1], size[0]) + whole[place + 4 :]


def webp_claiming(size: Size) -> bytes:
    """A WebP file whose canvas claims a size."""
    whole = picture(kind="WEBP", exif=b"II*\0\x08\0\0\0\0\0")
    width, height = (struct.pack("<I", side - 1)[:3] for side in size)
    return whole[:24] + width + height + whole[30:]


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a PNG of 60,000 by 60,000": (lambda: claiming((60_000, 60_000)), "at most 50 million"),
    "a PNG of two billion squared": (lambda: claiming((2**31 - 1, 2**31 - 1)), "at most 50 million"),
    "a PNG of 8,000 by 7,000": (lambda: claiming((8_000, 7_000)), "at most 50 million"),
    "a PNG without pixels": (lambda: claiming((2_000, 2_000)), "is damaged"),
    "a PNG of nothing": (lambda: claiming((0, 0)), "is damaged"),
    "a JPEG of 60,000 by 60,000": (lambda: jpeg_claiming((60_000, 60_000)), "at most 50 million"),
    "a JPEG of 65,535 by 700": (lambda: jpeg_claiming((65_535, 700)), "3 times"),
    "a JPEG of nothing": (lambda: jpeg_claiming((0, 300)), "is damaged"),
    "a WebP of 16 million squared": (lambda: webp_claiming((1 << 24, 1 << 24)), "at most 50 million"),
    "a WebP of 7,000 by 7,000": (lambda: webp_claiming((7_000, 7_000)), "save it as at most 3100 by 3100"),
    "a WebP of 300 by 300 that claims more": (lambda: webp_claiming((900, 900)), "is damaged"),
    "one column": (lambda: picture(size=(1, 900)), "at least 200"),
    "one row": (lambda: picture(size=(900, 1)), "at least 200"),
    "one pixel": (lambda: picture(size=(1, 1)), "at least 200"),
    "a column too narrow": (lambda: picture(size=(199, 300)), "at least 200"),
    "three to one and a pixel": (lambda: picture(size=(300, 901)), "3 times"),
    "one to three and a pixel": (lambda: picture(size=(901, 300)), "3 times"),
    "a hundred to one": (lambda: picture("1", size=(20_000, 200)), "3 times"),
    "one byte too many": (lambda: picture().ljust(BYTES_MAX + 1, b"\0"), "larger than 20 MB"),
    "colours of 7,000 by 7,000": (lambda: picture(size=(7_000, 7_000)), "save it as at most 6300 by 6300"),
    "waves of 7,000 by 7,000": (
        lambda: picture(size=(7_000, 7_000), kind="JPEG", progressive=True, subsampling=0),
        "save it as at most 4800 by 4800",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_too_large_too_narrow_or_only_claims_is_refused(refusal: Callable[[bytes], str], name: str) -> None:
    content, words = REFUSED[name]
    assert words in refusal(content())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("size", [(200, 200), (200, 600), (600, 200)])
def test_the_smallest_sizes_are_taken(process: PosterProcess, kind: str, size: Size) -> None:
    large = process.pictures(picture(size=size, kind=kind))[2]
    assert Image.open(io.BytesIO(large)).size == size


def test_more_pixels_than_a_file_names_are_left_aside(process: PosterProcess) -> None:
    assert process.pictures(claiming((500, 500), pixels=200_000_000))


# Of each kind the largest that is taken, filled up to the largest file.
LARGEST: dict[str, tuple[str, Size, str, dict[str, Any]]] = {
    "PNG in colour": ("RGB", (6_300, 6_300), "PNG", {}),
    "PNG in colour, high": ("RGB", (3_400, 9_500), "PNG", {}),
    "PNG with alpha": ("RGBA", (6_300, 6_300), "PNG", {"colour": (9, 99, 9, 128)}),
    "PNG with a palette": ("P", (7_000, 7_000), "PNG", {}),
    "PNG of grey": ("L", (7_000, 7_000), "PNG", {}),
    "PNG of grey of 16 bits": ("I;16", (7_000, 7_000), "PNG", {}),
    "PNG of 1 bit": ("1", (7_071, 7_071), "PNG", {}),
    "JPEG": ("RGB", (7_071, 7_071), "JPEG", {}),
    "JPEG, high": ("RGB", (4_082, 12_245), "JPEG", {}),
    "JPEG, broad": ("RGB", (12_245, 4_082), "JPEG", {}),
    "JPEG of grey": ("L", (7_071, 7_071), "JPEG", {}),
    "JPEG of inks": ("CMYK", (7_071, 7_071), "JPEG", {}),
    "JPEG in waves": ("RGB", (7_000, 7_000), "JPEG", {"progressive": True}),
    "JPEG in fine waves": ("RGB", (4_800, 4_800), "JPEG", {"progressive": True, "subsampling": 0}),
    "WebP": ("RGB", (3_100, 3_100), "WEBP", {"method": 0}),
    "WebP with alpha": ("RGBA", (3_100, 3_100), "WEBP", {"method": 0, "colour": (9, 99, 9, 128)}),
    "WebP kept exactly": ("RGB", (3_100, 3_100), "WEBP", {"lossless": True, "method": 0}),
}


def memory_of(process: PosterProcess) -> tuple[int, int]:
    """The most bytes that the process has had in memory, and the most addresses."""
    text = Path(f"/proc/{process.pid}/status").read_text()
    resident, addresses = (int(number) * 1024 for number in re.findall(r"Vm(?:HWM|Peak):\s+(\d+) kB", text)[::-1])
    return resident, addresses


@pytest.mark.sweep
@pytest.mark.parametrize("name", LARGEST)
def test_the_largest_picture_of_each_kind_takes_no_more_memory_than_is_promised(name: str) -> None:
    mode, size, kind, options = LARGEST[name]
    content = picture(mode, size, kind, **options).ljust(BYTES_MAX, b"\0")
    with PosterProcess() as process:
        large = Image.open(io.BytesIO(process.pictures(content)[2]))
        resident, addresses = memory_of(process)
    assert large.size == (1_280, round(size[1] * 1_280 / size[0]))
    assert resident <= addresses <= MEMORY_BYTES == 256_000_000, f"{resident:,} and {addresses:,}"


def test_pictures_just_within_the_pixels_are_taken() -> None:
    assert 7_071 * 7_071 < PIXELS_MAX < 7_072 * 7_072 and PIXELS_MAX > 4_082 * 12_245


TOO_MUCH: dict[str, tuple[str, Size, str, dict[str, Any]]] = {
    "PNG": ("RGB", (4_000, 12_000), "PNG", {"compress_level": 1}),
    "JPEG in waves": ("RGB", (12_000, 4_000), "JPEG", {"progressive": True, "subsampling": 0}),
    "JPEG of inks in waves": ("CMYK", (5_119, 9_700), "JPEG", {"progressive": True, "subsampling": 0}),
    "WebP": ("RGB", (1_900, 5_600), "WEBP", {"method": 0}),
}


@pytest.mark.sweep
@pytest.mark.parametrize("name", TOO_MUCH)
def test_a_size_that_a_refusal_names_is_taken(process: PosterProcess, name: str) -> None:
    mode, size, kind, options = TOO_MUCH[name]
    with pytest.raises(NotPublishable, match="save it as at most") as caught:
        posters.keep(picture(mode, size, kind, **options), "poster", None, process)
    side = int(re.findall(r"at most (\d+) by", str(caught.value))[0])
    assert posters.keep(picture(mode, (side, side), kind, **options), "poster", None, process)


@pytest.mark.sweep
def test_a_large_poster_after_many_others_finds_room(process: PosterProcess) -> None:
    small = saved(Image.effect_noise((900, 1_200), 60).convert("RGB"), "JPEG")
    large = picture(size=(6_300, 6_300), compress_level=1)
    for _ in range(2):
        for _ in range(3):
            assert process.pictures(small)
        assert process.pictures(with_segments(picture(kind="JPEG"), segment(0xEE, b"x" * 60_000)))
        assert process.pictures(large)
    assert process.starts == 1
