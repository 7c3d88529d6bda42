"""The report: every number in it comes out again when it is computed from the raw files in another way."""

import gzip
import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from lab.load import raw
from lab.load.figures import SystemFigures, figures_of
from lab.load.report import publish, summary, write
from lab.load.report.runs import DOCS, NAME, name_of
from lab.load.systems import SYSTEMS
from tests.house.source import ROOT
from tests.load.expected_waits import by_journey, fails, slowest_waits

SAMPLE = ROOT / "tests" / "load" / "sample"
"""Raw files of a short run, 2 s a rate, on a machine with other work; without bodies of answers, as when published."""

PUBLISHED = [path.parent for path in sorted((DOCS / NAME).glob("hot*/run.json"))]
RUNS = [SAMPLE, *(pytest.param(folder, marks=pytest.mark.sweep) for folder in PUBLISHED)]
"""Reading a published run takes half a minute."""
NAMES = ["row-lock", "procedure", "architecture"]


class Tables(HTMLParser):
    """The cells of every table of a page, row by row, and the text outside them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.text = ""
        self._in_cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self._in_cell = True
            self.tables[-1][-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_cell = self._in_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self._in_cell:
            self.tables[-1][-1][-1] += data
        else:
            self.text += data


def expected_turns(folder: Path, system: str) -> list[dict[str, Any]]:
    """Every figure of the turns of all repeats of a system, by rate."""
    turns = [turn for repeat in expected_repeats(folder, system) for turn in repeat]
    return sorted(turns, key=lambda turn: turn["rate"])


@cache
def expected_repeats(folder: Path, system: str) -> list[list[dict[str, Any]]]:
    """The turns of each repeat of a system, by rate."""
    further = sorted(path.parent for path in (folder / system).glob("repeat-??/measured.json"))
    return [expected_repeat(place) for place in (folder / system, *further)]


def expected_repeat(folder: Path) -> list[dict[str, Any]]:
    """Every figure of the turns in a folder, by rate, from its raw files and without the code of the lab."""
    turns = []
    for place in folder.glob("turn-*"):
        facts = json.loads((place / "turn.json").read_text())
        summary_of_client = json.loads((place / "k6.json").read_text())["metrics"]
        lines = gzip.decompress((place / "answers.tsv.gz").read_bytes()).decode().splitlines()
        cells = [text.split("\t") for text in lines]
        journeys = by_journey(cells)
        waits, statuses = slowest_waits(journeys), [int(cell[3]) for cell in cells]
        span = (max(int(cell[1]) for cell in cells) - min(int(cell[0]) for cell in cells)) / 1000
        seconds = max(facts["seconds"], span)
        errors = [status for status in statuses if status not in (200, 201, 422)]
        drops = summary_of_client.get("dropped_iterations", {"values": {"count": 0}})["values"]["count"]
        client = facts["client"]
        turn = {
            "rate": facts["rate"],
            "ledger": facts["ledger_bids"],
            "tps": facts["ledger_bids"] / seconds,
            "refused": statuses.count(422),
            "errors": errors,
            "mean": sum(waits) / len(waits),
            # The n-th of so many, counted from one: rounded up.
            **{f"p{percent}": waits[(percent * len(waits) + 99) // 100 - 1] for percent in (50, 95, 99)},
            "longest": waits[-1],
            "recorded": facts["recorded_after_s"],
            "backlog": max([waiting for _, waiting in facts["backlog"]] or [0]),
            "drops": drops,
            "client": client["cpu_seconds"] / (client["seconds"] * client["cores"]),
            "cpu": {part: used * 1000 / facts["ledger_bids"] for part, used in facts["cpu_seconds"].items()},
        }
        turn["choked"] = turn["p95"] > 500 or fails(journeys) or rises(facts)
        turns.append(turn)
    return sorted(turns, key=lambda turn: turn["rate"])


def rises(facts: dict[str, Any]) -> bool:
    """Whether the lowest backlog of each third of some 30 s, or of a shorter turn, is above that of the third before,
    by half a second of arrivals in all."""
    length = min(30.0, facts["seconds"])
    looks, arriving = facts["backlog"], facts.get("bid_rate", facts["rate"])
    for start, _ in looks:
        lows = []
        for third in range(3):
            begins, ends = start + length * third / 3, start + length * (third + 1) / 3
            inside = [waiting for moment, waiting in looks if begins <= moment < ends]
            lows += [min(inside)] if len(inside) > 1 else []
        is_inside = start + length <= looks[-1][0] + 1
        if is_inside and len(lows) == 3 and lows[0] < lows[1] < lows[2] and lows[2] - lows[0] > arriving / 2:
            return True
    return False


def expected_knee(turns: list[dict[str, Any]]) -> tuple[dict[str, Any] | None, int | None]:
    choked = min((turn["rate"] for turn in turns if turn["choked"]), default=None)
    held = [turn for turn in turns if choked is None or turn["rate"] < choked]
    return (held[-1] if held else None), choked


def expected_median(folder: Path, system: str) -> tuple[dict[str, Any] | None, int | None]:
    """The knee of the repeat in the middle."""
    return expected_knee(expected_middle(folder, system))


def expected_middle(folder: Path, system: str) -> list[dict[str, Any]]:
    """The turns of the repeat in the middle, the first of equal ones; of an even number, of the lower one."""
    repeats = expected_repeats(folder, system)
    rates = [knee["rate"] if knee else 0 for knee, _ in map(expected_knee, repeats)]
    return repeats[rates.index(sorted(rates)[(len(rates) - 1) // 2])]


def ms(value: float) -> str:
    return f"{value:.1f} ms" if value < 10 else f"{round(value):,} ms"


@cache
def systems_of(folder: Path) -> list[SystemFigures]:
    """The figures of a folder of raw files, computed once; no test changes them."""
    return [figures_of(each) for each in raw.read_systems(folder, SYSTEMS)]


@pytest.fixture(scope="module", params=RUNS, ids=["sample", *(folder.name for folder in PUBLISHED)])
def run_folder(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture(scope="module")
def text(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("page")
    return write(folder, raw.read_json(run_folder / "run.json"), systems_of(run_folder)).read_text()


@pytest.fixture(scope="module")
def page(text: str) -> Tables:
    return Tables(text)


def test_every_number_of_a_rate_comes_out_of_its_raw_files(run_folder: Path, page: Tables) -> None:
    for name, table in zip(NAMES, page.tables[2:5], strict=True):
        turns = expected_turns(run_folder, name)
        assert len(table) - 1 == len(turns) > 1
        for row, turn in zip(table[1:], turns, strict=True):
            assert row[0] == f"{turn['rate']:,}/s"
            assert row[1].startswith("choked" if turn["choked"] else "held")
            assert row[2] == f"{turn['ledger']:,} ({round(turn['tps']):,}/s)"
            assert row[3] == f"{turn['refused']:,}"
            assert sum(map(int, re.findall(r"(\d+) ×", row[4].replace(",", "")))) == len(turn["errors"])
            assert row[5:10] == [ms(turn[each]) for each in ("mean", "p50", "p95", "p99", "longest")]
            assert row[10:12] == [f"{turn['recorded']:.1f} s", f"{turn['backlog']:,}"]
            busy = turn["client"] > 0.8
            client_bound = turn["drops"] or busy
            assert row[12].startswith("client-bound: " if client_bound else f"{turn['client']:.0%}")
            assert not turn["drops"] or f"{turn['drops']} dropped" in row[12]


def test_the_knees_are_those_of_the_raw_files(run_folder: Path, page: Tables) -> None:
    for name, row in zip(NAMES, page.tables[0][1:], strict=True):
        held, choked = expected_median(run_folder, name)
        assert held is not None
        assert row[1:3] == [f"{held['rate']:,}/s", "–" if choked is None else f"{choked:,}/s"]
        assert row[3:8] == [f"{round(held['tps']):,}/s", *(ms(held[each]) for each in ("mean", "p50", "p95", "p99"))]


def test_the_sentence_above_all_compares_the_knees_of_the_raw_files(run_folder: Path, page: Tables) -> None:
    knees = {name: expected_median(run_folder, name)[0] for name in NAMES}
    ours = knees["architecture"]["rate"]
    ratios = [f"{ours / knees[name]['rate']:.1f}" for name in NAMES[:2]]
    english = next(text for text in page.text.splitlines() if "With everybody bidding" in text)
    assert re.findall(r"(\d[\d,]*) bids a second", english) == [f"{ours:,}"]
    assert re.findall(r"([\d.]+) ×", english) == ratios
    korean = next(text for text in page.text.splitlines() if "입찰" in text)
    assert re.findall(r"입찰 ([\d,]+)건", korean) == [f"{ours:,}"]
    assert re.findall(r"([\d.]+)배", korean) == ratios


def test_processor_time_per_bid_is_that_of_the_highest_held_rate(run_folder: Path, page: Tables) -> None:
    head, *rows = page.tables[1]
    for name, row in zip(NAMES, rows, strict=True):
        held, _ = expected_median(run_folder, name)
        assert held is not None
        expected = {part: f"{held['cpu'][part]:.2f} ms" if part in held["cpu"] else "–" for part in head[1:-1]}
        assert dict(zip(head[1:-1], row[1:-1], strict=True)) == expected
        assert row[-1] == f"{sum(held['cpu'].values()):.2f} ms"


def test_the_result_for_programs_holds_the_numbers_of_the_page(run_folder: Path) -> None:
    result = json.loads(json.dumps(summary(raw.read_json(run_folder / "run.json"), systems_of(run_folder))))
    for name, row in zip(NAMES, result["systems"], strict=True):
        held, choked = expected_median(run_folder, name)
        assert held is not None
        assert (row["system"], row["held"], row["choked"]) == (name, held["rate"], choked)
        for key, figure in (("accepted_per_second", "tps"), ("mean_ms", "mean"), ("p95_ms", "p95"), ("p99_ms", "p99")):
            assert row[key] == pytest.approx(held[figure], abs=0.051)


def test_the_page_loads_nothing_and_shows_the_plot(run_folder: Path, text: str) -> None:
    assert not re.findall(r"\b(?:src|href|@import|url)\b\s*[=(]", text)
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]
    turns = [turn for name in NAMES for turn in expected_turns(run_folder, name)]
    assert text.count("<circle") == len(turns)
    assert len(re.findall(r'<circle[^>]* fill="#fff"', text)) == sum(turn["choked"] for turn in turns)
    for name in NAMES:
        held, _ = expected_median(run_folder, name)
        assert held and f">{held['rate']:,}/s</text>" in text


def test_a_published_report_says_what_the_page_says_and_can_be_published_from_its_own_raw_files(
    tmp_path: Path, docs: Path
) -> None:
    systems, run = systems_of(SAMPLE), raw.read_json(SAMPLE / "run.json")
    page = Tables(write(tmp_path, run, systems).read_text())
    document = publish(SAMPLE, run, systems, docs)
    rows = [
        [cell.strip() for cell in text.strip("|").split("|")]
        for text in document.read_text().partition("## Scenario hot")[2].splitlines()
        if text.startswith("| ")
    ]
    shown = [row for table in page.tables[:5] for row in table]
    assert rows[: len(shown)] == shown
    (beside,) = (docs / NAME).glob("hot*/")
    assert summary(run, systems_of(beside)) == summary(run, systems)


def test_a_report_names_the_disk_and_what_is_on_it_before_an_answer(tmp_path: Path) -> None:
    """As the servers ran, from the raw files; what an older run did not write down stays open."""
    run, systems = raw.read_json(SAMPLE / "run.json"), [figures_of(each) for each in raw.read_systems(SAMPLE, SYSTEMS)]
    rows = dict(row for row in Tables(write(tmp_path, run, systems).read_text()).tables[-1] if len(row) == 2)
    assert rows["sync of the disk"] == "not measured, for database and stores too"
    run["settings"]["sync_ms"], run["disk_sync_ms"] = 1.0, 0.084
    systems[0].facts["durability"] = {"MariaDB": {"log_bin": "0"}, "live store": {"appendfsync": "always"}}
    page = Tables(write(tmp_path, run, systems).read_text())
    rows = dict(page.tables[-1])
    assert rows["sync of the disk"] == "0.08 ms here (median before the run); at least 1 ms for database and stores"
    assert page.text.count("takes at least 1 ms") == page.text.count("매번 1ms 이상") == 1
    assert [row[2:] for row in page.tables[-2][1:]] == [["log_bin=0", "appendfsync=always"], ["–", "–"], ["–", "–"]]
    stores = ["database" not in row[1] or "follows" in row[1] for row in page.tables[-2][1:]]
    assert stores == [False, False, True]
    assert name_of(run) == "hot-sync-1-ms"
    assert summary(run, systems)["disk_sync_ms"] == 0.084


def test_broken_promises_stand_above_every_number(tmp_path: Path) -> None:
    systems = [figures_of(each) for each in raw.read_systems(SAMPLE, SYSTEMS)]
    systems[0].turns[0].violations.append("I5: bid 3 <came> late")
    page = write(tmp_path, raw.read_json(SAMPLE / "run.json"), systems).read_text()
    assert page.index("must not be used") < page.index("<h2>Knees</h2>")
    assert "I5: bid 3 &lt;came&gt; late" in page


def test_what_is_wider_than_a_phone_scrolls_by_itself_and_with_the_keyboard(tmp_path: Path) -> None:
    systems = [figures_of(each) for each in raw.read_systems(SAMPLE, SYSTEMS)]
    page = write(tmp_path, raw.read_json(SAMPLE / "run.json"), systems).read_text()
    wide = '<div class="wide" tabindex="0">'
    assert page.count(f"{wide}<table") == page.count("<table") > 3
    assert page.count(f"{wide}<svg") == page.count("<svg") == 1
