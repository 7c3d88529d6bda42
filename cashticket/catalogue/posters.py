"""Poster pictures: checked, re-encoded into a few sizes, and stored under names made from their content.

Only Pillow's output is stored: no metadata and no bytes of the original file. The content of a name never changes, so
browsers may cache it for ever, and storing the same picture again changes nothing.
"""

import hashlib
import io
import re
import secrets
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from cashticket.catalogue.concerts import NotPublishable

if TYPE_CHECKING:
    from PIL.Image import Image

WIDTHS = (320, 640, 1280)
FALLBACK_WIDTH = 640
"""This size is also stored as JPEG, for browsers without WebP."""

FORMATS = ("JPEG", "PNG", "WEBP")
BYTES_MAX = 20_000_000
PIXELS_MAX = 50_000_000
SIDE_MIN = 200
RATIO_MAX = 3
STEM_LETTERS = 32
NAME = re.compile(r"[0-9a-f]{32}-(?:320|640|1280)\.webp|[0-9a-f]{32}-640\.jpg")


def take_in(file: Path, folder: Path | None) -> str:
    """Store the picture in `file` under `folder` (None: only check it). Returns the stem of its names. Raises
    NotPublishable naming what is wrong."""
    try:
        with file.open("rb") as opened:
            content = opened.read(BYTES_MAX + 1)
    except OSError as error:
        raise NotPublishable(f"The poster {file} cannot be read: {error.strerror}.") from error
    return keep(content, file.name, folder)


def keep(content: bytes, name: str, folder: Path | None) -> str:
    """Store the picture in `content` as `take_in` does; `name` is for messages. Raises NotPublishable."""
    if len(content) > BYTES_MAX:
        raise NotPublishable(f"The poster {name} is larger than {BYTES_MAX // 1_000_000} MB; save it smaller.")
    stem = hashlib.sha256(content).hexdigest()[:STEM_LETTERS]
    picture = _opened(content, name)
    if folder is None:
        return stem
    folder.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        _write(folder / f"{stem}-{width}.webp", _encoded(picture, width, "WEBP"))
    _write(folder / f"{stem}-{FALLBACK_WIDTH}.jpg", _encoded(picture, FALLBACK_WIDTH, "JPEG"))
    return stem


def _opened(content: bytes, name: str) -> "Image":
    """The picture upright, in sRGB, without metadata."""
    # Imported here, because the web processes only serve stored pictures and start faster without it.
    from PIL import Image, ImageOps, UnidentifiedImageError

    with warnings.catch_warnings():
        # Our own limits below have clearer messages.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        try:
            opened = Image.open(io.BytesIO(content), formats=FORMATS)
            _check_size(opened.width, opened.height, name)
            opened.load()
            upright = ImageOps.exif_transpose(opened)
        except NotPublishable:
            raise
        except UnidentifiedImageError as error:
            raise NotPublishable(f"The poster {name} is no JPEG, PNG or WebP picture.") from error
        except Image.DecompressionBombError as error:
            limit = f"at most {PIXELS_MAX // 1_000_000} million pixels are taken"
            raise NotPublishable(f"The poster {name} is enormous; {limit}.") from error
        except (OSError, ValueError, SyntaxError, MemoryError) as error:
            raise NotPublishable(f"The poster {name} is damaged: {error}.") from error
    return _flat(_in_srgb(upright))


def _check_size(width: int, height: int, name: str) -> None:
    size = f"The poster {name} is {width} by {height} pixels;"
    if width * height > PIXELS_MAX:
        raise NotPublishable(f"{size} at most {PIXELS_MAX // 1_000_000} million are taken.")
    if min(width, height) < SIDE_MIN:
        raise NotPublishable(f"{size} each side must have at least {SIDE_MIN}.")
    if max(width, height) > RATIO_MAX * min(width, height):
        raise NotPublishable(f"{size} no side may be more than {RATIO_MAX} times the other.")


def _in_srgb(picture: "Image") -> "Image":
    """The picture with colours converted to sRGB. A profile that cannot be read is ignored."""
    from PIL import ImageCms

    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return picture
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(picture, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError):
        return picture
    return converted or picture


def _flat(picture: "Image") -> "Image":
    """The picture on white, without transparency."""
    from PIL import Image

    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    paper = Image.new("RGBA", picture.size, "white")
    paper.alpha_composite(picture.convert("RGBA"))
    return paper.convert("RGB")


def _encoded(picture: "Image", width: int, kind: str) -> bytes:
    """The picture at most `width` pixels wide, never enlarged."""
    from PIL import Image

    width = min(width, picture.width)
    height = max(1, round(picture.height * width / picture.width))
    sized = picture.resize((width, height), Image.Resampling.LANCZOS) if width < picture.width else picture.copy()
    sized.info.clear()
    written = io.BytesIO()
    if kind == "WEBP":
        sized.save(written, kind, quality=82, method=5)
    else:
        sized.save(written, kind, quality=85, optimize=True, progressive=True)
    return written.getvalue()


def _write(path: Path, content: bytes) -> None:
    """Write the file whole or not at all, readable by the web server's account."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    draft.write_bytes(content)
    draft.chmod(0o644)
    draft.replace(path)
