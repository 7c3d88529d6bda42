"""Decodes a poster into a small upright picture in sRGB, in bounded memory.

A decoded picture takes up to four bytes for each pixel, and each change of colours as much again. So JPEGs are made
smaller while they are decoded, the colours are changed in strips that are made smaller at once, and a picture whose
decoding alone would take too much is refused before.
"""

import io
import warnings

from PIL import Image, ImageFile, PngImagePlugin, UnidentifiedImageError, WebPImagePlugin

from .colours import change_to_srgb
from .limits import PIXELS_MAX, RATIO_MAX, SIDE_MIN, Unusable
from .sizes import Cost, Size, check_memory, factor_of, scale_of, target_size
from .webp import webp_size

FORMATS = ("JPEG", "PNG", WebPImagePlugin.WebPImageFile.format)
"""The last is named by its reader, which is loaded here, so that none of the others are."""
PngImagePlugin.MAX_TEXT_CHUNK = 8_000_000
"""Notes and profiles of a PNG are unpacked up to here. Programs put a whole history there; more bytes than the process
may have are its end."""
SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
STRIP_ROWS = 64
ORIENTATION = 0x0112
SIDEWAYS = (5, 6, 7, 8)
# Bytes that decoding takes for each pixel; four where nothing is said. WebP's decoder keeps several copies.
PIXEL_BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2}
WEBP_PIXEL_BYTES = 16
WAVE_BYTES = 2


def decoded(content: bytes) -> tuple[Image.Image, Size]:
    """The picture in `content`, upright, in sRGB, on white and as large as it is ever shown; then the upright size of
    the file. Raises Unusable, and MemoryError."""
    with warnings.catch_warnings():
        # About enormous pictures, for which our own limits have clearer messages, and about malformed notes.
        warnings.simplefilter("ignore")
        try:
            return _exact(*_halfway(content))
        except (Unusable, MemoryError):
            raise
        except UnidentifiedImageError as error:
            if content.startswith(SIGNATURES):
                raise Unusable("is damaged where it begins; save it anew.") from error
            raise Unusable("is no JPEG, PNG or WebP picture.") from error
        except Image.DecompressionBombError as error:
            limit = f"at most {PIXELS_MAX // 1_000_000} million pixels are taken"
            raise Unusable(f"is enormous; {limit}.") from error
        except Exception as error:
            # Files from anywhere make the library raise anything.
            raise Unusable(f"is damaged ({type(error).__name__}); save it anew.") from error


