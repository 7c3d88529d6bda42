"""Posters of imported lists: only files beside the list are read. What may be in them is in `tests/inputs/posters`."""

import io
import os
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from cashticket.catalogue import posters
from cashticket.catalogue.concerts import NotPublishable

pytestmark = pytest.mark.sweep


def picture(mode: str = "RGB", size: tuple[int, int] = (300, 400), kind: str = "PNG", **options: Any) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, options.pop("colour", 0)).save(written, kind, **options)
    return written.getvalue()


@pytest.fixture
def season(tmp_path: Path) -> Path:
    """The folder of a list, beside one that belongs to somebody else."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "passport.png").write_bytes(picture())
    folder = tmp_path / "season"
    (folder / "pictures" / "spring").mkdir(parents=True)
    (folder / "poster.png").write_bytes(picture())
    (folder / "pictures" / "spring" / "night.png").write_bytes(picture(colour="red"))
    return folder


@pytest.mark.parametrize(
    "name", ["poster.png", "./poster.png", "pictures/spring/night.png", "pictures\\spring\\night.png"]
)
def test_a_picture_beside_the_list_or_below_it_is_taken(season: Path, tmp_path: Path, name: str) -> None:
    stem = posters.take_in_beside(season, name, tmp_path / "kept")
    assert (tmp_path / "kept" / f"{stem}-640.jpg").exists()


@pytest.mark.parametrize("on_disk", ["NFC", "NFD"])
@pytest.mark.parametrize("in_list", ["NFC", "NFD"])
def test_hangul_names_are_found_however_they_are_composed(season: Path, on_disk: Any, in_list: Any) -> None:
    folder = season / unicodedata.normalize(on_disk, "가을")
    folder.mkdir()
    (folder / unicodedata.normalize(on_disk, "포스터.png")).write_bytes(picture())
    assert posters.take_in_beside(season, unicodedata.normalize(in_list, "가을/포스터.png"), None)


@pytest.mark.parametrize(
    "name",
    [
        "../secret/passport.png", "..\\secret\\passport.png", "pictures/../../secret/passport.png", "/etc/hostname",
        "\\\\server\\share\\x.png", "C:\\poster.png", "{outside}", "link.png", "linked/passport.png", "..", "", ".",
        "/", "pictures", "pipe", "poster.png\0", "nowhere.png", "x" * 300, "poster.png/inside",
    ],
)  # fmt: skip
def test_every_other_path_is_refused_in_a_sentence(season: Path, tmp_path: Path, name: str) -> None:
    (season / "link.png").symlink_to(tmp_path / "secret" / "passport.png")
    (season / "linked").symlink_to(tmp_path / "secret")
    os.mkfifo(season / "pipe")
    with pytest.raises(NotPublishable, match=r"^The poster .*\.$"):
        posters.take_in_beside(season, name.format(outside=tmp_path / "secret" / "passport.png"), tmp_path / "kept")
    assert not (tmp_path / "kept").exists()


def test_a_link_that_stays_in_the_folder_is_followed(season: Path) -> None:
    (season / "again.png").symlink_to("pictures/spring/night.png")
    assert posters.take_in_beside(season, "again.png", None)


def test_a_list_in_a_linked_folder_finds_its_pictures(season: Path, tmp_path: Path) -> None:
    (tmp_path / "today").symlink_to(season)
    assert posters.take_in_beside(tmp_path / "today", "poster.png", None)
