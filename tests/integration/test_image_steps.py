"""The steps of the Dockerfile, without Docker: they work, and what they make serves from a tree that nobody writes."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab import image_steps
from lab.servers.mariadb_server import MariaDbServer
from lab.servers.redis_server import RedisServer
from tests.fixtures.databases import emptied_mariadb

BYTES_MAX = 170_000_000
"""What is ours in the image, which is to stay below 300 MB together with its base."""
needs_root = pytest.mark.skipif(os.getuid() != 0, reason="only root has mounts of its own")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Another account must be able to enter it."""
    place = Path(tempfile.mkdtemp(prefix="ct-image-"))
    yield place
    shutil.rmtree(place)


@pytest.fixture
def settings(own_store: RedisServer, mariadb_server: MariaDbServer, request: pytest.FixtureRequest) -> dict[str, str]:
    """What the image is told: a store for both roles, and a migrated database without rows."""
    database = emptied_mariadb(request)
    mariadb_server.directory.chmod(0o711)
    return image_steps.settings_on(own_store, own_store, database)


@pytest.mark.trial
@needs_root
def test_the_image_is_small_and_serves_as_another_account(folder: Path, settings: dict[str, str]) -> None:
    """It installs every package anew, as the first stage of the Dockerfile says."""
    served = image_steps.carry_out(folder, "/usr/bin/python3", settings)
    assert 0 < served.size < BYTES_MAX
    assert (served.users, served.status, served.body["missing"]) == ({10001}, 200, [])


@pytest.mark.sweep
@pytest.mark.slow
@needs_root
def test_the_last_stage_of_the_image_serves_as_another_account_from_a_tree_that_nobody_writes(
    folder: Path, settings: dict[str, str]
) -> None:
    """Files, account, environment, health check and command are the Dockerfile's; packages are those of the tests."""
    served = image_steps.carry_out_last_stage(folder, settings)
    assert (served.users, served.status, served.body["missing"]) == ({10001}, 200, [])


def test_a_line_of_a_dockerfile_goes_on_behind_a_comment() -> None:
    text = 'FROM a AS b\n# why\nENV X=1 \\\n    Y=2\nCMD ["x"]\n'
    assert image_steps.instructions(text) == [("FROM", "a AS b"), ("ENV", "X=1      Y=2"), ("CMD", '["x"]')]


def test_an_instruction_that_nobody_carries_out_is_an_error() -> None:
    with pytest.raises(ValueError, match="VOLUME"):
        list(image_steps.script([("VOLUME", "/data")]))


def test_a_file_that_the_builder_does_not_get_is_an_error() -> None:
    with pytest.raises(ValueError, match="README"):
        image_steps.copying("README.md ./")


def test_each_step_of_the_image_is_carried_out() -> None:
    steps = image_steps.instructions((image_steps.ROOT / "Dockerfile").read_text(encoding="utf-8"))
    lines = list(image_steps.script(steps))
    assert sum(line.startswith("( ") for line in lines) == sum(word == "RUN" for word, _ in steps) >= 4
    assert sum(line.startswith("tar ") for line in lines) == 4
