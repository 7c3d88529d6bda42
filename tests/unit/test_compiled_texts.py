"""Translations compile themselves when their text is newer."""

import os
import shutil
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo

from cashticket.compiled_texts import FOLDER, compile_texts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of our texts without anything compiled."""
    copy = tmp_path / "translations"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns("*.mo"))
    return copy


def test_a_missing_catalogue_is_compiled(folder: Path) -> None:
    written = compile_texts(folder)
    assert [path.parts[-3] for path in written] == ["en", "ko"]
    with written[1].open("rb") as file:
        assert "입찰" in " ".join(str(message.string) for message in read_mo(file))


def test_an_older_catalogue_is_compiled_again(folder: Path) -> None:
    korean = compile_texts(folder)[1]
    os.utime(korean, (1, 1))
    assert compile_texts(folder) == [korean]


def test_a_present_catalogue_is_left_alone(folder: Path) -> None:
    compile_texts(folder)
    assert compile_texts(folder) == []


def test_nothing_but_whole_files_is_left_in_the_folder(folder: Path) -> None:
    compile_texts(folder)
    assert {path.suffix for path in folder.rglob("*") if path.is_file()} == {".po", ".mo"}
