"""Poster files with something wrong in them: pieces gone, doubled or exchanged, bytes and lengths changed."""

import struct
import zlib
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from PIL import Image

from tests.inputs.posters.making import (
    GREY,
    PALETTE,
    RGBA,
    SIGNATURE,
    chunk,
    png,
    quarters,
    saved,
    segment,
    tiff,
    turned,
    with_chunks,
    with_segments,
    xmp,
)
from tests.inputs.posters.profiles import DISPLAY_P3, of_colours

NOTES = tiff(turned(6), (0x011A, 5, 1, struct.pack("<I", 38)), more=struct.pack("<II", 72, 1))
PROFILE = of_colours(DISPLAY_P3)
LENGTHS = (0, 1, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF)

Pieces = list[bytes]


def _noisy(mode: str = "RGB") -> Image.Image:
    return Image.effect_noise((220, 230), 70).convert(mode)


def _rich_png() -> bytes:
    texts = chunk(b"zTXt", b"Title\0\0" + zlib.compress(b"Spring")) + chunk(b"tEXt", b"Artist\0Lanterns")
    texts += chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(3)) + chunk(b"pHYs", struct.pack(">IIB", 72, 72, 1))
    profile = chunk(b"iCCP", b"P3\0\0" + zlib.compress(PROFILE))
    return with_chunks(saved(_noisy(), "PNG"), profile, chunk(b"eXIf", NOTES), texts)


def _rich_jpeg(**options: Any) -> bytes:
    whole = saved(_noisy(), "JPEG", icc_profile=PROFILE, **options)
    return with_segments(
        whole, segment(0xE1, b"Exif\0\0" + NOTES), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(3))
    )


def _animated(kind: str, **options: Any) -> bytes:
    return saved(quarters((220, 230)), kind, save_all=True, append_images=[_noisy()], duration=50, **options)


BASES: dict[str, bytes] = {
    "PNG": _rich_png(),
    "PNG with a palette": png(
        (0,), (1,), kind=PALETTE, before=chunk(b"PLTE", bytes(range(12))) + chunk(b"tRNS", b"\0\x80")
    ),
    "PNG of grey of 16 bits": png((9,), (60_000,), bits=16, kind=GREY, before=chunk(b"tRNS", b"\0\x09")),
    "PNG with alpha, interlaced": png((9, 99, 9, 9), (99, 9, 99, 99), kind=RGBA, interlaced=True),
    "PNG that moves": _animated("PNG"),
    "JPEG": _rich_jpeg(),
    "JPEG, progressive": _rich_jpeg(progressive=True),
    "JPEG of inks": saved(_noisy("CMYK"), "JPEG"),
    "JPEG of two": saved(_noisy(), "MPO", save_all=True, append_images=[_noisy()], exif=b"Exif\0\0" + NOTES),
    "WebP": saved(_noisy(), "WEBP", exif=NOTES, xmp=xmp(3), icc_profile=PROFILE),
    "WebP with alpha": saved(_noisy("RGBA"), "WEBP", lossless=True, exif=NOTES),
    "WebP that moves": _animated("WEBP", exif=NOTES),
}


def split(content: bytes) -> Pieces:
    """The pieces of a file: kind and content of each chunk of a PNG or WebP, each segment of a JPEG, and its rest."""
    pieces, place = [], 0
    if content.startswith(SIGNATURE):
        place = len(SIGNATURE)
        while place < len(content):
            (length,) = struct.unpack_from(">I", content, place)
            pieces.append(content[place + 4 : place + 8 + length])
            place += 12 + length
    elif content.startswith(b"RIFF"):
        place = 12
        while place < len(content):
            (length,) = struct.unpack_from("<I", content, place + 4)
            pieces.append(content[place : place + 4] + content[place + 8 : place + 8 + length])
            place += 8 + length + length % 2
    else:
        place = 2
        while content[place + 1] != 0xDA:
            (length,) = struct.unpack_from(">H", content, place + 2)
            pieces.append(content[place : place + 2] + content[place + 4 : place + 2 + length])
            place += 2 + length
        pieces.append(content[place:])
    return pieces


