"""One process for the posters of a module, and what is published of a file."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from cashticket.catalogue import posters
from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.poster_decoding.limits import ENDINGS
from cashticket.catalogue.poster_process import PosterProcess

Publish = Callable[[bytes], Image.Image]


@pytest.fixture(scope="module")
def process() -> Iterator[PosterProcess]:
    with PosterProcess() as started:
        yield started


@pytest.fixture
def publish(process: PosterProcess, tmp_path: Path) -> Publish:
    """Store a file as a poster and return the picture that is shown large, after comparing it with the others."""

    def published(content: bytes) -> Image.Image:
        stem = posters.keep(content, "poster.png", tmp_path, process)
        shown = [Image.open(io.BytesIO((tmp_path / f"{stem}-{ending}").read_bytes())) for ending in ENDINGS]
        large, others = shown[2].convert("RGB"), [shown[0], shown[1], shown[3]]
        for other in others:
            assert not other.getexif() and "icc_profile" not in other.info
            same_size = other.convert("RGB").resize((4, 4), Image.Resampling.BOX)
            means = large.resize((4, 4), Image.Resampling.BOX)
            assert all(abs(one - two) < 14 for one, two in zip(same_size.tobytes(), means.tobytes(), strict=True))
        return large

    return published


@pytest.fixture
def refusal(process: PosterProcess, tmp_path: Path) -> Callable[[bytes], str]:
    """Why a file is refused, after looking that nothing of it was stored."""

    def why(content: bytes) -> str:
        with pytest.raises(NotPublishable) as caught:
            posters.keep(content, "poster.png", tmp_path / "posters", process)
        assert not (tmp_path / "posters").exists()
        sentence = str(caught.value)
        assert sentence.startswith("The poster poster.png ") and sentence.endswith(".") and "\n" not in sentence
        return sentence

    return why
