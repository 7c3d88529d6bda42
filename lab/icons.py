"""Draws the icons of the installed app anew, from the shapes of `cashticket/static/icon.svg`: `python -m lab.icons`.

Phones take pictures for their home screen. The shapes are few, so no drawing program is needed: each pixel is as
opaque as it lies inside a shape, by its distance from the edge.
"""

import math
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).resolve().parents[1] / "cashticket" / "static"
UNITS = 32
BLUE, WHITE = (0x24, 0x38, 0xC9), (0xFF, 0xFF, 0xFF)
# The dashes of the line along which a ticket is torn: from and to, in units.
DASHES = ((10.5, 13.0), (15.0, 17.5), (19.5, 21.5))

Distance = Callable[[float, float], float]
"""How far a point (in units) lies outside of a shape; negative inside."""


@dataclass(frozen=True, slots=True)
class Icon:
    """One file: its name, its width and height in pixels, and whether a phone cuts it into a shape of its own."""

    name: str
    size: int
    is_maskable: bool = False


ICONS = (Icon("icon-192.png", 192), Icon("icon-512.png", 512), Icon("icon-maskable-512.png", 512, is_maskable=True))


def box(left: float, top: float, right: float, bottom: float, radius: float = 0.0) -> Distance:
    """A rectangle with round corners."""
    middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
    half_x, half_y = (right - left) / 2 - radius, (bottom - top) / 2 - radius

    def distance(x: float, y: float) -> float:
        beside, above = abs(x - middle_x) - half_x, abs(y - middle_y) - half_y
        outside = math.hypot(max(beside, 0.0), max(above, 0.0))
        return outside + min(max(beside, above), 0.0) - radius

    return distance


def ticket(x: float, y: float) -> float:
    """The ticket: a box with a notch on each side."""
    notches = min(math.hypot(x - 5.5, y - 16), math.hypot(x - 26.5, y - 16)) - 2.5
    return max(TICKET_BOX(x, y), -notches)


def dashes(x: float, y: float) -> float:
    return min(each(x, y) for each in DASH_BOXES)


TICKET_BOX = box(5.5, 9, 26.5, 23, 1.5)
DASH_BOXES = tuple(box(18.25, top, 19.75, bottom) for top, bottom in DASHES)
GROUND = box(0, 0, UNITS, UNITS, 7)


def pixel(icon: Icon, column: int, row: int) -> tuple[int, int, int, int]:
    """Red, green, blue and opacity of a pixel."""
    unit = UNITS / icon.size
    x, y = (column + 0.5) * unit, (row + 0.5) * unit

    def cover(distance: float) -> float:
        return min(1.0, max(0.0, 0.5 - distance / unit))

    white = cover(ticket(x, y)) * (1 - cover(dashes(x, y)))
    colour = [round(dark + (light - dark) * white) for dark, light in zip(BLUE, WHITE, strict=True)]
    opacity = 255 if icon.is_maskable else round(255 * cover(GROUND(x, y)))
    return colour[0], colour[1], colour[2], opacity


def png(icon: Icon) -> bytes:
    """The icon as a PNG file."""
    rows = b"".join(
        b"\0" + bytes(value for column in range(icon.size) for value in pixel(icon, column, row))
        for row in range(icon.size)
    )
    header = struct.pack(">IIBBBBB", icon.size, icon.size, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_part(name, content) for name, content in parts)


def _part(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def main() -> None:
    for icon in ICONS:
        (STATIC / icon.name).write_bytes(png(icon))
        print(f"{icon.name}: {icon.size} by {icon.size}")


if __name__ == "__main__":
    main()
