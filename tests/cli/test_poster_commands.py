"""`flask concert add --poster` and `flask concert import` with posters that are none: a clear line, nothing stored."""

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from cashticket.catalogue import poster_process
from cashticket.catalogue.poster_decoding.limits import Limits
from cashticket.cli import progress
from cashticket.extensions import db
from cashticket.models import Concert

FIELDS = ("--title", "봄밤", "--artist", "등불", "--venue", "한강홀", "--starts", "2041-04-10T19:00")
HEADING = "title,artist,venue,starts,poster"


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["concert", *words])


def add(app: Flask, poster: Path) -> Result:
    return run(app, "add", *FIELDS, "--poster", str(poster))


def errors(result: Result) -> list[str]:
    """What was said but how far the work had come."""
    return [line for line in result.stderr.splitlines() if not line.startswith("Reading ")]


def concerts() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Concert)) or 0


def stored_in(app: Flask) -> list[Path]:
    folder: Path = app.extensions["settings"].posters
    return sorted(folder.iterdir()) if folder.exists() else []


def save(file: Path, size: tuple[int, int] = (300, 400), colour: str = "navy") -> bytes:
    Image.new("RGB", size, colour).save(file, file.suffix[1:])
    return file.read_bytes()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A folder of good and bad posters."""
    folder = tmp_path / "season"
    folder.mkdir()
    good = save(folder / "good.png")
    save(folder / "other.png", colour="red")
    save(folder / "narrow.png", (199, 400))
    save(folder / "long.png", (300, 901))
    save(folder / "wide.webp", (3_800, 3_700))
    (folder / "cut.png").write_bytes(good[:-40])
    (folder / "empty.png").write_bytes(b"")
    (folder / "page.png").write_bytes(b"<!doctype html><script>alert(1)</script>")
    (folder / "drawing.png").write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "anything.png").write_bytes(bytes(range(256)) * 40)
    (folder / "heavy.png").write_bytes(good.ljust(20_000_001, b"\0"))
    (folder / "list.csv").touch()
    return folder


FAULTS = {
    "narrow.png": "is 199 by 400 pixels; each side must have at least 200",
    "long.png": "is 300 by 901 pixels; no side may be more than 3 times the other",
    "wide.webp": (
        "is 3800 by 3700 pixels, which this kind of picture needs too much memory for; save it as at most 3100 by 3100"
    ),
    "cut.png": "is damaged (OSError); save it anew",
    "empty.png": "is no JPEG, PNG or WebP picture",
    "page.png": "is no JPEG, PNG or WebP picture",
    "drawing.png": "is no JPEG, PNG or WebP picture",
    "anything.png": "is no JPEG, PNG or WebP picture",
    "heavy.png": "is larger than 20 MB; save it smaller",
    "list.csv": "is no JPEG, PNG or WebP picture",
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_bad_poster_is_said_in_one_line_and_nothing_is_added(app: Flask, files: Path, name: str) -> None:
    result = add(app, files / name)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"Error: The poster {name} {FAULTS[name]}.\n"
    assert concerts() == 0 and stored_in(app) == []


def test_a_good_poster_is_added_in_four_files(app: Flask, files: Path) -> None:
    assert add(app, files / "good.png").exit_code == 0
    assert concerts() == 1 and len(stored_in(app)) == 4


def import_season(app: Flask, files: Path, *names: str, more: tuple[str, ...] = (), above: str = "") -> Result:
    rows = [f"밤 {number},등불,한강홀,2041-04-10T19:00,{name}" for number, name in enumerate(names, 1)]
    (files / "season.csv").write_text(above + "\n".join((HEADING, *rows)), "utf-8")
    return run(app, "import", str(files / "season.csv"), *more)


@pytest.mark.parametrize("more", [(), ("--dry-run",)], ids=["import", "dry run"])
def test_an_import_names_each_bad_poster_by_its_row_and_keeps_none(
    app: Flask, files: Path, more: tuple[str, ...]
) -> None:
    result = import_season(app, files, "good.png", *FAULTS, "other.png", more=more)
    assert (result.exit_code, result.stdout) == (1, "")
    *faults, last = errors(result)
    expected = [f"row {row}: poster: The poster {name} {fault}" for row, (name, fault) in enumerate(FAULTS.items(), 2)]
    assert faults == expected
    assert last == f"Error: Nothing was added from season.csv: {expected[0]} (and {len(FAULTS) - 1} more)."
    assert concerts() == 0 and stored_in(app) == []


def test_one_bad_poster_is_one_line(app: Flask, files: Path) -> None:
    beginning = "Error: Nothing was added from season.csv: row 2 (line 5): poster: The poster cut.png"
    *_told, said = errors(import_season(app, files, "good.png", "cut.png", above="시즌,,,,\n\n"))
    assert said == f"{beginning} is damaged (OSError); save it anew."


def test_an_import_of_good_posters_keeps_all_and_a_repeat_changes_none(app: Flask, files: Path) -> None:
    assert import_season(app, files, "good.png", "other.png", "good.png").exit_code == 0
    before = {path: path.read_bytes() for path in stored_in(app)}
    assert concerts() == 3 and len(before) == 8 and all(path.stat().st_mode & 0o777 == 0o644 for path in before)
    assert import_season(app, files, "good.png", "other.png", "good.png").exit_code == 0
    assert {path: path.read_bytes() for path in stored_in(app)} == before


def test_after_a_poster_that_ends_the_process_the_others_are_still_read(
    app: Flask, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poster_process, "Limits", lambda: Limits(memory_bytes=90_000_000))
    save(files / "large.png", (4_500, 4_500))
    result = import_season(app, files, "good.png", "large.png", "other.png", "cut.png", "large.png", "good.png")
    assert result.exit_code == 1 and stored_in(app) == []
    assert [line.partition(": poster: The poster ")[::2] for line in errors(result)[:-1]] == [
        ("row 2", "large.png needs more memory than it may have; save it smaller"),
        ("row 4", "cut.png is damaged (OSError); save it anew"),
        ("row 5", "large.png needs more memory than it may have; save it smaller"),
    ]


def test_a_process_that_does_not_start_ends_the_command_in_one_line(
    app: Flask, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(poster_process.sys, "executable", "/nowhere/python")
    for result in (add(app, files / "good.png"), import_season(app, files, "good.png")):
        assert result.exit_code == 1 and result.stderr.startswith("Error: The process that decodes posters does not")
        assert len(errors(result)) == 1
    assert concerts() == 0 and stored_in(app) == []


def test_a_folder_that_takes_no_files_ends_the_command_in_one_line(app: Flask, files: Path) -> None:
    app.extensions["settings"].posters.parent.mkdir(parents=True, exist_ok=True)
    app.extensions["settings"].posters.touch()
    for result in (add(app, files / "good.png"), import_season(app, files, "good.png")):
        assert result.exit_code == 1 and result.stderr.startswith("Error: No poster can be stored in ")
        assert len(errors(result)) == 1
    assert concerts() == 0


def test_an_import_says_how_many_posters_were_read(app: Flask, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "EVERY_SECONDS", 0.0)
    result = import_season(app, files, "good.png", "other.png", "good.png")
    said = [line for line in result.stderr.splitlines() if line.startswith("Reading posters")]
    assert said == [f"Reading posters: {number} of 2 done" for number in (1, 2)]
    assert "Reading the poster: 1 of 1 done" in add(app, files / "good.png").stderr


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_concert_that_is_refused_leaves_no_poster_and_has_none_read(app: Flask, files: Path) -> None:
    words = ["--poster", str(files / "good.png"), "--genre", "x" * 61]
    (files / "season.csv").write_text(f"{HEADING},organiser\nA,B,C,2041-04-10T19:00,good.png,nobody\n", "utf-8")
    for result in (run(app, "add", *FIELDS, *words), run(app, "import", str(files / "season.csv"))):
        assert result.exit_code == 1 and "Reading" not in result.stderr
    assert stored_in(app) == [] and concerts() == 0
