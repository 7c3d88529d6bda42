"""Makes colour profiles (ICC, version 2) byte by byte; says by its own arithmetic what their colours are in sRGB."""

import struct

Matrix = tuple[tuple[float, float, float], ...]

# Red, green and blue as X, Y, Z under the white of profiles (D50).
DISPLAY_P3: Matrix = ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841))
ADOBE_RGB: Matrix = ((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446))
SWAPPED: Matrix = (DISPLAY_P3[1], DISPLAY_P3[0], DISPLAY_P3[2])
WHITE = 0.9642, 1.0, 0.8249
FROM_XYZ: Matrix = ((3.1339, -1.6169, -0.4906), (-0.9788, 1.9161, 0.0335), (0.0719, -0.2290, 1.4052))


def _number(value: float) -> bytes:
    return struct.pack(">i", round(value * 65_536))


def _xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(map(_number, values))


def _gamma(value: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(value * 256))


def _text(kind: bytes) -> bytes:
    if kind == b"desc":
        return b"desc\0\0\0\0\0\0\0\x05made\0" + b"\0" * 78
    return b"text\0\0\0\0ours\0"


def profile(space: bytes, tags: dict[bytes, bytes], device: bytes = b"mntr", connection: bytes = b"XYZ ") -> bytes:
    """A profile of this colour space with these tags."""
    tags = {b"desc": _text(b"desc"), b"cprt": _text(b"cprt"), b"wtpt": _xyz(WHITE)} | tags
    table, content, place = b"", b"", 128 + 4 + 12 * len(tags)
    for name, value in tags.items():
        padded = value + b"\0" * (-len(value) % 4)
        table += name + struct.pack(">II", place + len(content), len(value))
        content += padded
    head = struct.pack(">I4sI4s4s4s", place + len(content), b"\0" * 4, 0x0220_0000, device, space, connection)
    head += struct.pack(">6H4s", 2027, 1, 1, 0, 0, 0, b"acsp") + b"\0" * 28 + b"".join(map(_number, WHITE))
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + content


def of_colours(primaries: Matrix, gamma: float = 2.2) -> bytes:
    names = zip((b"r", b"g", b"b"), primaries, strict=True)
    tags = {name + b"XYZ": _xyz(values) for name, values in names}
    return profile(b"RGB ", tags | {name + b"TRC": _gamma(gamma) for name in (b"r", b"g", b"b")})


def of_grey(gamma: float) -> bytes:
    return profile(b"GRAY", {b"kTRC": _gamma(gamma)})


def of_inks() -> bytes:
    """Inks by a table of their extremes: any ink alone is its usual colour, all others with it are black."""
    table = []
    for number in range(16):
        cyan, magenta, yellow, black = (bool(number & bit) for bit in (8, 4, 2, 1))
        light = 0 if black else 255 - 60 * (cyan + magenta + yellow)
        table += [max(0, light), 128 + 40 * (magenta - cyan), 128 + 60 * (yellow - cyan)]
    straight = bytes(range(256))
    unit = b"".join(map(_number, (1, 0, 0, 0, 1, 0, 0, 0, 1)))
    lookup = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + unit + straight * 4 + bytes(table) + straight * 3
    return profile(b"CMYK", {b"A2B0": lookup}, b"prtr", b"Lab ")


def in_srgb(colour: tuple[int, ...], primaries: Matrix, gamma: float = 2.2) -> tuple[int, int, int]:
    """What a colour of such a profile is in sRGB."""
    linear = [(level / 255) ** gamma for level in colour]
    xyz = [sum(primaries[channel][part] * linear[channel] for channel in range(3)) for part in range(3)]
    red, green, blue = (_encoded(sum(row[part] * xyz[part] for part in range(3))) for row in FROM_XYZ)
    return red, green, blue


def grey_in_srgb(level: int, gamma: float) -> tuple[int, int, int]:
    encoded = _encoded((level / 255) ** gamma)
    return encoded, encoded, encoded


def _encoded(light: float) -> int:
    light = min(1.0, max(0.0, light))
    return round(255 * (12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055))
