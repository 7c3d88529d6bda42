"""The report of a run with repeats and endurance: every number computed again from raw files that are made here."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from lab.load import raw
from lab.load.figures import SystemFigures, figures_of
from lab.load.report import publish, summary, write
from lab.load.run import _facts
from lab.load.systems import SYSTEMS
from tests.load.made_turns import write_turn
from tests.load.test_report import Tables, expected_knee, expected_repeats, ms

NAMES = ("row-lock", "architecture")
KNEES = {"row-lock": (100, 120, 110), "architecture": (300, 240, 220)}
SECONDS, ENDURANCE_SECONDS = 3, 130
RUN: dict[str, Any] = {
    "scenario": "hot",
    "settings": {"seconds": 60, "precision": 0.08, "turns_max": 7, "repeats": 3, "repeat_seconds": SECONDS},
    "commit": "0000000",
    "machine": {"cores": 2, "memory_gib": 8, "system": "Linux"},
    "versions": {"Python": "3.11.7"},
    "began_at": "2026-01-01T00:00:00Z",
    "load_before": 0.0,
}
OTHER_WORK = (0.0, 0.75, 0.1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Raw files of three repeats of two systems, and of their endurance."""
    run = tmp_path / "run"
    run.mkdir()
    raw.write_json(run / "run.json", RUN)
    for name in NAMES:
        for number, held in enumerate(KNEES[name], 1):
            place = run / name if number == 1 else run / name / f"repeat-{number:02}"
            write_turn(place / f"turn-01-rate-{held}", held, SECONDS, 30.0 + number)
            write_turn(place / f"turn-02-rate-{held + 8}", held + 8, SECONDS, 700.0 + number)
            noted = {"began_at": "then", "other_work_cores": OTHER_WORK[number - 1]}
            raw.write_json(place / "measured.json", noted)
        (run / name / "measured.json").rename(run / name / "system.json")
        raw.write_json(run / name / "system.json", _facts(SYSTEMS[name]) | noted | {"scenario": "hot"})
        write_endurance(run / name / "endurance", 7 if name == "row-lock" else 20)
    return run


def write_endurance(place: Path, rate: int) -> None:
    """The first minute is fast, the second slow, and the rest has an answer that did not come."""
    backlog = [[float(second), second % 7] for second in range(ENDURANCE_SECONDS)]
    write_turn(place / f"turn-01-rate-{rate}", rate, ENDURANCE_SECONDS, 5.0, backlog=backlog)
    answers = place / f"turn-01-rate-{rate}" / "answers.tsv.gz"
    rows = []
    for text in gzip.decompress(answers.read_bytes()).decode().splitlines():
        cells = text.split("\t")
        minute = int(cells[0]) // 60_000
        cells[4] = str((5.0, 45.0, 20.0)[minute] + int(cells[2]) % 10)
        cells[3] = "0" if minute == 2 and int(cells[2]) % 50 == 0 else "201"
        rows.append("\t".join(cells) + "\n")
    answers.write_bytes(gzip.compress("".join(rows).encode()))
    raw.write_json(place / "measured.json", {"began_at": "then", "other_work_cores": 0.02})


@pytest.fixture
def measured(folder: Path) -> list[SystemFigures]:
    return [figures_of(each) for each in raw.read_systems(folder, SYSTEMS)]


@pytest.fixture
def page(measured: list[SystemFigures], tmp_path: Path) -> Tables:
    return Tables(write(tmp_path, RUN, measured).read_text())


def held_rates(folder: Path, name: str) -> list[int]:
    knees = [expected_knee(turns)[0] for turns in expected_repeats(folder, name)]
    return [knee["rate"] for knee in knees if knee]


