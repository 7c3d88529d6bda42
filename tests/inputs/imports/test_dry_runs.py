"""A dry run shows what would be published, in Seoul time; hints name prices that may be slips, and refuse nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select

from cashticket.catalogue.import_hints import hints_of
from cashticket.extensions import db
from cashticket.models import Concert, OperatorAct
from cashticket.wiring import current_engine
from tests.inputs.imports.files import HEADING, SPRING, TERMS, TERMS_HEADING, read, table

SEASON = table((*TERMS_HEADING, "zone"), (*TERMS, "A구역"), (*TERMS, "B구역"), ("여름밤", *SPRING[1:]))


def run(app: Flask, folder: Path, content: str, *words: str) -> Result:
    path = folder / "season.csv"
    path.write_text(content, "utf-8")
    result = app.test_cli_runner().invoke(args=["concert", "import", str(path), *words])
    assert result.exit_code == 0, result.output
    return result


def stored(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_dry_run_prints_every_concert_and_auction_in_seoul_time(app: Flask, tmp_path: Path) -> None:
    result = run(app, tmp_path, SEASON, "--dry-run")
    auction = (
        "20 seats, from ₩100,000 in steps of ₩5,000 up to ₩10,000,000, opens 2041-04-01 12:00, closes 2041-04-03 12:00"
    )
    assert result.stdout.splitlines() == [
        "봄밤 · 등불 · 한강홀 · 2041-04-10 19:00",
        f"    A구역: {auction}",
        f"    B구역: {auction}",
        "여름밤 · 등불 · 한강홀 · 2041-04-10 19:00",
    ]
    assert "2 concerts and 2 auctions would be added; times are in Seoul" in result.stderr
    assert (stored(Concert), stored(OperatorAct), current_engine().auctions()) == (0, 0, [])


def test_a_dry_run_says_the_same_as_json(app: Flask, tmp_path: Path) -> None:
    spring, summer = json.loads(run(app, tmp_path, SEASON, "--dry-run", "--json").stdout)
    assert (spring["id"], spring["auctions"], summer["would_publish"]) == (None, [None, None], [])
    assert spring["would_publish"][1] == {
        "seats": 20,
        "minimum": 100_000,
        "step": 5_000,
        "maximum": 10_000_000,
        "pricing": "pay_as_bid",
        "identity": "none",
        "zone": "B구역",
        "opens_at": "2041-04-01T03:00:00.000Z",
        "closes_at": "2041-04-03T03:00:00.000Z",
        "opens_in_seoul": "2041-04-01 12:00",
        "closes_in_seoul": "2041-04-03 12:00",
    }


def test_a_concert_that_is_there_is_shown_with_the_auction_that_it_would_get(app: Flask, tmp_path: Path) -> None:
    run(app, tmp_path, table(HEADING, SPRING))
    [shown] = json.loads(run(app, tmp_path, SEASON, "--dry-run", "--json").stdout)[1:]
    assert shown["title"] == "봄밤" and shown["id"] == db.session.scalar(select(Concert.id))
    assert "봄밤 · 등불 · 한강홀 · 2041-04-10 19:00 (there already)" in run(app, tmp_path, SEASON, "--dry-run").stdout
    assert json.loads(run(app, tmp_path, table(HEADING, SPRING), "--dry-run", "--json").stdout) == []


def prices(*minimums: int, step: int = 100, **more: int) -> list[str]:
    lines = [dict(zip(TERMS_HEADING, TERMS, strict=True)) | {"minimum": each, "step": step} | more for each in minimums]
    return [hint.sentence for hint in hints_of(read(json.dumps(lines))[0])]


HINTS: dict[str, tuple[Any, list[str]]] = {
    "one far above": (
        (100_000, 120_000, 15_000_000),
        ["row 3: minimum: 15,000,000 is more than 10 times above the others of the file, 120,000"],
    ),
    "one far below": (
        (100_000, 1_000, 120_000),
        ["row 2: minimum: 1,000 is more than 10 times below the others of the file, 100,000"],
    ),
    "two, of which one is wrong": (
        (100_000, 15_000_000),
        [
            "row 1: minimum: 100,000 is more than 10 times below the others of the file, 15,000,000",
            "row 2: minimum: 15,000,000 is more than 10 times above the others of the file, 100,000",
        ],
    ),
    "ten times": ((100_000, 100_000, 1_000_000), []),
    "one alone": ((15_000_000,), []),
    "nothing": ((0, 0, 0), []),
    "nothing among others": ((0, 100_000, 100_000), []),
    "alike": ((100_000, 150_000, 300_000, 90_000), []),
}


@pytest.mark.parametrize(("minimums", "hints"), HINTS.values(), ids=HINTS.keys())
def test_a_price_far_from_the_others_is_a_hint(minimums: tuple[int, ...], hints: list[str]) -> None:
    assert prices(*minimums) == hints


def test_a_step_above_the_minimum_is_a_hint() -> None:
    assert prices(5_000, step=100_000) == ["row 1: step: 100,000 is larger than the minimum, 5,000"]
    assert prices(5_000, step=5_000) == prices(0, step=5_000) == []


def test_hints_refuse_nothing_and_are_in_the_json_of_a_dry_run(app: Flask, tmp_path: Path) -> None:
    wrong = ("가을밤", *TERMS[1:5], "15000000", *TERMS[6:])
    content = table(TERMS_HEADING, TERMS, ("여름밤", *TERMS[1:]), wrong)
    sentence = "row 3: minimum: 15,000,000 is more than 10 times above the others of the file, 100,000"
    dry = run(app, tmp_path, content, "--dry-run", "--json")
    assert [row["hints"] for row in json.loads(dry.stdout)] == [[], [], [sentence]]
    assert f"Hint: {sentence}" in dry.stderr
    assert f"Hint: {sentence}" in run(app, tmp_path, content).stderr and stored(Concert) == 3


def test_at_most_200_faults_are_printed_and_all_are_counted(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "season.csv").write_text(table(HEADING, *[(*SPRING[:3], "내일")] * 450), "utf-8")
    result = app.test_cli_runner().invoke(args=["concert", "import", str(tmp_path / "season.csv")])
    lines = result.stderr.splitlines()
    assert result.exit_code == 1 and len(lines) == 202
    assert lines[199].startswith("row 200: starts") and lines[200] == "… and 250 more faults, 450 in all"
    assert lines[201].startswith("Error: Nothing was added from season.csv: row 1: starts") and "449 more" in lines[201]
