"""Posters of an imported file: found as people write their paths, and never outside the folder of the file."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from PIL import Image

from cashticket.catalogue import posters
from cashticket.cli.output import Data
from tests.inputs.imports.files import HEADING, SPRING

# Pictures lie in a folder, whatever the database.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

FOUND = (
    *("spring.png", "./spring.png", "pictures/spring.png", "pictures\\spring.png", ".\\pictures\\spring.png"),
    *("pictures//spring.png", "  pictures/spring.png ", "봄 밤.png", unicodedata.normalize("NFD", "봄 밤.png")),
    *("'quoted'.png", "=spring.png"),
)
NOT_FOUND = {
    "../outside.png": "is not named as a file beside",
    "..\\outside.png": "is not named as a file beside",
    "pictures/../../outside.png": "is not named as a file beside",
    "/etc/hostname": "is not named as a file beside",
    "C:\\posters\\spring.png": "is not named as a file beside",
    "\\\\server\\share\\spring.png": "is not named as a file beside",
    "https://example.com/spring.png": "is not named as a file beside",
    "missing.png": "cannot be read: No such file",
    "pictures": "is no file",
    "link.png": "is a link to a file outside",
    "x" * 5_000: "cannot be read",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of a list with pictures, and one beside it that no list may name."""
    folder = tmp_path / "list"
    (folder / "pictures").mkdir(parents=True)
    for name in ("spring.png", "pictures/spring.png", "봄 밤.png", "'quoted'.png", "=spring.png", "../outside.png"):
        Image.new("RGB", (300, 400), "navy").save(folder / name)
    (folder / "link.png").symlink_to(tmp_path / "outside.png")
    return folder


def run(app: Flask, folder: Path, *rows: Data, words: tuple[str, ...] = ("--json",)) -> Result:
    path = folder / "season.json"
    path.write_text(json.dumps(rows), "utf-8")
    return app.test_cli_runner().invoke(args=["concert", "import", str(path), *words])


def row(poster: str) -> Data:
    return {**dict(zip(HEADING, SPRING, strict=True)), "poster": poster}


@pytest.mark.parametrize("path", FOUND)
def test_a_poster_is_found_as_its_path_is_written(app: Flask, folder: Path, path: str) -> None:
    result = run(app, folder, row(path))
    assert result.exit_code == 0, result.output
    [concert] = json.loads(result.stdout)
    assert (app.extensions["settings"].posters / f"{concert['poster']}-640.webp").exists()


@pytest.mark.parametrize(("path", "fault"), NOT_FOUND.items(), ids=[path[:30] for path in NOT_FOUND])
def test_a_poster_outside_or_missing_is_told(app: Flask, folder: Path, path: str, fault: str) -> None:
    result = run(app, folder, row(path))
    assert result.exit_code == 1 and "row 1: poster: The poster" in result.stderr and fault in result.stderr


def test_a_poster_that_is_stored_is_kept_and_one_that_is_not_is_left_out_aloud(app: Flask, folder: Path) -> None:
    [stored] = json.loads(run(app, folder, row("spring.png")).stdout)
    result = run(app, folder, row(stored["poster"]) | {"title": "여름밤"}, row("0" * 32) | {"title": "가을밤"})
    assert [each["poster"] for each in json.loads(result.stdout)] == [stored["poster"], None]
    assert f"Posters that are not stored here are left out: {'0' * 32}." in result.stderr


def test_a_poster_of_many_rows_is_decoded_once_and_told_for_each(
    app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, decoded = posters.keep, []

    def counted(content: bytes, *more: Any) -> str:
        decoded.append(len(content))
        return keep(content, *more)

    monkeypatch.setattr(posters, "keep", counted)
    days = [row("spring.png") | {"starts": f"2041-04-{day}T19:00"} for day in range(10, 20)]
    concerts = json.loads(run(app, folder, *days).stdout)
    assert len({each["poster"] for each in concerts}) == 1 == len(decoded) and len(concerts) == 10
    told = run(app, folder, *(each | {"poster": "missing.png"} for each in days)).stderr
    assert told.count("poster: The poster 'missing.png' cannot be read") == 11, "ten rows and the last line"
