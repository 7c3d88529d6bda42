"""The report of a course: a timeline of each system, and the figures of each event."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lab.load import raw
from lab.load.circumstances import is_busy
from lab.load.course_figures import CourseFigures, figures_of
from lab.load.hammer_figures import HammerFigures, demands
from lab.load.report import course_picture, course_texts, page, tables, texts
from lab.load.report.blocks import Block, Heading, Items, Paragraph, Picture, TableBlock
from lab.load.report.section import BROKEN
from lab.load.timeline import EventFigures

HEAD = (
    "system",
    "event",
    "rate",
    "errors",
    "bids lost",
    "doubled",
    "bids taken meanwhile",
    "p95 and errors normal after",
    "backlog at most",
    "backlog normal after",
    "all recorded after",
)
DEMANDS = ("figure", "demanded", "measured", "met")


def read(folder: Path, names: Iterable[str]) -> list[CourseFigures]:
    """The figures of every measured system of a run."""
    return [figures_of(folder / name) for name in names if raw.is_measured(folder, name)]


def write(folder: Path, run: dict[str, Any], systems: Sequence[CourseFigures]) -> Path:
    """Write report.html into the folder of a run. Returns its path."""
    path, title = folder / "report.html", course_texts.title(run)
    path.write_text(page.page(title, [Heading(title, 1), *section(run, systems)]), encoding="utf-8")
    return path


def rows(systems: Sequence[CourseFigures]) -> list[tuple[str, ...]]:
    """A row for each event of each system."""
    return [_row(system, each) for system in systems for each in system.events]


def _row(system: CourseFigures, each: EventFigures) -> tuple[str, ...]:
    drains = system.facts["drains"]
    taken = (
        f"{each.accepted:,} of {each.sent:,} ({each.taken_share:.0%})" if each.taken_share is not None else tables.NONE
    )
    return (
        system.facts["title"],
        each.event.name,
        tables.rate(system.rate),
        f"{each.errors:,}",
        f"{system.lost:,}",
        f"{system.doubled:,}",
        taken,
        _after(each.normal_s),
        f"{each.backlog_max:,}" if drains else tables.NONE,
        _after(each.backlog_normal_s) if drains else tables.NONE,
        _after(each.recorded_s) if drains else "with the answer",
    )


def _after(seconds: float | None) -> str:
    return "not in this course" if seconds is None else f"{seconds:.1f} s"


def demanded(figures: HammerFigures) -> list[tuple[str, ...]]:
    """A row for each figure that is demanded of the end of a large auction."""
    words = {True: "yes" if figures.is_of_size else "yes, at this size", False: "no", None: tables.NONE}
    return [(each.name, each.demanded, each.measured, words[each.met]) for each in demands(figures)]


def notes(systems: Sequence[CourseFigures]) -> list[str]:
    """How each system was driven, a sentence each."""
    return [
        f"{each.facts['title']}: {each.rate:,} bids a second, {each.facts['rate_reason']}; {each.sent:,} sent, "
        f"{each.accepted:,} accepted, usual p95 {tables.ms(each.usual_p95_ms)}"
        + (f". Client-bound: {', '.join(each.client_bound)}." if each.client_bound else ".")
        for each in systems
    ]


def broken(systems: Sequence[CourseFigures]) -> list[str]:
    """Every broken promise, with its system."""
    found = [f"{each.name}: {text}" for each in systems for text in each.violations]
    found += [f"{each.name}: {each.lost} accepted bids are not in the ledger" for each in systems if each.lost]
    return found + [f"{each.name}: {each.doubled} bids are in the ledger twice" for each in systems if each.doubled]


def section(run: dict[str, Any], systems: Sequence[CourseFigures]) -> list[Block]:
    """Everything about one course, with headings of level 2 and pictures in the run's own folder."""
    english, korean = course_texts.conclusion(run, systems)
    blocks: list[Block] = [Paragraph(english), Paragraph(korean, "ko")]
    if is_busy(run):
        blocks.append(Paragraph(texts.BUSY, warns=True))
    if complaints := broken(systems):
        blocks += [Paragraph(BROKEN, warns=True), Items(complaints, warns=True)]
    for each in systems:
        if each.hammer:
            blocks += [Heading("What is demanded"), TableBlock(DEMANDS, demanded(each.hammer), "text")]
    if not any(each.hammer for each in systems):
        blocks += [Heading("Events"), TableBlock(HEAD, rows(systems))]
    for each in systems:
        picture = Picture(f"{each.name}.svg", "answers, p95 and backlog in each second", course_picture.timeline(each))
        blocks += [Heading(each.facts["title"]), picture]
    blocks.append(Heading("How it was measured"))
    blocks += [Paragraph(text) for text in (*course_texts.method(run), *notes(systems), texts.CLIENT, texts.LIMITS)]
    return [*blocks, TableBlock(("circumstance", "value"), tables.circumstances(run), "text")]


def summary(run: dict[str, Any], systems: Sequence[CourseFigures]) -> dict[str, Any]:
    """The result for programs."""
    rows_of = []
    for each in systems:
        row = {"system": each.name, "rate": each.rate, "sent": each.sent, "accepted": each.accepted}
        row |= {"errors": sum(each.errors.values()), "lost": each.lost, "doubled": each.doubled}
        row |= {"hammer": _demands_for_programs(each.hammer)} if each.hammer else {}
        row |= {"usual_p95_ms": round(each.usual_p95_ms, 1), "events": [_for_programs(event) for event in each.events]}
        rows_of.append(row)
    return tables.for_programs(run) | {"systems": json.loads(json.dumps(rows_of))}


def _for_programs(each: EventFigures) -> dict[str, Any]:
    names = ("normal_s", "backlog_normal_s", "recorded_s")
    seconds = {name: None if (value := getattr(each, name)) is None else round(value, 1) for name in names}
    counts = {"sent": each.sent, "accepted": each.accepted, "errors": each.errors, "backlog_max": each.backlog_max}
    return {"event": each.event.name, **counts, **seconds}


def _demands_for_programs(figures: HammerFigures) -> dict[str, Any]:
    return asdict(figures) | {"met": {each.name: each.met for each in demands(figures)}}
