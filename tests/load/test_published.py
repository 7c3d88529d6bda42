"""The published report and the README: every number that they quote comes out of the published raw files."""

import html
import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from lab.load import raw
from lab.load.figures import figures_of
from lab.load.report import peers, plain, publish
from lab.load.report.published import write_report
from lab.load.report.readme import BEGINS, ENDS, NOTHING
from lab.load.report.runs import DOCS, NAME
from lab.load.run import _facts
from lab.load.scenarios import SCENARIOS
from lab.load.systems import ALL_SYSTEMS, SLOPE_SYSTEMS, SYSTEMS
from tests.house.source import ROOT
from tests.load.conftest import empty_docs
from tests.load.expected_summary import ROLES, Expected, expected_of
from tests.load.made_turns import add_repeat, write_turn
from tests.load.test_report import SAMPLE
from tests.load.test_slope import RUN, SECONDS

NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


@pytest.fixture
def published(published_once: Path, docs: Path) -> Path:
    """A published hot, one of it on a slow disk, one of visits and one of servers of a size."""
    shutil.copytree(published_once.parent, docs.parent, dirs_exist_ok=True)
    return docs


@pytest.fixture(scope="module")
def published_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tmp_path = tmp_path_factory.mktemp("published")
    docs = empty_docs(tmp_path)
    shutil.copytree(SAMPLE, tmp_path / "hot")
    publish_run(tmp_path / "hot", docs)
    shutil.copytree(SAMPLE, tmp_path / "slow")
    run = raw.read_json(tmp_path / "slow" / "run.json")
    raw.write_json(tmp_path / "slow" / "run.json", run | {"settings": run["settings"] | {"sync_ms": 1.0}})
    publish_run(tmp_path / "slow", docs)
    knees = {"row-lock": 100, "procedure": 130, "architecture": 650}
    mixed = made(tmp_path / "mixed", "mixed", knees)
    add_repeat(mixed, {"row-lock": 110, "procedure": 130, "architecture": 700}, SECONDS)
    publish_run(mixed, docs)
    knees = {"servers-one": 20, "servers-one-procedure": 25, "servers-1-web": 50, "servers-4-web": 171}
    publish_run(made(tmp_path / "slope", "slope", knees), docs)
    return docs


def made(folder: Path, scenario: str, knees: dict[str, int]) -> Path:
    """Raw files of a run in which each system held its knee and choked at twice that rate."""
    folder.mkdir()
    raw.write_json(folder / "run.json", RUN | {"scenario": scenario})
    for name, knee in knees.items():
        (folder / name).mkdir()
        facts = _facts(ALL_SYSTEMS[name]) | {"scenario": scenario}
        raw.write_json(folder / name / "system.json", facts)
        write_turn(folder / name / "turn-01", knee, SECONDS, 40.0)
        write_turn(folder / name / "turn-02", knee * 2, SECONDS, 900.0)
    return folder


def publish_run(folder: Path, docs: Path) -> None:
    systems = [figures_of(each) for each in raw.read_systems(folder, ALL_SYSTEMS)]
    publish(folder, raw.read_json(folder / "run.json"), systems, docs)


def quoted(readme: str) -> str:
    return readme.partition(BEGINS)[2].partition(ENDS)[0]


def numbers_of(text: str, runs: list[Path]) -> list[str]:
    """The numbers of a text, without those that name situations."""
    for situation in sorted(situations(runs), key=len, reverse=True):
        text = text.replace(situation, "")
    return NUMBER.findall(re.sub(r"\([^)]*\.(?:md|svg)\)", "", text))


def situations(runs: list[Path]) -> set[str]:
    texts = {plain.RULE, plain.RULE_KOREAN, "웹 서버 4대", "with 4 web servers", "at least 1 ms", "1ms 이상"}
    for run in runs:
        scenario = SCENARIOS[json.loads((run / "run.json").read_text())["scenario"]]
        texts |= {scenario.english, scenario.korean}
        for path in run.glob("*/system.json"):
            if cores := json.loads(path.read_text()).get("server_cores"):
                texts |= {f"servers of {cores:g} of a core", f"서버마다 {cores:g}코어"}
    return texts


