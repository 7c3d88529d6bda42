"""Reports: of one run as a page and for programs (`write`, `summary`), and of all published ones (`published`)."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lab.load.figures import SystemFigures
from lab.load.report import page, repeats, tables, texts
from lab.load.report.blocks import Heading
from lab.load.report.published import publish
from lab.load.report.section import section

__all__ = ["publish", "summary", "write"]


def write(folder: Path, run: dict[str, Any], systems: Sequence[SystemFigures]) -> Path:
    """Write report.html into the folder of a run. Returns its path."""
    path = folder / "report.html"
    blocks = [Heading(texts.TITLE, 1), *section(run, systems)]
    path.write_text(page.page(texts.TITLE, blocks), encoding="utf-8")
    return path


def summary(run: dict[str, Any], systems: Sequence[SystemFigures]) -> dict[str, Any]:
    """The result for programs: knee and figures of each system, under which circumstances."""
    rows = []
    for each in systems:
        best = each.best
        row = {"system": each.name, "held": each.knee.held, "choked": each.knee.choked}
        row |= {"client_bound": each.knee.client_bound, "turns": len(each.turns)} | repeats.summary(each)
        if best:
            row |= {"accepted_per_second": round(best.accepted_per_second, 1), "mean_ms": round(best.mean_ms, 1)}
            row |= {"answered_per_second": round(best.answered_per_second, 1)}
            row |= {"p50_ms": round(best.p50_ms, 1), "p95_ms": round(best.p95_ms, 1), "p99_ms": round(best.p99_ms, 1)}
        rows.append(row)
    return tables.for_programs(run) | {"systems": json.loads(json.dumps(rows))}
