"""What is taken as a poster, what it is made into, and what reading it may cost. Both ends of the process know this."""

from dataclasses import dataclass

BYTES_MAX = 20_000_000
PIXELS_MAX = 50_000_000
SIDE_MIN = 200
RATIO_MAX = 3

WIDTHS = (320, 640, 1280)
FALLBACK_WIDTH = 640
"""This size is also made as JPEG, for browsers without WebP."""

ENDINGS = (*(f"{width}.webp" for width in WIDTHS), f"{FALLBACK_WIDTH}.jpg")
"""How the names of the pictures of a poster end, in the order in which the process answers them."""

MEMORY_BYTES = 256_000_000
DECODED_BYTES_MAX = 180_000_000
"""What decoding may take of it. The rest is for the file, the program and the picture that comes out."""

READY = "ready"
OUT_OF_MEMORY = 3
"""The exit status of a process that could not have the memory that a poster needs."""


class Unusable(Exception):
    """The file cannot be a poster. The message goes on after "The poster NAME ": is damaged, is too large …"""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the process may take: bytes of addresses, and seconds for a poster, of a processor and in all."""

    memory_bytes: int = MEMORY_BYTES
    cpu_seconds: int = 30
    wall_seconds: float = 180.0
