"""How much memory a poster needs, known before it is decoded, and how much smaller a JPEG is decoded."""

import math
from dataclasses import dataclass

from .limits import DECODED_BYTES_MAX, PIXELS_MAX, WIDTHS, Unusable

Size = tuple[int, int]
SCALES = (8, 4, 2, 1)
# The picture that comes out of the strips has four bytes for each pixel, and is at least so many times as wide as
# wanted where the file is.
SMALL_PIXEL_BYTES = 4
SPARE = 2
STEP = 100


@dataclass(frozen=True, slots=True)
class Cost:
    """What decoding takes: bytes for each pixel that comes out, and `extra` for each pixel of the file. A picture that
    `scales` (a JPEG) is made smaller while it is decoded."""

    pixel_bytes: float
    extra: float = 0
    scales: bool = False


def target_size(upright: Size) -> Size:
    """The largest size in which a poster of this upright size is shown."""
    width = min(max(WIDTHS), upright[0])
    return width, max(1, round(upright[1] * width / upright[0]))


def scale_of(cost: Cost, whole: Size, target: Size) -> int:
    """How many pixels of the file, in each direction, become one while it is decoded: 1, 2, 4 or 8."""
    if not cost.scales:
        return 1
    spare = _scale(whole, (target[0] * SPARE, target[1] * SPARE))
    return spare if _needed(cost, whole, target, spare) <= DECODED_BYTES_MAX else _scale(whole, target)


def factor_of(size: Size, target: Size) -> int:
    """How many decoded pixels, in each direction, are made one before the exact size is made."""
    return max(1, min(size[0] // (target[0] * SPARE), size[1] // (target[1] * SPARE)))


def check_memory(cost: Cost, whole: Size, target: Size) -> None:
    """Raises Unusable for what would take too much memory, and says which size would not."""
    if _needed(cost, whole, target, scale_of(cost, whole, target)) <= DECODED_BYTES_MAX:
        return
    # Of a JPEG a larger one may be taken again, as it is made smaller by more while it is decoded.
    side = STEP
    while side + STEP <= math.isqrt(PIXELS_MAX) and _needed_square(cost, side + STEP) <= DECODED_BYTES_MAX:
        side += STEP
    raise Unusable(
        f"is {whole[0]} by {whole[1]} pixels, which this kind of picture needs too much memory for; save it as at most "
        f"{side} by {side}."
    )


def _needed_square(cost: Cost, side: int) -> int:
    target = target_size((side, side))
    return _needed(cost, (side, side), target, scale_of(cost, (side, side), target))


def _needed(cost: Cost, whole: Size, target: Size, scale: int) -> int:
    size = -(-whole[0] // scale), -(-whole[1] // scale)
    small = target[0] * -(-size[1] // factor_of(size, target))
    return round(whole[0] * whole[1] * cost.extra + size[0] * size[1] * cost.pixel_bytes + small * SMALL_PIXEL_BYTES)


def _scale(whole: Size, wanted: Size) -> int:
    return next((each for each in SCALES if whole[0] // each >= wanted[0] and whole[1] // each >= wanted[1]), 1)
