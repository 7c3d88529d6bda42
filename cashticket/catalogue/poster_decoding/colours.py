"""Brings strips of a picture into sRGB, eight bits and onto white, whatever the file has its colours in."""

import io
from collections.abc import Callable
from typing import Any

from PIL import Image, ImageCms

Change = Callable[[Image.Image], Image.Image]

# The colours of a profile → the mode of the pictures that it can be about.
PROFILE_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}


def change_to_srgb(picture: Image.Image, raw_mode: str) -> Change:
    """What changes a strip of `picture`, which the file keeps as `raw_mode`, to opaque RGB.

    Only the profile and the transparency of its notes are left to the picture: a file may give any name to any text.
    """
    profile = picture.info.get("icc_profile")
    key = _key(picture.info.get("transparency"), raw_mode)
    picture.info = {} if key is None else {"transparency": key}
    change = _profile_change(profile, picture.mode, raw_mode) if isinstance(profile, bytes) else _plain
    return lambda strip: _on_white(_expanded(strip), change)


def _key(noted: Any, raw_mode: str) -> Any:
    """The transparent colour, in the bits that the decoder leaves; None if there is none."""
    if isinstance(noted, tuple) and raw_mode.endswith("16B"):
        return tuple(level >> 8 for level in noted)
    return noted if isinstance(noted, bytes | int | tuple) else None


def _expanded(strip: Image.Image) -> Image.Image:
    """The strip as L, LA, RGB, RGBA or CMYK."""
    key = strip.info.get("transparency")
    if strip.mode == "I;16":
        return _eight_bits(strip, key)
    if key is not None and strip.mode in ("1", "L", "P", "RGB"):
        return strip.convert("RGBA")
    modes = {"1": "L", "P": "RGB", "PA": "RGBA", "RGBX": "RGB"}
    return strip.convert(modes[strip.mode]) if strip.mode in modes else strip


def _eight_bits(strip: Image.Image, key: Any) -> Image.Image:
    """Grey of 16 bits as grey of 8 bits; what is transparent becomes white."""
    if not isinstance(key, int):
        return Image.frombytes("L", strip.size, strip.tobytes(), "raw", "L;16")
    table = [255 if level == key else level >> 8 for level in range(65_536)]
    return strip.convert("I").point(table, "L")


def _on_white(strip: Image.Image, change: Change) -> Image.Image:
    if strip.mode not in ("LA", "RGBA"):
        return change(strip)
    paper = Image.new("RGB", strip.size, "white")
    paper.paste(change(strip.convert(strip.mode[:-1])), mask=strip.getchannel("A"))
    return paper


def _plain(strip: Image.Image) -> Image.Image:
    return strip.convert("RGB")


def _profile_change(profile: bytes, mode: str, raw_mode: str) -> Change:
    """What changes a strip from the colours of `profile` to sRGB. A profile that cannot be read, or that is about
    other colours than the picture has, is left aside."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        needed = PROFILE_MODES.get(source.profile.xcolor_space.strip())
        is_grey = mode in ("1", "L", "LA", "I;16") or raw_mode.startswith("L")
        if needed is None or (needed == "CMYK") != (mode == "CMYK") or (needed == "L" and not is_grey):
            return _plain
        transform = ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), needed, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):
        return _plain

    def change(strip: Image.Image) -> Image.Image:
        return ImageCms.applyTransform(strip.convert(needed), transform) or _plain(strip)

    return change
