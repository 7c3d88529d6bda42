"""The report of a course: its timeline and figures, alone and among the published runs."""

import re
from pathlib import Path

import pytest

from lab.load import course_run, ledger_file, raw
from lab.load.course_figures import CourseFigures, figures_of
from lab.load.report import course, publish
from lab.load.report.course_picture import ACCEPTED, ERRORS, timeline
from lab.load.systems import ALL_SYSTEMS, ARCHITECTURE, ROW_LOCK
from tests.load.made_turns import write_turn
from tests.load.test_slope import RUN

BEGAN_MS, SECONDS, RATE = 1_700_000_000_000, 20, 10
AWAY = {"name": "database away", "began_ms": BEGAN_MS + 8_000, "ended_ms": BEGAN_MS + 12_000}


@pytest.fixture
def run_folder(tmp_path: Path) -> Path:
    """Raw files of a `db-away`: the single server answers 503 for four seconds, the architecture records later."""
    folder = tmp_path / "run"
    for system in (ROW_LOCK, ARCHITECTURE):
        place = folder / system.name / "turn-01-rate-10"
        place.mkdir(parents=True)
        facts = {"title": system.title, "drains": system.drains, "scenario": "db-away", "rate_reason": "--rate"}
        raw.write_json(place.parent / "system.json", facts)
        rows = range(SECONDS * RATE)
        status = {row: 503 if system is ROW_LOCK and 80 <= row < 120 else 201 for row in rows}
        sent = {row: BEGAN_MS + row * 100 for row in rows}
        lines = (f"{sent[row]}\t{sent[row] + 9}\t{row}\t{status[row]}\t9.0\t{{}}\n" for row in rows)
        (place / "answers.tsv").write_text("".join(lines))
        raw.compress(place / "answers.tsv")
        accepted = [row for row in rows if status[row] == 201]
        ledger_file.write(place, [(7, number, f"row-{row}") for number, row in enumerate(accepted, 1)])
        raw.write_json(place / "k6.json", {"metrics": {}})
        looks = [(BEGAN_MS + 1_000 * at, 10 * at, 10 * (at - 8) if 8 < at < 14 else 0) for at in range(1, 21)]
        turn = {"rate": RATE, "seconds": SECONDS, "client": {"cpu_seconds": 1.0, "seconds": 20.0, "cores": 1}}
        turn |= {"backlog": [], "recorded_after_s": 0.0, "cpu_seconds": {}, "violations": [], "events": [AWAY]}
        turn |= {"ledger_bids": len(accepted), "looks": looks if system.drains else [], "first_sent_ms": BEGAN_MS}
        raw.write_json(place / "turn.json", turn)
    raw.write_json(folder / "run.json", RUN | {"scenario": "db-away"})
    return folder


def measured(folder: Path) -> list[CourseFigures]:
    return course.read(folder, ALL_SYSTEMS)


def test_the_report_tells_what_each_system_did_without_its_database(run_folder: Path) -> None:
    page = course.write(run_folder, raw.read_json(run_folder / "run.json"), measured(run_folder)).read_text()
    single, ours = course.rows(measured(run_folder))
    assert single[2:] == ("10/s", "40", "0", "0", "0 of 40 (0%)", "0.0 s", "–", "–", "with the answer")
    assert ours[2:] == ("10/s", "0", "0", "0", "40 of 40 (100%)", "0.0 s", "50", "2.0 s", "2.0 s")
    assert all(f"<td>{cell}</td>" in page for cell in (*single, *ours))
    assert "no accepted bid was lost and none was recorded twice" in page
    assert "접수된 입찰은 하나도 사라지지 않았고" in page
    assert "must not be used" not in page


def test_the_timeline_draws_every_second_and_the_event(run_folder: Path) -> None:
    single, ours = measured(run_folder)
    picture = timeline(single)
    assert picture.count(f'fill="{ERRORS}"') == 4
    assert picture.count(f'fill="{ACCEPTED}"') == SECONDS - 4
    assert picture.count("<polyline") == 1
    assert timeline(ours).count("<polyline") == 2
    assert "database away" in picture


def test_a_lost_bid_stands_in_the_report_as_a_broken_promise(run_folder: Path) -> None:
    place = run_folder / ARCHITECTURE.name / "turn-01-rate-10"
    ledger_file.write(place, [bid for bid in ledger_file.read(place) if bid[1] != 5])
    page = course.write(run_folder, raw.read_json(run_folder / "run.json"), measured(run_folder)).read_text()
    assert "architecture: 1 accepted bids are not in the ledger" in page
    assert "must not be used" in page


def test_a_published_course_has_the_same_figures_from_its_published_files(run_folder: Path, docs: Path) -> None:
    run = raw.read_json(run_folder / "run.json")
    document = publish(run_folder, run, measured(run_folder), docs).read_text()
    published = docs / "load-report" / "db-away"
    assert course.rows(measured(published)) == course.rows(measured(run_folder))
    assert figures_of(published / "row-lock").seconds == figures_of(run_folder / "row-lock").seconds
    assert all(" | ".join(row) in document for row in course.rows(measured(run_folder)))
    assert (published / "architecture.svg").exists()
    # It searched no knee, so nothing is compared.
    assert not re.search(r"holds|knee of", (docs.parent / "README.md").read_text())


def test_a_course_is_driven_at_half_of_what_a_system_held_here_before(tmp_path: Path) -> None:
    runs, published = tmp_path / "reports", tmp_path / "docs" / "hot"
    assert course_run.rate_of(ARCHITECTURE, runs, published) == (150, "half of the 300 that a search begins with")
    for place, knee in ((published, 90), (runs / "hot-20260101-000000", 50)):
        (place / ARCHITECTURE.name).mkdir(parents=True)
        write_turn(place / ARCHITECTURE.name / "turn-01", knee, 10, 40.0)
        raw.write_json(place / ARCHITECTURE.name / "system.json", {"title": "F", "drains": True})
        rate, reason = course_run.rate_of(ARCHITECTURE, runs, published)
        assert (rate, reason) == (knee // 2, f"half of the {knee} that it held in {place.name}")