def joined(kind: str, pieces: Pieces) -> bytes:
    """The file of these pieces, with their lengths and sums as they should be."""
    if kind.startswith("PNG"):
        return SIGNATURE + b"".join(chunk(piece[:4], piece[4:]) for piece in pieces)
    if kind.startswith("WebP"):
        body = b"WEBP" + b"".join(
            piece[:4] + struct.pack("<I", max(0, len(piece) - 4)) + piece[4:] + b"\0" * (len(piece) % 2)
            for piece in pieces
        )
        return b"RIFF" + struct.pack("<I", len(body)) + body
    return b"\xff\xd8" + b"".join(
        piece if piece[1:2] == b"\xda" else piece[:2] + struct.pack(">H", min(0xFFFF, len(piece))) + piece[2:]
        for piece in pieces
    )


@dataclass(frozen=True)
class Change:
    """One change: of the whole file, or of piece `piece`, at a place (0 to 1) of it."""

    act: str
    piece: int
    place: float
    other: float
    value: int

    def of_pieces(self, pieces: Pieces) -> None:
        at = self.piece % len(pieces)
        if self.act == "drop" and len(pieces) > 1:
            del pieces[at]
        elif self.act == "double":
            pieces.insert(at, pieces[at])
        elif self.act == "exchange":
            further = int(self.other * (len(pieces) - 1))
            pieces[at], pieces[further] = pieces[further], pieces[at]
        elif self.act == "rename":
            pieces[at] = pieces[self.value % len(pieces)][:4] + pieces[at][4:]
        else:
            pieces[at] = self.of_bytes(pieces[at])

    def of_bytes(self, content: bytes) -> bytes:
        first, last = sorted((int(self.place * len(content)), int(self.other * len(content))))
        length = LENGTHS[self.value % len(LENGTHS)]
        return {
            "flip": lambda: content[:first] + bytes((self.value & 0xFF,)) + content[first + 1 :],
            "cut": lambda: content[:first] + content[first + 1 + (last - first) % 60 :],
            "end": lambda: content[: max(first, last)],
            "repeat": lambda: content[:last] + content[first:last][:400] + content[last:],
            "length, highest first": lambda: content[:first] + struct.pack(">I", length) + content[first + 4 :],
            "length, lowest first": lambda: content[:first] + struct.pack("<I", length) + content[first + 4 :],
            "short length": lambda: content[:first] + struct.pack(">H", length & 0xFFFF) + content[first + 2 :],
        }.get(self.act, lambda: content)()


LENGTH_ACTS = ("length, highest first", "length, lowest first", "short length")
OF_BYTES = ("flip", "flip", "flip", "cut", "end", "repeat", *LENGTH_ACTS)
OF_PIECES = ("drop", "double", "exchange", "rename", *OF_BYTES)


def _changes(acts: tuple[str, ...]) -> st.SearchStrategy[Change]:
    part = st.floats(0, 1, width=32)
    return st.builds(Change, st.sampled_from(acts), st.integers(0, 20), part, part, st.integers(0, 255))


def mutated() -> st.SearchStrategy[tuple[str, bytes]]:
    """Which file it was, and what became of it."""
    return st.builds(
        _mutated,
        st.sampled_from(sorted(BASES)),
        st.lists(_changes(OF_PIECES), max_size=2),
        st.lists(_changes(OF_BYTES), max_size=2),
    )


def _mutated(kind: str, of_pieces: list[Change], of_bytes: list[Change]) -> tuple[str, bytes]:
    pieces = split(BASES[kind])
    for change in of_pieces:
        change.of_pieces(pieces)
    content = joined(kind, pieces)
    for change in of_bytes:
        content = change.of_bytes(content)
    return kind, content
