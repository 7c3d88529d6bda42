"""What a report says about one run that looked for knees: the part below its title."""

from collections.abc import Sequence
from typing import Any

from lab.load.circumstances import is_busy
from lab.load.figures import SystemFigures
from lab.load.report import plot, repeats, slope, steps, tables, texts, traffic
from lab.load.report.blocks import Block, Heading, Items, Paragraph, Picture, TableBlock

POINTS = "Filled points were held, hollow ones choked; a dashed line marks each knee."
BROKEN = "Promises were broken; these figures must not be used."


def section(run: dict[str, Any], systems: Sequence[SystemFigures]) -> list[Block]:
    """Everything about one run, with headings of level 2 and pictures in the run's own folder."""
    return [*_results(run, systems), *_details(systems), *_method(run, systems)]


def _results(run: dict[str, Any], systems: Sequence[SystemFigures]) -> list[Block]:
    english, korean = texts.conclusion(run, systems)
    blocks: list[Block] = [Paragraph(english), Paragraph(korean, "ko")]
    if is_busy(run):
        blocks.append(Paragraph(texts.BUSY, warns=True))
    if broken := tables.violations(systems):
        blocks += [Paragraph(BROKEN, warns=True), Items(broken, warns=True)]
    blocks += [Heading("Knees"), TableBlock(*tables.knees(systems))]
    blocks += [Picture("latency.svg", "p95 against arrival rate, by system", plot.latency(systems)), Paragraph(POINTS)]
    if steps.has_steps(systems):
        blocks += _steps(systems)
    if slope.has_servers(systems):
        blocks += [Heading("Slope over web servers"), TableBlock(*slope.table(systems))]
        blocks.append(Picture("slope.svg", "knee against the number of web servers", slope.picture(systems)))
        blocks += [Paragraph(slope.CAPTION), Paragraph(slope.rule(systems))]
    return blocks


def _steps(systems: Sequence[SystemFigures]) -> list[Block]:
    blocks: list[Block] = [Heading("What each idea brings"), Items(steps.sentences(systems))]
    blocks.append(Picture("steps.svg", "what each step holds", steps.picture(systems)))
    return [*blocks, TableBlock(*steps.table(systems)), Paragraph(steps.RULE)]


def _details(systems: Sequence[SystemFigures]) -> list[Block]:
    """Processor time, every rate of every system, and what repeats and endurance say."""
    blocks: list[Block] = [Heading(f"Processor time per {texts.cost_of(systems)}")]
    blocks.append(TableBlock(*tables.processor_time(systems)))
    for each in systems:
        blocks += [Heading(each.facts["title"]), Paragraph(texts.parts(each)), TableBlock(*tables.turns(each))]
        visits = tables.visits(each)
        blocks += [TableBlock(*visits)] if visits[1] else []
    if traffic.has_traffic(systems):
        blocks.append(Heading(f"Statements, syncs and bytes per {texts.cost_of(systems)}"))
        blocks += [Paragraph(traffic.EXPLANATION), TableBlock(*traffic.table(systems))]
    return [*blocks, *repeats.blocks(systems)]


def _method(run: dict[str, Any], systems: Sequence[SystemFigures]) -> list[Block]:
    blocks: list[Block] = [Heading("What is on the disk"), Paragraph(texts.durability(run))]
    blocks += [TableBlock(*tables.durability(systems), "text"), Heading("How it was measured")]
    blocks += [Paragraph(text) for text in texts.method(systems)]
    return [*blocks, TableBlock(("circumstance", "value"), tables.circumstances(run), "text")]
