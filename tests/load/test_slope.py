"""The report of `slope`: what more web servers bring, computed again from raw files that are made here."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab.load import raw
from lab.load.figures import SystemFigures, figures_of
from lab.load.report import publish, slope, write
from lab.load.report.runs import DOCS, NAME
from lab.load.run import _facts
from lab.load.systems import ALL_SYSTEMS, SLOPE_SYSTEMS
from tests.load.made_turns import write_turn
from tests.load.test_report import expected_knee, expected_turns

SECONDS = 10
RUN: dict[str, Any] = {
    "scenario": "slope",
    "settings": {"seconds": SECONDS, "precision": 0.2, "turns_max": 4},
    "commit": "0000000",
    "machine": {"cores": 2, "memory_gib": 8, "system": "Linux"},
    "versions": {"Python": "3.11.7"},
    "began_at": "2026-01-01T00:00:00Z",
    "load_before": 0.0,
}
KNEES = {"servers-one": 20, "servers-one-procedure": 25, "servers-1-web": 50, "servers-2-web": 98, "servers-4-web": 170}

Measured = Callable[..., list[SystemFigures]]


@pytest.fixture
def measured(tmp_path: Path) -> Measured:
    """Raw files of a rate that each of these systems held and of twice that rate, which choked it, read back."""

    def measure(names: list[str]) -> list[SystemFigures]:
        raw.write_json(tmp_path / "run.json", RUN)
        for name in names:
            (tmp_path / name).mkdir()
            raw.write_json(tmp_path / name / "system.json", _facts(SLOPE_SYSTEMS[name]))
            held, stopped = {"web-1": 0.6, "nginx": 0.05}, {"nginx": 0.1, "workers": 0.4, "web-1": 0.97}
            write_turn(tmp_path / name / "turn-01", KNEES[name], SECONDS, 40.0, throttled=held)
            write_turn(tmp_path / name / "turn-02", KNEES[name] * 2, SECONDS, 900.0, throttled=stopped)
        return [figures_of(each) for each in raw.read_systems(tmp_path, ALL_SYSTEMS)]

    return measure


def test_the_table_counts_accepted_bids_and_names_the_servers_that_were_stopped(measured: Measured) -> None:
    _, rows = slope.table(measured(list(KNEES)))
    # By name: at the choked rate, the most stopped first, without nginx, which was hardly ever stopped.
    stopped = "web-1 97%, workers 40%"
    assert [row[1:] for row in rows] == [
        ("–", "20/s", "20/s", "0.4 ×", stopped),
        ("–", "25/s", "25/s", "0.5 ×", stopped),
        ("1", "50/s", "50/s", "1.0 ×", stopped),
        ("2", "98/s", "98/s", "2.0 ×", stopped),
        ("4", "170/s", "170/s", "3.4 ×", stopped),
    ]


def test_the_sentence_compares_most_with_fewest_web_servers_and_with_the_best_single_server(measured: Measured) -> None:
    english, korean = slope.conclusion(measured(list(KNEES)))
    assert re.findall(r"\d+(?:\.\d+)?", english) == ["1", "50", "4", "170", "3.4", "4", "25"]
    assert re.findall(r"\d+(?:\.\d+)?", korean) == ["1", "50", "4", "170", "4", "3.4", "25"]


def test_a_run_of_a_part_of_the_systems_compares_what_it_has(measured: Measured) -> None:
    systems = measured(["servers-2-web"])
    assert "compared no numbers" in slope.conclusion(systems)[0]
    assert slope.table(systems)[1][0][4] == "–"
    assert slope.picture(systems).count("<circle") == 1


def test_page_and_published_report_show_table_picture_and_size_of_a_server(
    measured: Measured, tmp_path: Path, docs: Path
) -> None:
    systems = measured(list(KNEES))
    page = write(tmp_path, RUN, systems).read_text()
    document = publish(tmp_path, RUN, systems, docs)
    picture = (docs / "load-report" / "slope" / "slope.svg").read_text()
    size = f"A server here is {SLOPE_SYSTEMS['servers-one'].server_cores:g} of a core"
    for text in (page, document.read_text()):
        assert size in text and "3.4 ×" in text and "web-1 97%, workers 40%" in text
    assert [knee for knee in KNEES.values() if f">{knee}/s</text>" not in page] == []
    assert re.findall(r">(\d+)/s</text>", picture) == ["50", "98", "170"]
    assert "(load-report/slope/slope.svg)" in document.read_text()


def check_table(folder: Path, document: str) -> None:
    """Compute the table of the slope again from raw files, without the code of the lab."""
    knees = {name: expected_knee(expected_turns(folder, name)) for name in SLOPE_SYSTEMS if (folder / name).exists()}
    table = document.partition("# Slope over web servers\n\n")[2].partition("\n\n")[0].splitlines()[2:]
    assert len(table) == len(knees) > 1
    (one, _) = knees["servers-1-web"]
    assert one
    for row, (name, (held, choked)) in zip(table, knees.items(), strict=True):
        assert held
        facts = json.loads((folder / name / "system.json").read_text())
        shares: dict[str, float] = next(
            (turn["throttled"] for turn in map(read_facts, (folder / name).glob("turn-*")) if turn["rate"] == choked),
            {},
        )
        stopped = sorted(
            ((share, server) for server, share in shares.items() if share >= 0.2), key=lambda pair: -pair[0]
        )
        assert [cell.strip() for cell in row.strip("|").split("|")] == [
            facts["title"],
            "–" if name.startswith("servers-one") else name.split("-")[1],
            f"{held['rate']:,}/s",
            f"{round(held['tps']):,}/s",
            f"{held['rate'] / one['rate']:.1f} ×",
            ", ".join(f"{server} {share:.0%}" for share, server in stopped) or "–",
        ]


def read_facts(place: Path) -> dict[str, Any]:
    facts: dict[str, Any] = json.loads((place / "turn.json").read_text())
    return facts


def test_every_number_of_the_table_comes_out_of_raw_files(measured: Measured, tmp_path: Path, docs: Path) -> None:
    document = publish(tmp_path, RUN, measured(list(KNEES)), docs)
    check_table(docs / NAME / "slope", document.read_text())


def test_every_number_of_the_published_slope_comes_out_of_its_raw_files() -> None:
    if not (DOCS / NAME / "slope").exists():
        pytest.skip("no slope is published")
    check_table(DOCS / NAME / "slope", (DOCS / f"{NAME}.md").read_text())


def test_without_servers_of_a_size_the_report_has_no_slope(measured: Measured, tmp_path: Path) -> None:
    systems = measured(["servers-1-web"])
    (tmp_path / "servers-1-web").rename(tmp_path / "architecture")
    facts = json.loads((tmp_path / "architecture" / "system.json").read_text())
    del facts["server_cores"], facts["is_one_server"]
    raw.write_json(tmp_path / "architecture" / "system.json", facts)
    plain = [figures_of(each) for each in raw.read_systems(tmp_path, ALL_SYSTEMS)]
    assert slope.has_servers(systems) and not slope.has_servers(plain)
    assert "Slope over" not in write(tmp_path, RUN, plain).read_text()
