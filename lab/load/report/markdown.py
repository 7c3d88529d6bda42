"""The report as Markdown, for docs/load-report.md."""

from collections.abc import Iterable, Sequence
from typing import Any

from lab.load.figures import SystemFigures
from lab.load.report import slope, tables, texts


def document(run: dict[str, Any], systems: Sequence[SystemFigures], pictures: str) -> str:
    """The whole document; `pictures` is the folder of the plots beside it."""
    english, korean = texts.conclusion(run, systems)
    parts = [f"# {texts.TITLE}", english, korean]
    if broken := tables.violations(systems):
        parts += [
            "**Promises were broken; these figures must not be used.**",
            "\n".join(f"- {text}" for text in broken),
        ]
    parts += [
        "## Knees",
        _table(tables.knees(systems)),
        f"![p95 against arrival rate, by system]({pictures}/latency.svg)",
    ]
    parts += ["Filled points were held, hollow ones choked; a dashed line marks each knee."]
    if slope.has_servers(systems):
        parts += ["## Slope over web servers", _table(slope.table(systems))]
        parts += [
            f"![knee against the number of web servers]({pictures}/slope.svg)",
            slope.CAPTION,
            slope.rule(systems),
        ]
    parts += [f"## Processor time per {texts.cost_of(systems)}", _table(tables.processor_time(systems))]
    for each in systems:
        parts += [f"## {each.facts['title']}", texts.parts(each), _table(tables.turns(each))]
        parts += [_table(visits)] if (visits := tables.visits(each))[1] else []
    parts += ["## What is on the disk", texts.durability(run), _table(tables.durability(systems))]
    parts += ["## How it was measured", *texts.method(systems)]
    parts.append(_table((("circumstance", "value"), tables.circumstances(run))))
    again = f"`flask lab run {run['scenario']} --publish` writes this page."
    parts.append(f"[load-lab.md](load-lab.md) says how to run it. {again}")
    return "\n\n".join(parts) + "\n"


def _table(table: tuple[Sequence[str], Iterable[Sequence[str]]]) -> str:
    head, rows = table
    cells = [f"| {' | '.join(head)} |", "|" + "---|" * len(head), *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(cells)
