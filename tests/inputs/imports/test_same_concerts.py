"""What is the same concert, zone or organiser is the same on every database: sign by sign, after one spelling."""

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from cashticket.cli.output import Data
from cashticket.extensions import db
from cashticket.models import Auction, Concert, Organiser
from tests.inputs.imports.files import TERMS, TERMS_HEADING

ROW: Data = dict(zip(TERMS_HEADING, TERMS, strict=True))
OTHER = {
    "letters of another case": ("Night", "NIGHT"),
    "an accent": ("Né", "Ne"),
    "a sign of another width": ("ＬＯＶＥ", "LOVE"),
    "a letter that looks alike": ("A", "А"),
    "kana of another kind": ("ハル", "はる"),
    "a sharp s": ("Straße", "Strasse"),
    "a sign beyond the first plane": ("밤 🎤", "밤 🎸"),
    "a dash of another length": ("A – Z", "A — Z"),
    "an apostrophe of another kind": ("L'été", "L’été"),
    "a guard's sign": ("=LOVE", "'=LOVE"),
}
SAME = {
    "letters apart": ("아이유 콘서트", unicodedata.normalize("NFD", "아이유 콘서트")),
    "an accent apart": ("Beyoncé", unicodedata.normalize("NFD", "Beyoncé")),
    "a blank of another kind": ("봄 밤", "봄\u00a0밤"),
    "blanks around it": ("봄 밤", "  봄 \t밤 "),
    "marks that nobody sees": ("봄 밤", "\u200b봄 밤\ufeff"),
}


def run(app: Flask, folder: Path, *rows: Data) -> int:
    """Import the rows. Returns how many concerts there are then."""
    path = folder / "season.json"
    path.write_text(json.dumps(rows), "utf-8")
    result = app.test_cli_runner().invoke(args=["concert", "import", str(path)])
    assert result.exit_code == 0, result.output
    return stored(Concert)


def stored(table: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("pair", OTHER.values(), ids=OTHER.keys())
@pytest.mark.parametrize("column", ["title", "artist", "venue"])
def test_other_signs_are_another_concert(app: Flask, tmp_path: Path, column: str, pair: tuple[str, str]) -> None:
    rows = [{**ROW, column: text} for text in pair]
    assert run(app, tmp_path, *rows) == 2 and run(app, tmp_path, *rows) == 2
    assert stored(Auction) == 2


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME.keys())
def test_another_spelling_is_one_concert(app: Flask, tmp_path: Path, pair: tuple[str, str]) -> None:
    rows = [{**ROW, "title": text} for text in pair]
    assert run(app, tmp_path, *rows) == 1 and run(app, tmp_path, rows[1]) == 1
    assert stored(Auction) == 1


def test_what_the_release_before_stored_as_it_was_typed_is_recognised(app: Flask, tmp_path: Path) -> None:
    typed, apart = "  봄\u00a0 밤", unicodedata.normalize("NFD", "봄 밤")
    run(app, tmp_path, {**ROW, "title": "봄 밤", "zone": "가구역"})
    db.session.execute(update(Concert).values(title=apart, venue="한강홀\u200b"))
    db.session.execute(update(Auction).values(zone=unicodedata.normalize("NFD", "가구역")))
    db.session.commit()
    for title in (typed, apart, "봄 밤"):
        assert run(app, tmp_path, {**ROW, "title": title, "zone": "가구역"}) == stored(Auction) == 1


def test_zones_and_organisers_are_told_apart_likewise(app: Flask, tmp_path: Path) -> None:
    db.session.add_all([Organiser(name="Night Inc."), Organiser(name="NIGHT INC.")])
    db.session.commit()
    rows: list[Data] = [
        {**ROW, "zone": "Vip", "organiser": "NIGHT INC."},
        {**ROW, "zone": "VIP"},
        {**ROW, "title": "여름밤", "zone": "VIP", "organiser": "Night Inc."},
    ]
    assert run(app, tmp_path, *rows) == 2 and run(app, tmp_path, *rows) == 2
    names = select(Organiser.name).join(Concert, Concert.organiser_id == Organiser.id).order_by(Concert.id)
    assert stored(Auction) == 3 and list(db.session.scalars(names)) == ["NIGHT INC.", "Night Inc."]


def test_a_genre_of_another_case_is_another_choice(app: Flask, tmp_path: Path) -> None:
    run(app, tmp_path, {**ROW, "genre": "Jazz"}, {**ROW, "title": "여름밤", "genre": "JAZZ"})
    shown: Any = app.test_cli_runner().invoke(args=["concert", "list", "--json", "--genre", "JAZZ"]).stdout
    assert [each["title"] for each in json.loads(shown)] == ["여름밤"]
