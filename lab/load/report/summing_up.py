"""What stands above all parts of the published report: the result in plain words, in one table and in one picture."""

from collections.abc import Sequence

from lab.load.report import overview, plain, size, tables
from lab.load.report.blocks import Block, Heading, Paragraph, TableBlock
from lab.load.report.disks import durability_table
from lab.load.report.runs import PublishedRun
from lab.load.scenarios import HOT, SCENARIOS
from lab.load.size.points import SCENARIO as SIZE
from lab.load.size.points import read_points

IN_PLAIN_WORDS = ("hot", "mixed", "slope")
"""The runs that the plain summary compares; the table has all."""

SLOW_DISK = "hot-sync-1-ms"
"""A run that belongs to a whole report besides one of each scenario."""

OTHER_MACHINES = "These runs differ in commit, machine or versions: compare figures within one run only."
CIRCUMSTANCES = ("commit", "machine", "versions")


def comparisons(runs: Sequence[PublishedRun]) -> list[overview.Comparison]:
    """What the published runs compare. A course searches no knee."""
    rates = [run for run in runs if run.run["scenario"] != SIZE]
    searched = [run for run in rates if SCENARIOS[run.run["scenario"]].course is None]
    return [each for run in searched if (each := overview.comparison(run.name, run.run, run.systems))]


def blocks(runs: Sequence[PublishedRun]) -> list[Block]:
    """The summary of all published runs."""
    compared = comparisons(runs)
    english, korean = plain_sentences(runs)
    result: list[Block] = [Heading("Summary"), Paragraph(" ".join(english))]
    result += [Heading("요약"), Paragraph(" ".join(korean), "ko")]
    if compared:
        result += [Heading("The comparison · 비교"), overview.table(compared), overview.picture(compared)]
    result += _disks(runs)
    result += [Paragraph(text) for text in missing(runs)]
    result += [Heading("Machine, versions, commit"), circumstances(runs)]
    if any(run.run[name] != runs[0].run[name] for run in runs for name in CIRCUMSTANCES):
        result.append(Paragraph(OTHER_MACHINES, warns=True))
    return result


def _disks(runs: Sequence[PublishedRun]) -> list[Block]:
    """The runs of `hot` on several disks side by side."""
    if sum(run.run["scenario"] == HOT.name for run in runs) < 2:
        return []
    return [Heading("Scenario hot on several disks"), TableBlock(*durability_table(runs), "text")]


def plain_sentences(runs: Sequence[PublishedRun]) -> tuple[list[str], list[str]]:
    """The plain summary of the published runs, in English and in Korean."""
    costs = [size.conclusion(read_points(run.folder)) for run in runs if run.run["scenario"] == SIZE]
    broken = sum(len(tables.violations(run.systems)) for run in runs)
    few = [run for run in runs if run.name in IN_PLAIN_WORDS]
    return plain.sentences(comparisons(few), [run.run["machine"]["cores"] for run in runs], broken, costs)


def missing(runs: Sequence[PublishedRun]) -> list[str]:
    """A sentence that names what has not been measured; none when everything has."""
    names = [name for name in (*SCENARIOS, SLOW_DISK, SIZE) if name not in {run.name for run in runs}]
    return [f"Not measured yet: {', '.join(names)}."] if names else []


def circumstances(runs: Sequence[PublishedRun]) -> TableBlock:
    """A row for each run: under which circumstances it was measured."""
    found = [(run.name, dict(tables.circumstances(run.run))) for run in runs]
    names = ("began", "commit", "machine", "versions", "sync of the disk")
    return TableBlock(("run", *names), [(name, *(each[column] for column in names)) for name, each in found], "text")
