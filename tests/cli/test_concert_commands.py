"""`flask concert …`: input, output for people and programs, and refusals."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from cashticket.extensions import db
from cashticket.models import Concert

FIELDS = {"title": "Spring Night", "artist": "The Lanterns", "venue": "Han River Hall", "starts": "2041-04-10T19:00"}


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["concert", *words])


def add(app: Flask, *more: str, **changed: str) -> Result:
    options = [word for name, value in (FIELDS | changed).items() for word in (f"--{name}", value)]
    return run(app, "add", *options, *more)


def data(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def assert_one_line(result: Result, *words: str) -> None:
    """Check a refusal: exit status not 0, nothing on stdout, one line with these words, no traceback."""
    assert result.exit_code != 0 and result.stdout == ""
    assert result.exception is None or isinstance(result.exception, SystemExit)
    line = result.stderr.strip().splitlines()[-1]
    assert line.startswith("Error: ") and all(word in line for word in words), line


def test_a_concert_is_added_and_shown(app: Flask) -> None:
    added = data(add(app, "--genre", "Jazz", "--age-limit", "14", "--description", "One night.", "--json"))
    assert added == {
        "id": added["id"],
        "title": "Spring Night",
        "artist": "The Lanterns",
        "venue": "Han River Hall",
        "title_en": None,
        "artist_en": None,
        "venue_en": None,
        "starts_at": "2041-04-10T10:00:00.000Z",
        "cancel_until": "2041-04-09T08:00:00.000Z",
        "genre": "Jazz",
        "city": None,
        "age_limit": 14,
        "description": "One night.",
        "poster": None,
        "organiser": None,
        "auctions": [],
    }
    assert data(run(app, "show", str(added["id"]), "--json")) == added
    assert data(run(app, "list", "--json")) == [added]


def test_moments_with_a_zone_are_taken_as_they_are(app: Flask) -> None:
    added = data(add(app, "--cancel-until", "2041-04-01T00:00+09:00", "--json", starts="2041-04-10T10:00Z"))
    assert (added["starts_at"], added["cancel_until"]) == ("2041-04-10T10:00:00.000Z", "2041-03-31T15:00:00.000Z")


def test_a_concert_of_the_past_is_added_with_a_hint(app: Flask) -> None:
    past = add(app, "--json", starts="2021-04-10T19:00")
    assert data(past)["id"] and "lies in the past" in past.stderr
    assert "past" not in add(app, "--json", title="To come").stderr


def test_people_read_a_table(app: Flask) -> None:
    assert "No concerts" in run(app, "list").stdout
    add(app)
    heading, line = run(app, "list").stdout.splitlines()
    assert heading.split()[:2] == ["id", "title"] and "Spring Night" in line


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("starts", "tomorrow", "tomorrow"),
        ("starts", "2041-04-10", "2041-04-10"),
        ("starts", "2041-13-10T19:00", "2041-13-10"),
        ("starts", "0001-01-01T00:00", "0001"),
        ("starts", "9999-12-31T23:59", "9999"),
        ("title", "  ", "title"),
        ("title", "x" * 201, "200"),
        ("artist", "a\x00b", "artist"),
        ("age-limit", "-1", "--age-limit"),
        ("age-limit", "adult", "--age-limit"),
        ("cancel-until", "2041-04-10T19:01", "deadline"),
        ("poster", "/nowhere.png", "--poster"),
    ],
)
def test_bad_input_is_refused_in_one_line(app: Flask, name: str, value: str, word: str) -> None:
    assert_one_line(add(app, **{name: value}), word)
    assert db.session.scalar(select(func.count()).select_from(Concert)) == 0


@pytest.mark.parametrize("concert", ["4711", "0", "-1", "x", "１", str(10**30)])
def test_an_unknown_concert_is_refused_in_one_line(app: Flask, concert: str) -> None:
    assert_one_line(run(app, "show", "--", concert), concert[:20])


@pytest.mark.parametrize("command", ["add", "list", "show", "import"])
def test_help_has_an_example(app: Flask, command: str) -> None:
    assert f"flask --app wsgi concert {command}" in run(app, command, "--help").stdout


# Import

HEADING = "title,artist,venue,starts_at,age_limit"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "concerts.csv"


def test_concerts_come_from_csv(app: Flask, file: Path) -> None:
    rows = ("봄밤,등불,한강홀,2041-04-10T19:00,14", "여름밤,등불,한강홀,2041-07-10T10:00Z,")
    file.write_text("\ufeff" + "\r\n".join((HEADING, *rows, rows[0])), "utf-8", newline="")
    spring, summer = data(run(app, "import", str(file), "--json"))
    assert (spring["title"], spring["age_limit"], spring["starts_at"]) == ("봄밤", 14, "2041-04-10T10:00:00.000Z")
    assert (summer["age_limit"], summer["cancel_until"]) == (None, "2041-07-09T08:00:00.000Z")
    assert data(run(app, "list", "--json")) == [spring, summer]


def test_what_list_prints_can_be_imported_and_changes_nothing(app: Flask, file: Path) -> None:
    add(app, "--description", 'with, comma and "quotes"')
    listed = run(app, "list", "--json").stdout
    file.write_text(listed, "utf-8")
    again = run(app, "import", str(file), "--json")
    assert data(again) == [] and "1 of them" in again.stderr
    assert run(app, "list", "--json").stdout == listed


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (f"{HEADING}\nA,B,C,2041-04-10T19:00,\nA,B,,2041-04-10T19:00,", ("row 2", "venue")),
        (f"{HEADING}\nA,B,C,next week,", ("row 1", "starts", "next week")),
        (f"{HEADING}\nA,B,C,2041-04-10T19:00,adult", ("row 1", "age")),
        (f"{HEADING}\nA,B,C,2041-04-10T19:00,14,what", ("row 1", "heading")),
        (f"{HEADING},price\nA,B,C,2041-04-10T19:00,14,9", ("heading", "'price'", "did you mean face_price")),
        ("", ("no concerts", "heading")),
        (f"{HEADING}\n{'x' * 200_000},B,C,2041-04-10T19:00,", ("CSV",)),
        ("[1]", ("array of objects",)),
        ("[{", ("JSON",)),
        ('[{"title": ["A"], "artist": "B", "venue": "C", "starts_at": "2041-04-10T19:00"}]', ("row 1", "title")),
        ("\udcff", ("UTF-8",)),
    ],
)
def test_a_file_with_a_fault_adds_nothing(app: Flask, file: Path, content: str, words: tuple[str, ...]) -> None:
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    assert_one_line(run(app, "import", str(file)), *words)
    assert db.session.scalar(select(func.count()).select_from(Concert)) == 0


def test_a_missing_file_is_said_in_one_line(app: Flask) -> None:
    assert_one_line(run(app, "import", "/nowhere.csv"), "/nowhere.csv")
