"""The report as Markdown, for docs/load-report.md."""

from collections.abc import Iterable, Sequence
from typing import Any

from lab.load.figures import SystemFigures
from lab.load.report import tables, texts


def document(run: dict[str, Any], systems: Sequence[SystemFigures], picture: str) -> str:
    """The whole document; `picture` is the path of the plot beside it."""
    english, korean = texts.conclusion(systems)
    parts = [f"# {texts.TITLE}", english, korean]
    if broken := tables.violations(systems):
        parts += [
            "**Promises were broken; these figures must not be used.**",
            "\n".join(f"- {text}" for text in broken),
        ]
    parts += ["## Knees", _table(tables.knees(systems)), f"![p95 against arrival rate, by system]({picture})"]
    parts += ["Filled points were held, hollow ones choked; a dashed line marks each knee."]
    parts += ["## Processor time per accepted bid", _table(tables.processor_time(systems))]
    for each in systems:
        parts += [f"## {each.facts['title']}", f"{each.facts['parts']}.", _table(tables.turns(each))]
    parts += ["## How it was measured", texts.RULE, texts.CLIENT, texts.LIMITS]
    parts.append(_table((("circumstance", "value"), tables.circumstances(run))))
    parts.append("[load-lab.md](load-lab.md) says how to run it. `flask lab run --publish` writes this page.")
    return "\n\n".join(parts) + "\n"


def _table(table: tuple[Sequence[str], Iterable[Sequence[str]]]) -> str:
    head, rows = table
    cells = [f"| {' | '.join(head)} |", "|" + "---|" * len(head), *(f"| {' | '.join(row)} |" for row in rows)]
    return "\n".join(cells)