def check(docs: Path, expected: Expected) -> None:
    """Raises AssertionError for a number of the sum of all or of the README that is not the expected one."""
    text = (docs / f"{NAME}.md").read_text()
    english, korean = (text.partition(f"## {head}\n\n")[2].partition("\n\n")[0] for head in ("Summary", "요약"))
    for sentences in (english, korean):
        assert numbers_of(sentences, expected.runs) == expected.sentences
    table = text.partition("## The comparison")[2].partition("\n\n![")[0].partition("---|\n")[2]
    assert numbers_of(table, expected.runs) == expected.rows
    rows = text.partition("hot on several disks")[2].partition("---|\n")[2].partition("\n| commit")[0].splitlines()
    assert [cell.strip() for row in rows for cell in row.split("|")[2:-1]] == expected.disks
    readme = quoted((docs.parent / "README.md").read_text())
    assert numbers_of(readme.partition("---|\n")[2], expected.runs) == expected.readme


def test_every_number_of_summary_and_readme_comes_out_of_raw_files(published: Path) -> None:
    check(published, expected_of(published))


@pytest.mark.sweep
def test_the_published_report_and_the_readme_are_those_of_the_published_raw_files(tmp_path: Path) -> None:
    """Of this checkout; where nothing is published, its README says so."""
    copy = tmp_path / "checkout" / "docs"
    copy.mkdir(parents=True)
    shutil.copy(ROOT / "README.md", copy.parent)
    if (DOCS / NAME).exists():
        shutil.copytree(DOCS / NAME, copy / NAME)
        check(DOCS, expected_of(DOCS))
    document = write_report(copy)
    assert (copy.parent / "README.md").read_text() == (ROOT / "README.md").read_text()
    for path in [document, document.with_suffix(".html"), copy / "load-peers.md", *copy.glob(f"{NAME}/**/*.svg")]:
        here = DOCS / path.relative_to(copy)
        assert path.exists() == here.exists()
        assert not path.exists() or path.read_text() == here.read_text()


def test_a_changed_digit_is_seen_wherever_it_stands(published: Path) -> None:
    readme, document = published.parent / "README.md", published / f"{NAME}.md"
    expected, changed = expected_of(published), 0
    for path, text in ((readme, readme.read_text()), (document, document.read_text())):
        last = text.index(ENDS) if path == readme else text.index("## Machine, versions")
        for match in re.finditer(r"(?<=[ |>(])\d[\d,.]*(?=/s| ×|건|배| people|명| bids| times)", text[:last]):
            digit = str((int(text[match.start()]) + 1) % 10)
            path.write_text(text[: match.start()] + digit + text[match.start() + 1 :])
            with pytest.raises(AssertionError):
                check(published, expected)
            changed += 1
        path.write_text(text)
    check(published, expected)
    assert changed > 60
    assert "| 6.5 × (6.4–6.5) / 5.0 × (5.0–5.4) |" in (published / f"{NAME}.md").read_text()


def test_the_page_says_what_the_document_says_and_loads_nothing(published: Path) -> None:
    page = (published / f"{NAME}.html").read_text()
    assert not re.findall(r"\b(?:src|@import|url)\b\s*[=(]", page) and "<link" not in page and "<script" not in page
    shown = html.unescape(re.sub(r"<[^>]+>", " ", page))
    for row in re.findall(r"^\| (.+) \|$", (published / f"{NAME}.md").read_text(), re.MULTILINE):
        for cell in row.replace("<br>", " | ").split(" | "):
            assert cell.strip() in shown