def test_a_knee_is_the_median_of_its_repeats_with_lowest_and_highest(folder: Path, page: Tables) -> None:
    repeats, _ = [rows[1:] for rows in page.tables if rows[0][1] == "repeat 1"]
    for name, row, knee in zip(NAMES, repeats, page.tables[0][1:], strict=True):
        rates = held_rates(folder, name)
        assert rates == list(KNEES[name])
        shown = [*rates, sorted(rates)[1], min(rates), max(rates)]
        assert row[1:] == [f"{rate}/s" for rate in shown]
        assert knee[1] == f"{sorted(rates)[1]}/s"
        assert knee[-1] == f"median; {min(rates)} to {max(rates)} in 3 repeats"
        # The times beside a knee are those of the repeat that it comes from.
        held = next(
            expected_knee(turns)[0]
            for turns in expected_repeats(folder, name)
            if expected_knee(turns)[0]["rate"] == sorted(rates)[1]
        )  # type: ignore[index]
        assert held and knee[5] == ms(held["p50"])


def test_other_work_before_each_repeat_is_shown(page: Tables) -> None:
    _, noted = [rows[1:] for rows in page.tables if rows[0][1] == "repeat 1"]
    assert [row[1:] for row in noted] == [["0.10", "0.75", "0.10", "0.02"]] * 2


def test_the_sentence_gives_the_ratio_of_medians_and_the_range_of_single_repeats(folder: Path, page: Tables) -> None:
    ours, theirs = held_rates(folder, "architecture"), held_rates(folder, "row-lock")
    of_medians = f"{sorted(ours)[1] / sorted(theirs)[1]:.1f}"
    each = sorted(mine / other for mine, other in zip(ours, theirs, strict=True))
    assert f"{of_medians} × the rate of “A: row lock in the request” ({each[0]:.1f}–{each[-1]:.1f})" in page.text
    assert f"“A: row lock in the request”의 {of_medians}배 ({each[0]:.1f}–{each[-1]:.1f})" in page.text
    assert of_medians == "2.2" and [f"{ratio:.1f}" for ratio in each] == ["2.0", "2.0", "3.0"]


def read_endurance(folder: Path, name: str) -> tuple[dict[str, Any], list[list[str]]]:
    (place,) = (folder / name / "endurance").glob("turn-*")
    text = gzip.decompress((place / "answers.tsv.gz").read_bytes()).decode()
    return json.loads((place / "turn.json").read_text()), [row.split("\t") for row in text.splitlines()]


