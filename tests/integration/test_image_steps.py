"""The steps of the Dockerfile, without Docker: they work, and what they make serves from a tree that nobody writes."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import image_steps

BYTES_MAX = 170_000_000
"""What is ours in the image, which is to stay below 300 MB together with its base."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Another account must be able to enter it."""
    place = Path(tempfile.mkdtemp(prefix="ct-image-"))
    yield place
    shutil.rmtree(place)


@pytest.mark.trial
@pytest.mark.skipif(os.getuid() != 0, reason="only root has mounts of its own")
def test_the_image_is_small_and_serves_as_another_account(folder: Path) -> None:
    """It installs every package anew. The stores are away, so it is alive and says what it misses."""
    size, status, body = image_steps.carry_out(folder, "/usr/bin/python3", image_steps.SETTINGS)
    assert size < BYTES_MAX
    assert status == 503 and {"live_store", "database"} <= set(body["missing"])


def test_a_line_of_a_dockerfile_goes_on_behind_a_comment() -> None:
    text = 'FROM a AS b\n# why\nENV X=1 \\\n    Y=2\nCMD ["x"]\n'
    assert image_steps.instructions(text) == [("FROM", "a AS b"), ("ENV", "X=1      Y=2"), ("CMD", '["x"]')]


def test_an_instruction_that_nobody_carries_out_is_an_error() -> None:
    with pytest.raises(ValueError, match="VOLUME"):
        list(image_steps.script([("VOLUME", "/data")]))


def test_each_step_of_the_image_is_carried_out() -> None:
    steps = image_steps.instructions((image_steps.ROOT / "Dockerfile").read_text(encoding="utf-8"))
    lines = list(image_steps.script(steps))
    assert sum(line.startswith("( ") for line in lines) == sum(word == "RUN" for word, _ in steps) >= 4
    assert sum(line.startswith("tar ") for line in lines) == 4
