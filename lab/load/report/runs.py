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


def read_published(docs: Path = DOCS) -> list[PublishedRun]:
    """The published runs: in the order of the scenarios, those on a slow disk behind those on this machine's own, those
    whose database synced its log once a second last."""
    runs = []
    for document in (docs / NAME).glob("*/run.json"):
        systems = [figures_of(each) for each in raw.read_systems(document.parent, ALL_SYSTEMS)]
        runs.append(PublishedRun(document.parent.name, document.parent, raw.read_json(document), systems))
    order = [*SCENARIOS, SIZE]
    return sorted(runs, key=lambda each: (flush_of(each.run), sync_ms_of(each.run), order.index(each.run["scenario"])))
