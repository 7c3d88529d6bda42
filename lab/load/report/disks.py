"""Published runs of one scenario side by side: the disk as it is and slower ones, and how often the database syncs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from lab.load.figures import SystemFigures
from lab.load.report.runs import PublishedRun
from lab.load.report.tables import FLUSH_TEXTS, NONE, Table, flush_of, sync_ms_of
from lab.load.scenarios import HOT
from lab.load.systems import ALL_SYSTEMS, PROCEDURE, ROW_LOCK

ROW_LOCK_ENGINES = (ROW_LOCK.engine, PROCEDURE.engine)
PLAIN, STRONGEST = "against the row lock", "against its strongest form"


@dataclass(frozen=True, slots=True)
class Column:
    """One run: its document and the figures of its systems by name."""

    folder: Path
    run: dict[str, Any]
    systems: Mapping[str, SystemFigures]

    @property
    def place(self) -> tuple[float, bool]:
        """Faster disks stand first, and of one disk the flush at each commit."""
        return sync_ms_of(self.run), flush_of(self.run) != "commit"

    @property
    def head(self) -> str:
        """Disk and flush in words."""
        least = sync_ms_of(self.run)
        measured = self.run.get("disk_sync_ms")
        here = "disk as it is" if measured is None else f"disk as it is ({measured:.2f} ms)"
        return f"{f'{least:g} ms a sync' if least else here}; database syncs {FLUSH_TEXTS[flush_of(self.run)]}"

    def held(self, name: str) -> int | None:
        """The knee of a system, None where it was not measured or held nothing."""
        return self.systems[name].knee.held if name in self.systems else None

    def strongest(self) -> int | None:
        """The highest knee of the systems that decide with row locks."""
        forms = (each for each in self.systems.values() if each.facts["engine"] in ROW_LOCK_ENGINES)
        return max((each.knee.held for each in forms if each.knee.held is not None), default=None)


def durability_table(runs: Iterable[PublishedRun], scenario: str = HOT.name) -> Table:
    """A column for each of the runs of `scenario` among these, a row for each system: its knee, and how many times the
    knee of the row lock and of its strongest form in the same run that is. The last row names the commit that was
    measured. Runs of other scenarios are left out.

    Raises ValueError for two runs of one disk and flush.
    """
    same = (each for each in runs if each.run["scenario"] == scenario)
    columns = sorted(
        (Column(each.folder, each.run, {system.name: system for system in each.systems}) for each in same),
        key=lambda each: each.place,
    )
    for first, second in pairwise(columns):
        if first.place == second.place:
            raise ValueError(f"{first.folder} and {second.folder} are runs of one disk and one flush")
    head = ("system", *(column.head for column in columns))
    return head, list(_rows(columns)) if columns else []


def _rows(columns: Sequence[Column]) -> Iterable[tuple[str, ...]]:
    for name in ALL_SYSTEMS:
        measured = [column.systems[name] for column in columns if name in column.systems]
        if not measured:
            continue
        title = measured[0].facts["title"]
        yield title, *(_knee(column.systems.get(name)) for column in columns)
        if name != ROW_LOCK.name:
            yield f"{title}, {PLAIN}", *(_times(each.held(name), each.held(ROW_LOCK.name)) for each in columns)
        if measured[0].facts["engine"] not in ROW_LOCK_ENGINES:
            yield (
                f"{title}, {STRONGEST}",
                *(_times(each.held(name), each.strongest()) for each in columns),
            )
    yield "commit", *(column.run["commit"] for column in columns)


def _knee(system: SystemFigures | None) -> str:
    if system is None or system.knee.held is None:
        return NONE
    note = " (client-bound)" if system.knee.client_bound else ""
    return f"{system.scenario.rate(system.knee.held)}{note}"


def _times(ours: int | None, theirs: int | None) -> str:
    return f"{ours / theirs:.1f} ×" if ours and theirs else NONE
