"""Files that end too early or have other bytes in the middle: each is published whole or refused, never half."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from cashticket.catalogue import posters
from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.poster_decoding.limits import ENDINGS
from cashticket.catalogue.poster_process import PosterProcess
from tests.inputs.posters.conftest import Publish
from tests.inputs.posters.looking import corners
from tests.inputs.posters.making import quarters, saved

WHOLE: dict[str, bytes] = {
    "PNG": saved(quarters(), "PNG"),
    "JPEG": saved(quarters(), "JPEG", quality=95),
    "JPEG, progressive": saved(quarters(), "JPEG", quality=95, progressive=True),
    "WebP": saved(quarters(), "WEBP", quality=95),
    "WebP kept exactly": saved(quarters(), "WEBP", lossless=True),
    "WebP that moves": saved(quarters(), "WEBP", lossless=True, save_all=True, append_images=[quarters()]),
}
NOISE: dict[str, bytes] = {
    kind: saved(Image.effect_noise((240, 300), 80).convert("RGB"), kind) for kind in ("PNG", "JPEG", "WEBP")
}
PARTS = (0.02, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("kind", NOISE)
def test_a_file_that_ends_early_is_refused(refusal: Callable[[bytes], str], kind: str, part: float) -> None:
    content = NOISE[kind]
    why = refusal(content[: int(len(content) * part)])
    assert "is damaged" in why or (kind == "WEBP" and "is no JPEG" in why)


@pytest.mark.parametrize("kind", WHOLE)
def test_what_follows_the_picture_is_left_aside(publish: Publish, kind: str) -> None:
    for more in (b"\0" * 1_000, b"<script>alert(1)</script>", WHOLE["JPEG"], b"PK\x03\x04"):
        assert corners(publish(WHOLE[kind] + more)) == "RGBW"


@pytest.mark.parametrize("kind", WHOLE)
def test_bytes_that_are_missing_in_the_middle_leave_no_half_picture(
    process: PosterProcess, tmp_path: Path, kind: str
) -> None:
    content = WHOLE[kind]
    for number in range(12):
        place = 20 + (len(content) - 40) * number // 12
        _whole_or_nothing(content[:place] + content[place + 9 :], tmp_path / str(number), process)


@pytest.mark.parametrize("kind", WHOLE)
def test_bytes_that_are_there_twice_leave_no_half_picture(process: PosterProcess, tmp_path: Path, kind: str) -> None:
    content = WHOLE[kind]
    for number in range(12):
        place = 20 + (len(content) - 40) * number // 12
        _whole_or_nothing(content[:place] + content[place - 20 :], tmp_path / str(number), process)


def _whole_or_nothing(content: bytes, folder: Path, process: PosterProcess) -> None:
    try:
        stem = posters.keep(content, "poster.png", folder, process)
    except NotPublishable as error:
        assert str(error).startswith("The poster poster.png ") and not folder.exists()
        return
    assert sorted(path.name for path in folder.iterdir()) == sorted(f"{stem}-{ending}" for ending in ENDINGS)
    for path in folder.iterdir():
        with Image.open(path) as stored:
            stored.load()
