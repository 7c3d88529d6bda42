"""The table of `bench.sizes` in docs/performance.md: a row for each figure, a column for each size."""

import json
from typing import Any

from bench.servers import ROOT

PAGE = ROOT / "docs" / "performance.md"
STORED = ROOT / "docs" / "performance" / "sizes.json"
BEGIN, END = "<!-- sizes: begin -->", "<!-- sizes: end -->"

ROWS = (
    ("settle", "settle_seconds", "s"),
    ("check, whole", "check_seconds", "s"),
    ("check of 2,000 new bids", "check_since_seconds", "s"),
    ("drain, 1,000 bids", "drain_ms_per_1000", "ms"),
    ("one bid in the live store", "bid_ms", "ms"),
    ("page of the result, processor time", "result_cpu_ms", "ms"),
    ("page of the result", "result_bytes", "bytes"),
    ("own outcome, processor time", "outcome_cpu_ms", "ms"),
    ("own outcome", "outcome_bytes", "bytes"),
    ("board, processor time", "board_cpu_ms", "ms"),
    ("board", "board_bytes", "bytes"),
    ("auction page, processor time", "page_cpu_ms", "ms"),
    ("auction page", "page_bytes", "bytes"),
)
"""Words of the row, name of the figure, and its unit."""


def write(result: dict[str, Any]) -> None:
    """Keep a result of `bench.sizes`, and write its table into the page between the marks."""
    STORED.write_text(json.dumps(result) + "\n", encoding="utf-8")
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{table(result)}\n{END}{after}", encoding="utf-8")


def table(result: dict[str, Any]) -> str:
    """The table as Markdown, and where it was measured."""
    sizes, machine = result["sizes"], result["machine"]
    heads = [f"{size['bidders']:,} bidders, {size['seats']:,} seats" for size in sizes]
    rows = [f"| | {' | '.join(heads)} |", "|---" * (1 + len(sizes)) + "|"]
    rows += [f"| {words} | {' | '.join(_text(size[name], unit) for size in sizes)} |" for words, name, unit in ROWS]
    where = f"{machine['cores']} cores, {machine['system']}, Python {machine['python']}, commit {result['commit']}"
    return "\n".join(rows) + f"\n\nThree bids each, on {where}."


def _text(value: float, unit: str) -> str:
    return f"{value:,} {unit}" if isinstance(value, int) else f"{value:,.2f} {unit}"
