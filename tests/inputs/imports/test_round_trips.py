"""What `concert list` prints imports back unchanged: random seasons, as CSV and as JSON, on both databases.

CI plays a share with fixed seeds, `make storm` all of them.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete

from cashticket.cli.output import Data
from cashticket.extensions import db
from cashticket.models import Auction, Concert, Seat
from cashticket.typed.formulas import FORMULA_STARTS, with_guard, without_guard
from tests.inputs.imports.seasons import NASTY, season

SHARE, ALL = 12, 500
OF_ONE_DATABASE = ("id", "auctions", "auction_id")
"""Numbers that another database gives anew."""


def run(app: Flask, *words: str, notes: bool = True) -> bytes:
    result = app.test_cli_runner().invoke(args=["concert", *words])
    assert result.exit_code == 0 and (notes or "Note: " not in result.stderr), result.output
    return result.stdout_bytes


def listing(app: Flask, form: str) -> bytes:
    return run(app, "list", "--auctions", form)


def rows(app: Flask) -> list[Data]:
    """Everything that is stored, without numbers."""
    listed: list[Data] = json.loads(listing(app, "--json"))
    return [{name: value for name, value in row.items() if name not in OF_ONE_DATABASE} for row in listed]


def emptied() -> None:
    for table in (Seat, Auction, Concert):
        db.session.execute(delete(table))
    db.session.commit()


def imported(app: Flask, path: Path, content: bytes, *, notes: bool = True) -> list[Data]:
    path.write_bytes(content)
    answer: list[Data] = json.loads(run(app, "import", str(path), "--json", notes=notes))
    return answer


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("seasons", [SHARE, pytest.param(ALL, marks=pytest.mark.trial)])
def test_what_is_listed_imports_back_unchanged(app: Flask, tmp_path: Path, seasons: int) -> None:
    for number in range(seasons):
        imported(app, tmp_path / "season.json", json.dumps(season(number)).encode())
        stored, as_csv, as_json = rows(app), listing(app, "--csv"), listing(app, "--json")
        for name, content in (("season.csv", as_csv), ("list.json", as_json)):
            assert imported(app, tmp_path / name, content, notes=False) == [], number
            emptied()
            imported(app, tmp_path / name, content)
            assert rows(app) == stored, (number, name)
        emptied()


def test_a_list_without_auctions_imports_back_as_concerts(app: Flask, tmp_path: Path) -> None:
    imported(app, tmp_path / "season.json", json.dumps(season(3)).encode())
    for form in ("--csv", "--json"):
        content = run(app, "list", form)
        stored = run(app, "list", "--json")
        emptied()
        imported(app, tmp_path / "season", content)
        concerts: list[Any] = json.loads(run(app, "list", "--json"))
        before: list[Any] = [each | {"id": 0, "auctions": []} for each in json.loads(stored)]
        assert [each | {"id": 0} for each in concerts] == before


@pytest.mark.parametrize("text", NASTY)
def test_a_guard_shows_no_formula_and_is_taken_off_exactly(text: str) -> None:
    guarded = with_guard(text)
    assert not guarded.startswith(FORMULA_STARTS) and without_guard(guarded) == text
    assert guarded in (text, f"'{text}")
