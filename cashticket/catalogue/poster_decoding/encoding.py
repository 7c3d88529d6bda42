"""Encodes an upright picture into the sizes in which posters are shown. No note of the file it came from is in them."""

import io

from PIL import Image

from .limits import FALLBACK_WIDTH, WIDTHS


def encoded(picture: Image.Image, whole: tuple[int, int]) -> list[bytes]:
    """The files of `picture` in the order of ENDINGS, none wider than the `whole` that it was made from."""
    kinds = [*((width, "WEBP") for width in WIDTHS), (FALLBACK_WIDTH, "JPEG")]
    return [_encoded(picture, whole, width, kind) for width, kind in kinds]


def _encoded(picture: Image.Image, whole: tuple[int, int], width: int, kind: str) -> bytes:
    width = min(width, whole[0])
    size = (width, max(1, round(whole[1] * width / whole[0])))
    sized = picture.resize(size, Image.Resampling.LANCZOS) if size != picture.size else picture.copy()
    sized.info.clear()
    written = io.BytesIO()
    if kind == "WEBP":
        sized.save(written, kind, quality=82, method=5)
    else:
        sized.save(written, kind, quality=85, optimize=True, progressive=True)
    return written.getvalue()