def times_of(rows: list[list[str]], *percents: int) -> list[str]:
    waits = sorted(float(cells[4]) for cells in rows)
    return [ms(waits[(percent * len(waits) + 99) // 100 - 1]) for percent in percents]


def test_endurance_shows_the_share_of_the_knee_the_percentiles_and_whether_p99_was_low(
    folder: Path, page: Tables
) -> None:
    (rows,) = [rows[1:] for rows in page.tables if rows[0][1:3] == ["rate", "of the knee"]]
    for name, row in zip(NAMES, rows, strict=True):
        facts, answers = read_endurance(folder, name)
        knee = sorted(held_rates(folder, name))[1]
        assert row[1:3] == [f"{facts['rate']}/s", f"{facts['rate'] / knee:.0%}"]
        errors = sum(cells[3] == "0" for cells in answers)
        assert row[5] == f"{errors} × no answer" and errors > 0
        assert row[6:10] == times_of(answers, 50, 95, 99, 100)
        assert row[10] == "no"
        assert row[11] == str(max(waiting for _, waiting in facts["backlog"]))


def test_endurance_is_shown_minute_by_minute(folder: Path, page: Tables) -> None:
    shown = [rows for rows in page.tables if rows[0][0].endswith(": minute")]
    for name, (_, *minutes) in zip(NAMES, shown, strict=True):
        facts, answers = read_endurance(folder, name)
        assert [row[0] for row in minutes] == ["1", "2", "3"]
        for number, row in enumerate(minutes):
            sent = [cells for cells in answers if int(cells[0]) // 60_000 == number]
            looks = [waiting for moment, waiting in facts["backlog"] if moment // 60 == number]
            errors = sum(cells[3] == "0" for cells in sent)
            assert row[1:3] == [f"{len(sent):,}", f"{errors} × no answer" if errors else "0"]
            assert row[3:] == [*times_of(sent, 50, 95, 99), str(max(looks))]


def test_the_result_for_programs_has_the_repeats_and_the_endurance(folder: Path, measured: list[SystemFigures]) -> None:
    for name, row in zip(NAMES, summary(RUN, measured)["systems"], strict=True):
        rates = held_rates(folder, name)
        assert (row["repeats"], row["held"], row["lowest"], row["highest"]) == (
            rates,
            sorted(rates)[1],
            min(rates),
            max(rates),
        )
        facts, answers = read_endurance(folder, name)
        assert (row["endurance"]["rate"], row["endurance"]["accepted"]) == (facts["rate"], len(answers))
        assert row["endurance"]["p99_below_50_ms"] is False
        assert row["endurance"]["errors"] == sum(cells[3] == "0" for cells in answers)


def test_a_p99_of_exactly_fifty_is_not_below_it(folder: Path) -> None:
    for waited_ms, is_below in ((50.0, False), (49.9, True)):
        place = folder / "row-lock" / "endurance"
        for path in (*place.glob("turn-*/*"), *place.glob("turn-*")):
            path.unlink() if path.is_file() else path.rmdir()
        write_turn(place / "turn-01-rate-10", 10, 10, waited_ms)
        (system,) = raw.read_systems(folder, ["row-lock"])
        row = summary(RUN, [figures_of(system)])["systems"][0]
        assert row["endurance"]["p99_below_50_ms"] is is_below


def test_a_promise_broken_in_any_repeat_or_in_endurance_stands_above_every_number(folder: Path, tmp_path: Path) -> None:
    places = [folder / "row-lock" / "repeat-03", folder / "architecture" / "endurance"]
    for number, place in enumerate(places):
        path = next(place.glob("turn-*/turn.json"))
        raw.write_json(path, raw.read_json(path) | {"violations": [f"I5: bid {number} came late"]})
    text = write(tmp_path, RUN, [figures_of(each) for each in raw.read_systems(folder, SYSTEMS)]).read_text()
    for number in range(len(places)):
        assert 0 < text.index(f"I5: bid {number} came late") < text.index("<h2>Knees</h2>")


def test_a_published_report_has_the_sections_and_is_made_again_from_its_own_raw_files(
    folder: Path, measured: list[SystemFigures], page: Tables, docs: Path
) -> None:
    document = publish(folder, RUN, measured, docs)
    text = document.read_text()
    assert "### Repeats" in text and "### Endurance" in text and "held 3 s in each of 3 repeats" in text
    shown = [" | ".join(row) for rows in page.tables for row in rows if len(row) > 2]
    assert [row for row in shown if f"| {row} |" not in text] == []
    again = [figures_of(each) for each in raw.read_systems(docs / "load-report" / "hot", SYSTEMS)]
    assert summary(RUN, again) == summary(RUN, measured)
    assert [each.name for each in raw.further_folders(docs / "load-report" / "hot" / "row-lock")] == [
        "endurance",
        "repeat-02",
        "repeat-03",
    ]


def test_an_interrupted_repeat_does_not_count(folder: Path) -> None:
    (folder / "row-lock" / "repeat-03" / "measured.json").unlink()
    (folder / "row-lock" / "repeat-02").rename(folder / "row-lock" / "repeat-02.interrupted-1")
    (folder / "row-lock" / "endurance" / "measured.json").unlink()
    (system,) = raw.read_systems(folder, ["row-lock"])
    assert (len(system.turns), system.repeats, system.endurance) == (2, [], None)


def test_every_turn_of_every_repeat_is_a_point_and_the_line_goes_through_the_middle(
    folder: Path, measured: list[SystemFigures], tmp_path: Path
) -> None:
    text = write(tmp_path, RUN, measured).read_text()
    assert text.count("<circle") == sum(len(turns) for name in NAMES for turns in expected_repeats(folder, name)) == 12
    assert [len(points.split()) for points in re.findall(r'<polyline points="([^"]*)"', text)] == [6, 6]