def test_without_any_run_the_readme_alone_is_written_and_says_so(docs: Path) -> None:
    write_report(docs)
    readme = (docs.parent / "README.md").read_text()
    assert NOTHING in readme and "공개한 결과가 없습니다" in readme and "old" not in readme
    assert readme.startswith("# A project\n") and readme.endswith("\n\nThe rest.\n")
    assert [path.name for path in docs.iterdir()] == ["load-peers.md"]
    assert peers.OURS_MISSING in (docs / "load-peers.md").read_text()


def test_what_is_not_measured_is_named_and_what_is_published_again_replaces_all_of_it(
    published: Path, tmp_path: Path
) -> None:
    text = (published / f"{NAME}.md").read_text()
    (missing,) = re.findall(r"Not measured yet: (.*)\.", text)
    measured = {"hot", "hot-sync-1-ms", "mixed", "slope"}
    assert {"steady", "last-minute", "browse"} <= set(missing.split(", ")) and not measured & set(missing.split(", "))
    publish_run(made(tmp_path / "again", "mixed", {"row-lock": 70, "architecture": 140}), published)
    assert sorted(path.name for path in (published / NAME / "mixed").glob("*/")) == ["architecture", "row-lock"]
    assert "holds 70 people at once" in (published / f"{NAME}.md").read_text()


def test_a_figure_that_the_client_limited_is_no_more_than_a_bound(docs: Path, tmp_path: Path) -> None:
    folder = made(tmp_path / "run", "hot", {"row-lock": 100, "procedure": 130, "architecture": 650})
    busy: dict[str, Any] = {"cpu_seconds": 9.0, "seconds": 10.0, "cores": 1}
    for name, times in (("architecture", "≥ 6.5 × / ≥ 5.0 ×"), ("procedure", "≥ 6.5 × / –")):
        turn = folder / name / "turn-01" / "turn.json"
        raw.write_json(turn, raw.read_json(turn) | {"client": busy})
        publish_run(folder, docs)
        assert f"| ≥ 650/s | {times} |" in (docs / f"{NAME}.md").read_text()


def test_broken_promises_are_named_instead_of_a_promise_that_all_held(docs: Path, tmp_path: Path) -> None:
    folder = made(tmp_path / "run", "hot", {"row-lock": 100, "architecture": 650})
    publish_run(folder, docs)
    assert "In none of these runs was an accepted bid lost" in (docs / f"{NAME}.md").read_text()
    turn = folder / "row-lock" / "turn-01" / "turn.json"
    raw.write_json(turn, raw.read_json(turn) | {"violations": ["I5: late"]})
    publish_run(folder, docs)
    text = (docs / f"{NAME}.md").read_text()
    assert "the numbers must not be used" in text and "In none of these runs" not in text


def test_runs_of_two_commits_are_not_compared_with_each_other(published: Path, tmp_path: Path) -> None:
    assert "compare figures within one run only" in (published / f"{NAME}.md").read_text()
    for path in (published / NAME).glob("*/run.json"):
        raw.write_json(path, raw.read_json(path) | {each: RUN[each] for each in ("commit", "machine", "versions")})
    write_report(published)
    assert "compare figures within one run only" not in (published / f"{NAME}.md").read_text()


def test_every_figure_of_others_has_a_source_and_says_what_is_not_stated(published: Path) -> None:
    text = (published / "load-peers.md").read_text()
    rows = [row.strip("| ").split(" | ") for row in text.splitlines() if row.startswith("| ")]
    ours, others = rows[1], rows[2:]
    assert ours[1] == "300/s bids held (225/s by a single server with row locks)" and len(others) >= 5
    assert all(len(row) == len(peers.HEAD) and all(row) for row in rows)
    assert all(re.fullmatch(r"https://\S+", row[-1]) for row in others)
    assert sum(peers.NOT_STATED in cell for row in others for cell in row) > 5
    page = (published / f"{NAME}.html").read_text()
    assert all(f'<a href="{peer.source}">' in page for peer in peers.PEERS)


def test_the_systems_of_every_role_exist() -> None:
    assert {name for names in ROLES for name in names} <= SYSTEMS.keys() | SLOPE_SYSTEMS.keys()
