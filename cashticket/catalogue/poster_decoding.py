"""Decodes a poster into a small upright picture in sRGB, in bounded memory.

A decoded picture takes up to four bytes for each pixel, and each change of colours as much again. So JPEGs are made
smaller while they are decoded, the colours are changed in strips that are made smaller at once, and a picture whose
decoding alone would take too much is refused before.
"""

import io
import math
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

from cashticket.catalogue.concerts import NotPublishable

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("JPEG", "PNG", "WEBP")
PIXELS_MAX = 50_000_000
DECODED_BYTES_MAX = 130_000_000
"""What decoding may take beside the file itself."""

SIDE_MIN = 200
RATIO_MAX = 3
STRIP_ROWS = 256
# A picture is made smaller in two steps; the first leaves at least so many times the width that is wanted.
FIRST_STEP = 2
ORIENTATION = 0x0112
# Bytes that decoding takes for each pixel. WebP's decoder keeps several copies; a progressive JPEG, all its waves.
PIXEL_BYTES = {"1": 1, "L": 1, "P": 1, "I;16": 2}
WEBP_PIXEL_BYTES = 16
WAVE_BYTES = 6


def decoded(content: bytes, name: str, width: int) -> tuple["Image", tuple[int, int]]:
    """The picture in `content`, upright, in sRGB and on white, and its whole size. It is smaller than the whole, but at
    least `width` wide where the whole is. Raises NotPublishable; `name` is for messages."""
    # Imported here, because the web processes only serve stored pictures and start faster without it.
    from PIL import Image, UnidentifiedImageError

    with warnings.catch_warnings():
        # About enormous pictures, for which our own limits have clearer messages, and about malformed notes.
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
                _check_size(opened.width, opened.height, name)
                orientation = _orientation(opened, name)
                _check_memory(opened, name)
                return _upright(opened, orientation, width)
        except NotPublishable:
            raise
        except UnidentifiedImageError as error:
            raise NotPublishable(f"The poster {name} is no JPEG, PNG or WebP picture.") from error
        except Image.DecompressionBombError as error:
            limit = f"at most {PIXELS_MAX // 1_000_000} million pixels are taken"
            raise NotPublishable(f"The poster {name} is enormous; {limit}.") from error
        except MemoryError as error:
            raise NotPublishable(f"The poster {name} needs more memory than there is; save it smaller.") from error
        except Exception as error:
            # Files from anywhere make the library raise anything.
            raise NotPublishable(f"The poster {name} is damaged ({type(error).__name__}); save it anew.") from error


def _check_size(width: int, height: int, name: str) -> None:
    size = f"The poster {name} is {width} by {height} pixels;"
    if width * height > PIXELS_MAX:
        raise NotPublishable(f"{size} at most {PIXELS_MAX // 1_000_000} million are taken.")
    if min(width, height) < SIDE_MIN:
        raise NotPublishable(f"{size} each side must have at least {SIDE_MIN}.")
    if max(width, height) > RATIO_MAX * min(width, height):
        raise NotPublishable(f"{size} no side may be more than {RATIO_MAX} times the other.")


def _check_memory(opened: "Image", name: str) -> None:
    """Refuse what would take too much memory, before it is decoded."""
    if opened.format == "WEBP":
        pixel_bytes = WEBP_PIXEL_BYTES
    elif opened.format == "JPEG":
        # A baseline JPEG is decoded to its reduced size.
        pixel_bytes = WAVE_BYTES if opened.info.get("progressive") else 0
    else:
        pixel_bytes = PIXEL_BYTES.get(opened.mode, 4)
    if opened.width * opened.height * pixel_bytes > DECODED_BYTES_MAX:
        side = math.isqrt(DECODED_BYTES_MAX // pixel_bytes) // 100 * 100
        raise NotPublishable(
            f"The poster {name} is {opened.width} by {opened.height} pixels, which this kind of picture needs too much "
            f"memory for; save it as at most {side} by {side}."
        )


def _orientation(opened: "Image", name: str) -> int:
    """How the picture is to be turned, 1 to 8. Nothing else is read from its notes, many of which are malformed."""
    try:
        return int(opened.getexif().get(ORIENTATION, 1))
    except Exception as error:
        raise NotPublishable(f"The notes in the poster {name} (EXIF) are damaged; save it anew.") from error


def _upright(opened: "Image", orientation: int, width: int) -> tuple["Image", tuple[int, int]]:
    from PIL import Image

    whole, turned = opened.size, orientation in (5, 6, 7, 8)
    # How many pixels of the file become one; the file's width may become the height.
    spare = max(1, whole[turned] // (width * FIRST_STEP))
    if opened.format == "JPEG":
        opened.draft(opened.mode, (-(-whole[0] // spare), -(-whole[1] // spare)))
    opened.load()
    small = _in_strips(opened, max(1, opened.size[turned] // (width * FIRST_STEP)))
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
    return small, (whole[1], whole[0]) if turned else whole


def _in_strips(picture: "Image", factor: int) -> "Image":
    """The picture with `factor` by `factor` pixels made one, in sRGB and on white."""
    from PIL import Image

    colours = _colours(picture)
    rows = max(1, STRIP_ROWS // factor) * factor
    small = Image.new("RGB", (-(-picture.width // factor), -(-picture.height // factor)))
    for top in range(0, picture.height, rows):
        strip = picture.crop((0, top, picture.width, min(top + rows, picture.height)))
        strip.info = dict(picture.info)
        small.paste(_flat(colours(strip)).reduce(factor), (0, top // factor))
    return small


def _colours(picture: "Image") -> Callable[["Image"], "Image"]:
    """What changes a strip of the picture to sRGB or to eight bits. A profile that cannot be read is ignored."""
    from PIL import ImageCms

    if picture.mode.startswith("I"):
        return _eight_bits
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return lambda strip: strip
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), picture.mode, mode)
    except (ImageCms.PyCMSError, OSError):
        return lambda strip: strip
    return lambda strip: ImageCms.applyTransform(strip, transform) or strip


def _eight_bits(strip: "Image") -> "Image":
    """Grey of 16 bits as grey of 8 bits; what is transparent becomes white."""
    table = [level >> 8 for level in range(65_536)]
    transparent = strip.info.pop("transparency", None)
    if isinstance(transparent, int) and 0 <= transparent < len(table):
        table[transparent] = 255
    return strip.convert("I").point(table, "L")


def _flat(strip: "Image") -> "Image":
    """The strip on white, without transparency."""
    from PIL import Image

    if "A" not in strip.getbands() and "transparency" not in strip.info:
        return strip.convert("RGB")
    paper = Image.new("RGBA", strip.size, "white")
    paper.alpha_composite(strip.convert("RGBA"))
    return paper.convert("RGB")
