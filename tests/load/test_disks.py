"""Runs on several disks, and with both flushes of the database, side by side."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from lab.load import raw
from lab.load.figures import figures_of
from lab.load.report import disks, write
from lab.load.report.runs import name_of, read_run
from lab.load.report.tables import Table
from lab.load.systems import SYSTEMS
from tests.load.test_report import SAMPLE, Tables

NAMES = ("row-lock", "procedure", "architecture")


def published(place: Path, systems: tuple[str, ...] = NAMES, scenario: str = "hot", **settings: Any) -> Path:
    """Raw files of the sample as if its run had been made with these settings and systems."""
    shutil.copytree(SAMPLE, place, ignore=shutil.ignore_patterns(*set(NAMES) - set(systems)))
    run = raw.read_json(SAMPLE / "run.json")
    run["settings"] |= settings
    raw.write_json(place / "run.json", run | {"scenario": scenario, "commit": place.name})
    return place


def durability_table(folders: list[Path], scenario: str = "hot") -> Table:
    """The table of the runs in these folders."""
    return disks.durability_table(map(read_run, folders), scenario)


def exchange_turns(place: Path, one: str, other: str) -> None:
    """Give each of two systems the turns of the other one."""
    turns = {name: list((place / name).glob("turn-*")) for name in (one, other)}
    for name, target in ((one, other), (other, one)):
        for turn in turns[name]:
            turn.rename(place / target / f"{turn.name}-of-{name}")


def test_each_run_is_a_column_with_its_own_knees_and_ratios(tmp_path: Path) -> None:
    as_it_is = published(tmp_path / "as-it-is")
    slow = published(tmp_path / "slow", sync_ms=1.0)
    exchange_turns(slow, "row-lock", "procedure")
    head, rows = durability_table([slow, as_it_is])
    assert head == (
        "system",
        "disk as it is; database syncs before each commit is answered",
        "1 ms a sync; database syncs before each commit is answered",
    )
    titles = {name: json.loads((SAMPLE / name / "system.json").read_text())["title"] for name in NAMES}
    ours = titles["architecture"]
    assert rows == [
        (titles["row-lock"], "225/s", "150/s"),
        (titles["procedure"], "150/s", "225/s"),
        (f"{titles['procedure']}, against the row lock", "0.7 ×", "1.5 ×"),
        (ours, "300/s", "300/s"),
        (f"{ours}, against the row lock", "1.3 ×", "2.0 ×"),
        (f"{ours}, against its strongest form", "1.3 ×", "1.3 ×"),
        ("commit", "as-it-is", "slow"),
    ]


def test_the_fastest_disk_stands_first_and_the_flush_at_each_commit_before_the_other(tmp_path: Path) -> None:
    settings: list[dict[str, Any]] = [
        {"sync_ms": 1.0, "database_flush": "second"},
        {"database_flush": "second"},
        {"sync_ms": 1.0, "database_flush": "commit"},
        {"sync_ms": 0.0},
    ]
    folders = [published(tmp_path / str(number), **each) for number, each in enumerate(settings)]
    head, rows = durability_table(folders)
    assert rows[-1] == ("commit", "3", "1", "2", "0")
    assert [text.partition("; ")[2] for text in head[1:]] == [
        "database syncs before each commit is answered",
        "database syncs once a second",
    ] * 2
    assert [text.startswith("1 ms a sync") for text in head[1:]] == [False, False, True, True]


def test_what_was_not_measured_stays_open_and_what_the_client_limited_says_so(tmp_path: Path) -> None:
    whole = published(tmp_path / "whole")
    part = published(tmp_path / "part", ("architecture",), sync_ms=1.0)
    turn = next((part / "architecture").glob("turn-*-rate-450"))
    facts = raw.read_json(turn / "turn.json")
    facts["client"]["cpu_seconds"] = facts["client"]["seconds"] * facts["client"]["cores"]
    raw.write_json(turn / "turn.json", facts)
    (measured,) = [figures_of(each) for each in raw.read_systems(part, SYSTEMS)]
    rows = [row[2] for row in durability_table([whole, part])[1]]
    assert measured.knee.client_bound
    assert rows == ["–", "–", "–", f"{measured.knee.held}/s (client-bound)", "–", "–", "part"]


def test_other_scenarios_are_left_out(tmp_path: Path) -> None:
    folders = [published(tmp_path / "hot"), published(tmp_path / "steady", scenario="steady")]
    assert durability_table(folders)[1][-1] == ("commit", "hot")
    assert durability_table(folders, "steady")[1][-1] == ("commit", "steady")
    assert durability_table(folders, "browse") == (("system",), [])


def test_two_runs_of_one_disk_and_one_flush_are_refused(tmp_path: Path) -> None:
    folders = [published(tmp_path / name, sync_ms=1.0) for name in ("first", "second")]
    with pytest.raises(ValueError, match=r"first and .*second are runs of one disk"):
        durability_table(folders)


def test_a_report_with_a_flush_once_a_second_says_what_a_power_cut_loses(tmp_path: Path) -> None:
    for flush, says_so in (("commit", False), ("second", True)):
        folder = published(tmp_path / flush, database_flush=flush)
        systems = [figures_of(each) for each in raw.read_systems(folder, SYSTEMS)]
        for each in systems:
            each.facts["durability"] = {"MariaDB": {"innodb_flush_log_at_trx_commit": "2" if says_so else "1"}}
        run = raw.read_json(folder / "run.json")
        page = Tables(write(folder, run, systems).read_text())
        assert ("a power cut loses accepted bids" in page.text) is says_so
        assert ("정전이 되면 접수된 입찰을 잃습니다" in page.text) is says_so
        assert ("is on the disk before it is answered, so that a power cut loses none" in page.text) is not says_so
        before_the_answer = [row[1] for row in page.tables[-2][1:]]
        assert [text.startswith("nothing") for text in before_the_answer] == [says_so, says_so, False]
        written = "once a second" if says_so else "before each commit is answered"
        assert dict(page.tables[-1])["the database syncs its log"] == written
    assert name_of(run) == "hot-flush-second"
    run["settings"]["sync_ms"] = 1.0
    assert name_of(run) == "hot-sync-1-ms-flush-second"
