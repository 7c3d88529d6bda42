"""`flask concert …`: what operators type, what programs read, and what is said to bad input."""

import json
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
    """A refusal: exit status not 0, nothing on stdout, one line that says the words, no traceback."""
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
        "starts_at": "2041-04-10T10:00:00.000Z",
        "cancel_until": "2041-04-09T08:00:00.000Z",
        "genre": "Jazz",
        "age_limit": 14,
        "description": "One night.",
        "poster": None,
        "auctions": [],
    }
    assert data(run(app, "show", str(added["id"]), "--json")) == added
    assert data(run(app, "list", "--json")) == [added]


def test_moments_with_a_zone_are_taken_as_they_are(app: Flask) -> None:
    added = data(add(app, "--cancel-until", "2041-04-01T00:00+09:00", "--json", starts="2041-04-10T10:00Z"))
    assert (added["starts_at"], added["cancel_until"]) == ("2041-04-10T10:00:00.000Z", "2041-03-31T15:00:00.000Z")


def test_people_read_a_table(app: Flask) -> None:
    assert "No concerts yet" in run(app, "list").stdout
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


@pytest.mark.parametrize("command", ["add", "list", "show"])
def test_help_has_an_example(app: Flask, command: str) -> None:
    assert f"flask --app wsgi concert {command}" in run(app, command, "--help").stdout
