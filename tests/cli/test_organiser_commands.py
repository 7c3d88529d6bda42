"""`flask organiser …` and `concert add --organiser`: who sells the seats of a concert, and who may not bid for them."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from cashticket.extensions import db
from cashticket.models import Concert, Organiser
from tests.cli.test_concert_commands import add as add_concert
from tests.cli.test_concert_commands import assert_one_line, data
from tests.cli.test_concert_commands import run as run_concert

FACTS = {
    "name": "Lantern Live",
    "representative": "김하나",
    "registration_number": "123-45-67890",
    "mail_order_number": "2026-서울-0001",
    "address": "서울시 중구 1",
    "email": "help@lantern.example",
    "phone": "02-123-4567",
    "hours": "평일 10:00-18:00",
}
OPTIONS = {"registration_number": "--registration", "mail_order_number": "--mail-order"}


def run(app: Flask, *words: str) -> Result:
    return app.test_cli_runner().invoke(args=["organiser", *words])


def add(app: Flask, *more: str, **facts: str) -> Result:
    options = [word for name, text in facts.items() for word in (OPTIONS.get(name, f"--{name}"), text)]
    return run(app, "add", *options, *more, "--json")


def test_an_organiser_is_added_and_listed_with_every_fact(app: Flask) -> None:
    added = data(add(app, **FACTS))
    assert added == {"id": added["id"], **FACTS, "own_people": 0}
    assert data(run(app, "list", "--json")) == [added]
    assert "Lantern Live" in run(app, "list").stdout


def test_adding_it_again_fills_in_what_is_given_and_keeps_the_rest(app: Flask) -> None:
    first = data(add(app, name="Lantern Live", phone="02-123-4567"))
    again = data(add(app, name="  Lantern   Live ", hours="always", phone="02-765-4321"))
    assert again == first | {"hours": "always", "phone": "02-765-4321"}
    assert db.session.scalar(select(func.count()).select_from(Organiser)) == 1


def test_its_own_people_are_counted_once_whatever_the_spelling(app: Flask) -> None:
    assert data(add(app, "--may-not-bid", "Kim@Lantern.example", name="Lantern Live"))["own_people"] == 1
    more = ("--may-not-bid", "kim@lantern.example", "--may-not-bid", "lee@lantern.example")
    assert data(add(app, *more, name="Lantern Live"))["own_people"] == 2


@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 121}, "120"),
        ({"name": "A", "address": "line\x07"}, "address"),
        ({"name": "A", "registration_number": "1" * 41}, "registration number"),
        ({"name": "A", "email": "olga@@example.org"}, "--email"),
        ({"name": "A", "email": "olga@example.org, mallory@example.org"}, "--email"),
        ({"name": "A", "email": "올가@example.org"}, "--email"),
    ],
)
def test_bad_facts_are_refused_in_one_line(app: Flask, facts: dict[str, str], word: str) -> None:
    assert_one_line(add(app, **facts), word)
    assert db.session.scalar(select(func.count()).select_from(Organiser)) == 0


def test_an_address_of_nobody_is_refused_before_anything_is_stored(app: Flask) -> None:
    assert_one_line(add(app, "--may-not-bid", "nobody", name="Lantern Live"), "nobody", "e-mail")
    assert db.session.scalar(select(func.count()).select_from(Organiser)) == 0


def test_a_concert_names_its_organiser_by_number_or_name(app: Flask) -> None:
    number = data(add(app, name="Lantern Live"))["id"]
    for reference in (str(number), "Lantern Live"):
        added = data(add_concert(app, "--organiser", reference, "--json"))
        assert added["organiser"] == "Lantern Live"
        assert data(run_concert(app, "show", str(added["id"]), "--json")) == added
        assert db.session.get_one(Concert, added["id"]).organiser_id == number


@pytest.mark.parametrize("reference", ["Nobody", "7", "9" * 30])
def test_an_organiser_that_there_is_not_is_refused(app: Flask, reference: str) -> None:
    assert_one_line(add_concert(app, "--organiser", reference), "no organiser")
    assert db.session.scalar(select(func.count()).select_from(Concert)) == 0


def test_an_import_names_organisers_too(app: Flask, tmp_path: Path) -> None:
    add(app, name="Lantern Live")
    row = {"title": "T", "artist": "A", "venue": "V", "starts": "2041-04-10T19:00", "organiser": "Lantern Live"}
    file = tmp_path / "season.json"
    file.write_text(json.dumps([row]), encoding="utf-8")
    (added,) = data(run_concert(app, "import", str(file), "--json"))
    assert added["organiser"] == "Lantern Live"
    file.write_text(json.dumps([row | {"title": "U", "organiser": "Nobody"}]), encoding="utf-8")
    assert_one_line(run_concert(app, "import", str(file)), "row 1: organiser", "no organiser")
