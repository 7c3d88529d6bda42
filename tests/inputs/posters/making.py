"""Makes poster files byte by byte, among them what no program should write."""

import io
import struct
import zlib
from collections.abc import Callable, Sequence
from typing import Any

from PIL import Image

Colour = tuple[int, ...]
SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
SIZE = 240, 300
# First column, first row and steps of the seven passes of an interlaced PNG.
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def head(size: tuple[int, int], bits: int, kind: int, interlaced: bool = False) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", *size, bits, kind, 0, 0, interlaced))


def packed(levels: Sequence[int], bits: int) -> bytes:
    """One row of a PNG: levels of all channels in turn, `bits` each."""
    if bits == 16:
        return struct.pack(f">{len(levels)}H", *levels)
    text = "".join(f"{level:0{bits}b}" for level in levels)
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big")


def png(
    left: Colour,
    right: Colour,
    *,
    bits: int = 8,
    kind: int = RGB,
    before: bytes = b"",
    after: bytes = b"",
    size: tuple[int, int] = SIZE,
    interlaced: bool = False,
) -> bytes:
    """A PNG with one colour on the left and another on the right, and chunks `before` and `after` its pixels."""
    data = b""
    for first_x, first_y, step_x, step_y in PASSES if interlaced else ((0, 0, 1, 1),):
        columns = range(first_x, size[0], step_x)
        row = packed([level for x in columns for level in (left if x < size[0] // 2 else right)], bits)
        data += (b"\0" + row) * len(range(first_y, size[1], step_y))
    content = chunk(b"IDAT", zlib.compress(data))
    return SIGNATURE + head(size, bits, kind, interlaced) + before + content + after + chunk(b"IEND", b"")


def picture(mode: str = "RGB", size: tuple[int, int] = SIZE, kind: str = "PNG", **options: Any) -> bytes:
    """A picture of one colour, by the library."""
    return saved(Image.new(mode, size, options.pop("colour", 0)), kind, **options)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def quarters(size: tuple[int, int] = SIZE) -> Image.Image:
    """Red and green above, blue and white below."""
    image = Image.new("RGB", size)
    width, height = size[0] // 2, size[1] // 2
    for number, colour in enumerate(((200, 0, 0), (0, 200, 0), (0, 0, 200), (255, 255, 255))):
        x, y = number % 2 * width, number // 2 * height
        image.paste(colour, (x, y, x + width, y + height))
    return image


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    """A JPEG with these segments at its beginning."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def with_chunks(content: bytes, *chunks: bytes) -> bytes:
    """A PNG with these chunks behind its head."""
    end = len(SIGNATURE) + 25
    return content[:end] + b"".join(chunks) + content[end:]


Entry = tuple[int, int, int, bytes]


def tiff(*entries: Entry, order: str = "<", more: bytes = b"") -> bytes:
    """The notes of a camera: (tag, type, count, four bytes of value or offset), then `more`, which begins behind them,
    at 14 + 12 for each entry."""
    rows = b"".join(struct.pack(f"{order}HHI", *entry[:3]) + entry[3] for entry in entries)
    mark = b"II*\0" if order == "<" else b"MM\0*"
    return mark + struct.pack(f"{order}IH", 8, len(entries)) + rows + b"\0" * 4 + more


def turned(orientation: int, order: str = "<") -> Entry:
    return (0x0112, 3, 1, struct.pack(f"{order}HH", orientation, 0))


def jpeg_with_notes(notes: bytes, image: Image.Image | None = None) -> bytes:
    whole = saved(image or quarters(), "JPEG", quality=95, subsampling=0)
    return with_segments(whole, segment(0xE1, b"Exif\0\0" + notes))


def png_with_notes(notes: bytes, image: Image.Image | None = None) -> bytes:
    return with_chunks(saved(image or quarters(), "PNG"), chunk(b"eXIf", notes))


def webp_with_notes(notes: bytes, image: Image.Image | None = None) -> bytes:
    return saved(image or quarters(), "WEBP", lossless=True, exif=notes)


WITH_NOTES: dict[str, Callable[[bytes], bytes]] = {
    "JPEG": jpeg_with_notes,
    "PNG": png_with_notes,
    "WebP": webp_with_notes,
}


def xmp(orientation: int | str, padding: int = 0) -> bytes:
    """Notes as XMP, with so many spaces behind them."""
    return (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="%s"/></rdf:RDF></x:xmpmeta>'
        % str(orientation).encode()
    ) + b" " * padding
