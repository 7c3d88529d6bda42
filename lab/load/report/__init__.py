"""The report of a run: one self-contained page, the same as Markdown, and the result for programs."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lab.load import raw
from lab.load.circumstances import ROOT
from lab.load.figures import SystemFigures
from lab.load.report import markdown, page, plot, slope
from lab.load.report.tables import flush_of, sync_ms_of

PUBLISHED = ROOT / "docs" / "load-report.md"


def write(folder: Path, run: dict[str, Any], systems: Sequence[SystemFigures]) -> Path:
    """Write report.html into the folder of a run. Returns its path."""
    path = folder / "report.html"
    path.write_text(page.page(run, systems), encoding="utf-8")
    return path


def report_of(run: dict[str, Any]) -> Path:
    """The document in which a run is published: docs/load-report.md for `hot` on the disk as it is, one of its own for
    another scenario, for a slow disk and for a database that syncs its log once a second."""
    least = sync_ms_of(run)
    marks = [run["scenario"]] if run["scenario"] != "hot" else []
    marks += [f"sync-{least:g}-ms"] if least else []
    marks += [f"flush-{flush_of(run)}"] if flush_of(run) != "commit" else []
    return PUBLISHED.with_stem("-".join([PUBLISHED.stem, *marks]))


def publish(folder: Path, run: dict[str, Any], systems: Sequence[SystemFigures], document: Path | None = None) -> Path:
    """Write the report as Markdown, and beside it a folder with the pictures and the raw files. Returns the document.

    The raw files are published without the bodies of the answers, which no figure needs.
    """
    document = document or report_of(run)
    beside = document.with_suffix("")
    beside.mkdir(parents=True, exist_ok=True)
    (beside / "latency.svg").write_text(plot.latency(systems), encoding="utf-8")
    if slope.has_servers(systems):
        (beside / "slope.svg").write_text(slope.picture(systems), encoding="utf-8")
    raw.write_json(beside / "run.json", run)
    for system in systems:
        _publish_raw(folder / system.name, beside / system.name)
    document.write_text(markdown.document(run, systems, beside.name), encoding="utf-8")
    return document


def _publish_raw(source: Path, target: Path) -> None:
    for path in [source / "system.json", *source.glob("turn-*/turn.json"), *source.glob("turn-*/k6.json")]:
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    for path in source.glob("turn-*/answers.tsv.gz"):
        answers = raw.read_answers(path)
        first = min((answer.sent_ms for answer in answers), default=0)
        rows = (
            f"{each.sent_ms - first}\t{each.answered_ms - first}\t{each.cell}\t{each.status}\t{each.waited_ms:.3f}\t\n"
            for each in answers
        )
        plain = target / path.relative_to(source).with_suffix("")
        plain.write_text("".join(rows), encoding="utf-8")
        raw.compress(plain)


def summary(run: dict[str, Any], systems: Sequence[SystemFigures]) -> dict[str, Any]:
    """The result for programs: knee and figures of each system, under which circumstances."""
    rows = []
    for each in systems:
        best = each.best
        row = {"system": each.name, "held": each.knee.held, "choked": each.knee.choked}
        row |= {"client_bound": each.knee.client_bound, "turns": len(each.turns)}
        if best:
            row |= {"accepted_per_second": round(best.accepted_per_second, 1), "mean_ms": round(best.mean_ms, 1)}
            row |= {"answered_per_second": round(best.answered_per_second, 1)}
            row |= {"p50_ms": round(best.p50_ms, 1), "p95_ms": round(best.p95_ms, 1), "p99_ms": round(best.p99_ms, 1)}
        rows.append(row)
    named = ("scenario", "settings", "commit", "machine", "versions")
    circumstances = {name: run[name] for name in named}
    circumstances |= {name: run.get(name) for name in ("load_before", "disk_sync_ms")}
    return circumstances | {"systems": json.loads(json.dumps(rows))}
