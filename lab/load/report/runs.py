"""The published runs: their names, and reading their raw files back."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.load import raw
from lab.load.circumstances import ROOT
from lab.load.figures import SystemFigures, figures_of
from lab.load.report.tables import flush_of, sync_ms_of
from lab.load.scenarios import SCENARIOS
from lab.load.size.points import SCENARIO as SIZE
from lab.load.systems import ALL_SYSTEMS

DOCS = ROOT / "docs"
NAME = "load-report"


@dataclass(frozen=True, slots=True)
class PublishedRun:
    """One published run: its name, where its raw files lie, run.json, and the systems that it drove."""

    name: str
    folder: Path
    run: dict[str, Any]
    systems: list[SystemFigures]


def name_of(run: dict[str, Any]) -> str:
    """The name of a run among the published ones: its scenario, the disk if it was a slow one, and when the database
    synced its log if not at each commit."""
    least = sync_ms_of(run)
    marks = [f"sync-{least:g}-ms"] if least else []
    marks += [f"flush-{flush_of(run)}"] if flush_of(run) != "commit" else []
    return "-".join([run["scenario"], *marks])


def published_folders(docs: Path = DOCS) -> list[Path]:
    """The folders of the published runs: in the order of the scenarios, those on a slow disk behind those on this
    machine's own, those whose database synced its log once a second last."""
    runs = {document.parent: raw.read_json(document) for document in (docs / NAME).glob("*/run.json")}
    order = [*SCENARIOS, SIZE]
    return sorted(runs, key=lambda each: _place(runs[each], order))


def _place(run: dict[str, Any], order: list[str]) -> tuple[str, float, int]:
    return flush_of(run), sync_ms_of(run), order.index(run["scenario"])


def read_published(docs: Path = DOCS) -> list[PublishedRun]:
    """The published runs, in the order of `published_folders`. It takes seconds for each million answers."""
    return [read_run(folder) for folder in published_folders(docs)]


def read_run(folder: Path) -> PublishedRun:
    """The run whose raw files lie in `folder`. Raises OSError and ValueError for a missing or broken one."""
    systems = [figures_of(each) for each in raw.read_systems(folder, ALL_SYSTEMS)]
    return PublishedRun(folder.name, folder, raw.read_json(folder / "run.json"), systems)
