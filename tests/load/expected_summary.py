"""The numbers of the summary, the comparison and the README, computed again from published raw files."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from lab.load.report.readme import SHOWN
from lab.load.report.runs import published_folders
from tests.load.test_report import expected_knee, expected_median, expected_middle, expected_repeats

WITHOUT_KNEES = ("hammer", "storm", "db-away", "size")
ROLES = (("row-lock", "servers-one"), ("procedure", "servers-one-procedure"), ("architecture", "servers-4-web"))


def expected_held(run: Path) -> list[int | None]:
    """The knees of a run by role, computed again from its raw files."""
    held: list[int | None] = []
    for names in ROLES:
        (name,) = (name for name in names if (run / name).exists())
        knee, _ = expected_median(run, name)
        held.append(knee and knee["rate"])
    return held


def expected_rows(runs: list[Path]) -> Iterator[str]:
    """The numbers of the table of the comparison, in their order."""
    for run in runs:
        one, procedure, ours = expected_held(run)
        assert one and procedure and ours
        yield from (f"{each:,}" for each in (one, procedure, ours))
        for number, single in enumerate((one, procedure)):
            yield f"{ours / single:.1f}"
            yield from expected_range(run, number, ours / single)


def expected_range(run: Path, number: int, of_medians: float) -> list[str]:
    """The lowest and the highest ratio of one repeat; nothing where each knee was found once."""
    single, ours = (next(name for name in ROLES[each] if (run / name).exists()) for each in (number, 2))
    knees = [[expected_knee(turns)[0] for turns in expected_repeats(run, name)] for name in (ours, single)]
    if min(map(len, knees)) < 2:
        return []
    each = [mine["rate"] / other["rate"] for mine, other in zip(*knees, strict=True) if mine and other]
    return [f"{end([*each, of_medians]):.1f}" for end in (min, max)]


def expected_sentences(runs: list[Path]) -> Iterator[str]:
    """The numbers of the plain summary in one language, in their order."""
    for run in runs:
        *single, ours = expected_held(run)
        best = max(each or 0 for each in single)
        assert ours
        yield from (f"{best:,}", f"{ours:,}", f"{ours / best:.1f}")


def expected_sizes(folder: Path) -> Iterator[str]:
    """The numbers of the sentence about sizes: the processor time of the live store for a bid with the fewest and with
    the most standing bids, and how many times as much that is."""
    points = [
        each for each in json.loads((folder / "points.json").read_text())["points"] if each["form"] == "live-store"
    ]
    costs: dict[int, list[float]] = {}
    for each in points:
        costs.setdefault(each["standing"], []).append(each["server_ms"] / each["bids"])
    few, many = min(costs), max(costs)
    for size in (few, many):
        yield from (f"{size:,}", f"{median(costs[size]):.3f}")
    yield f"{median(costs[many]) / median(costs[few]):.1f}"


def in_order(docs: Path) -> list[Path]:
    """The folders of published runs that searched knees, in the order of the report."""
    return [folder for folder in published_folders(docs) if folder.name not in WITHOUT_KNEES]


@dataclass(frozen=True)
class Expected:
    """The numbers of the plain summary, of the comparison and of the README, computed again from raw files."""

    runs: list[Path]
    sentences: list[str]
    rows: list[str]
    readme: list[str]
    disks: list[str]


def expected_of(docs: Path) -> Expected:
    runs = in_order(docs)
    cores = {json.loads((run / "run.json").read_text())["machine"]["cores"] for run in runs}
    few = [run for run in runs if run.name in ("hot", "mixed", "slope")]
    sizes = [number for folder in published_folders(docs) if folder.name == "size" for number in expected_sizes(folder)]
    sentences = [*expected_sentences(few), *sizes, *map(str, sorted(cores))]
    readme = list(expected_rows([run for run in runs if run.name in SHOWN]))
    return Expected(runs, sentences, list(expected_rows(runs)), readme, list(expected_disks(runs)))


def expected_disks(runs: list[Path]) -> Iterator[str]:
    """The cells behind the titles of the table of disks, row by row; nothing where `hot` was published once."""
    published = [run for run in runs if run.name.startswith("hot")]
    columns = [expected_held(run) for run in published]
    if len(columns) < 2:
        return
    bounds = [[expected_bound(run, role) for run in published] for role in range(len(ROLES))]
    for bound, row in (
        (bounds[0], [(one, None) for one, _, _ in columns]),
        (bounds[1], [(procedure, None) for _, procedure, _ in columns]),
        (None, [(procedure, one) for one, procedure, _ in columns]),
        (bounds[2], [(ours, None) for _, _, ours in columns]),
        (None, [(ours, one) for one, _, ours in columns]),
        (None, [(ours, max(one or 0, procedure or 0)) for one, procedure, ours in columns]),
    ):
        marks = bound or [""] * len(row)
        shown = [f"{held or 0:,}/s" if of is None else f"{(held or 0) / of:.1f} ×" for held, of in row]
        yield from map("".join, zip(shown, marks, strict=True))


def expected_bound(run: Path, role: int) -> str:
    """The mark of a knee that the client may have limited: it dropped requests of the rate that was held, or was itself
    busy then or with the lowest rate that choked."""
    (name,) = (name for name in ROLES[role] if (run / name).exists())
    turns = expected_middle(run, name)
    held, choked = expected_knee(turns)
    busy = any(turn["client"] > 0.8 for turn in turns if turn["rate"] in (held and held["rate"], choked))
    return " (client-bound)" if busy or (held and held["drops"]) else ""