def _halfway(content: bytes) -> tuple[Image.Image, int, float, Size]:
    """The picture as wide as wanted, but not yet as high, with the orientation of the file; this orientation, how many
    of its rows count, and the size of the file."""
    _check_webp(content)
    with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
        whole = opened.size
        _check_size(*whole)
        cost = _cost(opened, content)
        raw_mode = _raw_mode(opened)
        if not cost.scales:
            # The notes of a PNG may stand behind its pixels.
            check_memory(cost, whole, target_size(whole))
            opened.load()
        orientation = _orientation(opened)
        target = _target(whole, orientation)
        check_memory(cost, whole, target)
        scale = scale_of(cost, whole, target)
        if cost.scales:
            opened.draft(opened.mode, (whole[0] // scale, whole[1] // scale))
        opened.load()
        small, factor = _in_strips(opened, raw_mode, whole[0] / scale, target)
        return small, orientation, whole[1] / scale / factor, whole


def _exact(small: Image.Image, orientation: int, rows: float, whole: Size) -> tuple[Image.Image, Size]:
    """The upright picture, and the upright size of the file."""
    target = _target(whole, orientation)
    box = (0, 0, small.width, min(rows, small.height))
    small = small.resize(target, Image.Resampling.LANCZOS, box)
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
    if orientation in turns:
        small = small.transpose(turns[orientation])
    return small, (whole[1], whole[0]) if orientation in SIDEWAYS else whole


def _target(whole: Size, orientation: int) -> Size:
    """The size in which the picture of the file is wanted, before it is put upright."""
    if orientation in SIDEWAYS:
        width, height = target_size((whole[1], whole[0]))
        return height, width
    return target_size(whole)


def _check_size(width: int, height: int) -> None:
    if width * height > PIXELS_MAX:
        raise Unusable(f"is {width} by {height} pixels; at most {PIXELS_MAX // 1_000_000} million are taken.")
    if min(width, height) < SIDE_MIN:
        raise Unusable(f"is {width} by {height} pixels; each side must have at least {SIDE_MIN}.")
    if max(width, height) > RATIO_MAX * min(width, height):
        raise Unusable(f"is {width} by {height} pixels; no side may be more than {RATIO_MAX} times the other.")


def _check_webp(content: bytes) -> None:
    """Check the size of a WebP file before it is opened, which takes memory for a picture of that size."""
    size = webp_size(content)
    if size is not None:
        _check_size(*size)
        check_memory(Cost(WEBP_PIXEL_BYTES), size, target_size(size))


def _orientation(opened: ImageFile.ImageFile) -> int:
    """How the picture is to be turned, 1 to 8. Nothing else is read from its notes, many of which are malformed; those
    that cannot be read at all turn nothing, as everywhere else."""
    try:
        noted = opened.getexif().get(ORIENTATION, 1)
    except MemoryError:
        raise
    except Exception:
        return 1
    if isinstance(noted, bytes):
        noted = int.from_bytes(noted, "big")
    return noted if isinstance(noted, int) and 1 <= noted <= 8 else 1


def _raw_mode(opened: ImageFile.ImageFile) -> str:
    """How the file keeps its pixels, such as `RGB;16B`."""
    arguments = opened.tile[0].args if opened.tile else ""
    return arguments if isinstance(arguments, str) else str((*(arguments or ()), "")[0])


def _cost(opened: ImageFile.ImageFile, content: bytes) -> Cost:
    if opened.format == "WEBP":
        return Cost(WEBP_PIXEL_BYTES)
    pixel_bytes = PIXEL_BYTES.get(opened.mode, 4)
    if opened.format == "PNG":
        return Cost(pixel_bytes)
    # A JPEG in several scans is decoded from the waves of all of its pixels.
    layers = getattr(opened, "layer", [])
    finest = max((layer[1] * layer[2] for layer in layers), default=1) or 1
    waves = WAVE_BYTES * sum(layer[1] * layer[2] for layer in layers) / finest
    return Cost(pixel_bytes, 0 if _is_one_scan(opened, content, len(layers)) else waves, scales=True)


def _is_one_scan(opened: ImageFile.ImageFile, content: bytes, layers: int) -> bool:
    """Whether the first scan, behind whose head the file was left when it was opened, has all colours in all detail."""
    assert opened.fp is not None
    head = opened.fp.tell() - 8 - 2 * layers
    return not opened.info.get("progressive") and head >= 0 and content[head : head + 2] == b"\xff\xda"


def _in_strips(picture: ImageFile.ImageFile, raw_mode: str, columns: float, target: Size) -> tuple[Image.Image, int]:
    """The picture as wide as wanted, in sRGB and on white, and how many of its rows were made one. Of the last column
    only what is within `columns` counts."""
    change = change_to_srgb(picture, raw_mode)
    factor = factor_of(picture.size, target)
    rows = max(1, STRIP_ROWS // factor) * factor
    small = Image.new("RGB", (target[0], -(-picture.height // factor)))
    for top in range(0, picture.height, rows):
        strip = change(picture.crop((0, top, picture.width, min(top + rows, picture.height)))).reduce(factor)
        box = (0, 0, min(columns / factor, strip.width), strip.height)
        small.paste(strip.resize((target[0], strip.height), Image.Resampling.LANCZOS, box), (0, top // factor))
    return small, factor
