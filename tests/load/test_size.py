"""`lab run size`: what a bid costs with many standing bids; auctions written in bulk, raw files, and their report."""

import json
import re
import statistics
from pathlib import Path
from typing import Any

import pytest

from lab.load import circumstances, raw
from lab.load.report import size as report
from lab.load.report.published import publish_files
from lab.load.report.runs import NAME
from lab.load.run import OtherRun
from lab.load.size import __main__ as program
from lab.load.size import command, standing
from lab.load.size.measuring import SERVERS
from lab.load.size.points import FILE, FORMS, Point, read_points, write_points
from tests.load.test_slope import RUN

COSTS = {"live-store": (60.0, 66.5, 61.3), "row-lock": (400.0, 480.2, 470.1), "procedure": (300.0, 310.0, 350.6)}
"""Server time of 1,000 bids in ms: of three rounds with 1,000 standing bids, and a tenth more with 100,000."""


@pytest.fixture
def measured(tmp_path: Path) -> Path:
    folder = tmp_path / "size"
    folder.mkdir()
    raw.write_json(
        folder / "run.json", RUN | {"scenario": "size", "settings": {"sizes": [1_000, 100_000], "rounds": 3}}
    )
    write_points(
        folder,
        [
            Point(form, standing_bids, number, 1_000, cost * times, 1.0, 2.0)
            for form, costs in COSTS.items()
            for standing_bids, times in ((1_000, 1.0), (100_000, 1.1))
            for number, cost in enumerate(costs, 1)
        ],
    )
    return folder


def expected_cell(points: list[dict[str, Any]], form: str, standing_bids: int) -> str:
    mine = [each for each in points if each["form"] == form and each["standing"] == standing_bids]
    costs = [each["server_ms"] / each["bids"] for each in mine]
    return f"{statistics.median(costs):.3f} ms ({min(costs):.3f} to {max(costs):.3f})"


def check(folder: Path, document: str) -> None:
    """Compute every number of the part on sizes again from points.json. Raises AssertionError."""
    points = json.loads((folder / FILE).read_text())["points"]
    part = document.partition("## Scenario size")[2].partition("\n## ")[0]
    rows = part.partition("---|\n")[2].partition("\n\n")[0].splitlines()
    sizes = sorted({each["standing"] for each in points})
    forms = [form for form in FORMS if any(each["form"] == form for each in points)]
    for row, standing_bids in zip(rows, sizes, strict=True):
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert cells == [f"{standing_bids:,}", *(expected_cell(points, form, standing_bids) for form in forms)]
    few, many = (float(expected_cell(points, "live-store", place).split(" ")[0]) for place in (sizes[0], sizes[-1]))
    numbers = [f"{sizes[0]:,}", f"{few:.3f}", f"{sizes[-1]:,}", f"{many:.3f}"]
    for head in ("## Summary", "## 요약", "## Scenario size"):
        text = document.partition(f"{head}\n\n")[2]
        sentence = re.search(r"(?:With [\d,]+ standing bids a bid|입찰이 [\d,]+건 있을 때 입찰 하나).*", text)
        assert sentence
        whole = sentence[0]
        found = re.findall(r"\d[\d,]*\.?\d*", whole)
        assert [each.rstrip(".") for each in found][:4] == numbers, whole
        assert float(found[4]) == pytest.approx(many / few, abs=0.06)


def test_every_number_of_the_report_comes_out_of_the_points(measured: Path, docs: Path) -> None:
    document = publish_files(measured, raw.read_json(measured / "run.json"), (FILE,), docs)
    check(docs / NAME / "size", document.read_text())
    picture = (docs / NAME / "size" / "size.svg").read_text()
    values = [statistics.median(costs) / 1_000 * times for costs in COSTS.values() for times in (1.0, 1.1)]
    assert re.findall(r">(\d\.\d{3})</text>", picture) == [f"{value:.3f}" for value in values]
    assert "size" not in document.read_text().partition("Not measured yet: ")[2].partition(".")[0].split(", ")


def test_a_changed_digit_is_seen(measured: Path, docs: Path) -> None:
    document = publish_files(measured, raw.read_json(measured / "run.json"), (FILE,), docs)
    text = document.read_text()
    for match in re.finditer(r"\d\.(\d)\d\d(?= ms)", text):
        changed = text[: match.start(1)] + str((int(match[1]) + 1) % 10) + text[match.end(1) :]
        with pytest.raises(AssertionError):
            check(docs / NAME / "size", changed)


def test_the_published_sizes_are_those_of_their_points() -> None:
    folder = circumstances.ROOT / "docs" / NAME / "size"
    if not folder.exists():
        pytest.skip("no sizes are published")
    check(folder, (folder.parents[1] / f"{NAME}.md").read_text())


def test_all_forms_begin_with_the_same_auction_and_cost_something(tmp_path: Path) -> None:
    """Real servers; 300 bids stand."""
    now_ms = 1_800_000_000_000
    entries = standing.crowd(standing.terms_of(1, now_ms), 300, now_ms - 1)
    boards = []
    for form in ("live-store", "row-lock"):
        with SERVERS[form]() as server:
            server.fill(standing.terms_of(1, now_ms), entries)
            board = server.engine.read(1, now_ms)
            boards.append((board.bidders, board.cutoff, server.engine.rows(1, 1, 40), board.version))
    assert boards[0] == boards[1]
    assert boards[0][0] == 300

    said: list[str] = []
    settings = command.Settings([100, 300], rounds=2)
    command.run(tmp_path / "run", ["live-store"], settings, said.append)
    points = command.run(tmp_path / "run", ["live-store", "procedure"], settings, said.append)
    assert said.count("live-store: 300 bids stand") == said.count("procedure: 300 bids stand") == 1
    assert [(point.form, point.standing, point.round) for point in points] == [
        (form, size, number) for form in ("live-store", "procedure") for size in (100, 300) for number in (1, 2)
    ]
    assert all(point.server_ms > 0 and point.bids == min(1_000, point.standing // 2) * 2 for point in points)
    assert read_points(tmp_path / "run") == points
    assert report.write(tmp_path / "run").exists()
    with pytest.raises(OtherRun, match="another settings"):
        command.run(tmp_path / "run", ["live-store"], command.QUICK, said.append)


def test_what_is_not_there_is_named_and_a_busy_machine_publishes_nothing(
    measured: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert program.main(["--systems", "mongo"]) == 2
    assert capsys.readouterr().err == "There is no system mongo; there are live-store, row-lock, procedure.\n"
    published: list[Path] = []
    monkeypatch.setattr(program, "publish_files", lambda folder, *_: published.append(folder) or folder)
    for load, status in ((0.6, 1), (0.5, 0)):
        raw.write_json(measured / "run.json", raw.read_json(measured / "run.json") | {"load_before": load})
        assert program._report(measured, as_json=True, is_published=True) == status
        assert ("compare nothing" in (measured / "report.html").read_text()) is bool(status)
    assert published == [measured]
    assert json.loads(capsys.readouterr().out)["server_ms_per_bid"]["live-store"] == {"1000": 0.0613, "100000": 0.0674}
