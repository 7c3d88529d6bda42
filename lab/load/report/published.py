"""The published report: one document that is computed from the raw files of every published run.

docs/load-report.md, docs/load-report.html      the report: the document, and the same as one page
docs/load-peers.md                              published figures of others, which are in the report too
docs/load-report/RUN/                           raw files and pictures of one run, such as hot or hot-sync-1-ms
"""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from lab.load import raw
from lab.load.course_figures import CourseFigures
from lab.load.figures import SystemFigures
from lab.load.report import course, markdown, page, peers, readme, size, summing_up, texts, worse
from lab.load.report.blocks import Block, Heading, Paragraph, placed
from lab.load.report.runs import DOCS, NAME, PublishedRun, name_of, read_published
from lab.load.report.section import section
from lab.load.scenarios import SCENARIOS
from lab.load.size.points import SCENARIO as SIZE
from lab.load.systems import ALL_SYSTEMS

PEERS = "load-peers.md"


def publish(
    folder: Path, run: dict[str, Any], systems: Sequence[SystemFigures | CourseFigures], docs: Path = DOCS
) -> Path:
    """Copy the raw files of a run among the published ones, in place of an earlier run of its name, and write the
    report anew. Returns the document. The bodies of the answers, which no figure needs, stay behind."""
    target = _emptied(run, docs)
    for system in systems:
        raw.copy_without_bodies(folder / system.name, target / system.name)
    return write_report(docs)


def publish_files(folder: Path, run: dict[str, Any], files: Iterable[str], docs: Path = DOCS) -> Path:
    """Publish a run whose raw files are `files`, and write the report anew. Returns the document."""
    target = _emptied(run, docs)
    for file in files:
        shutil.copyfile(folder / file, target / file)
    return write_report(docs)


def _emptied(run: dict[str, Any], docs: Path) -> Path:
    """The folder of a published run, with nothing but its run.json."""
    target = docs / NAME / name_of(run)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    raw.write_json(target / "run.json", run)
    return target


def write_report(docs: Path = DOCS) -> Path:
    """Write the report, as document and as page, and the README beside `docs`, from the published raw files. Returns
    the document; without any run it is not written, and the README says so."""
    runs, document = read_published(docs), docs / f"{NAME}.md"
    pictures = markdown.pictures(readme.blocks(runs))
    if runs:
        blocks = report(runs)
        document.write_text(markdown.document(blocks, NAME), encoding="utf-8")
        document.with_suffix(".html").write_text(page.page(texts.TITLE, blocks), encoding="utf-8")
        pictures |= markdown.pictures(blocks)
    for file, svg in pictures.items():
        (docs / NAME / file).write_text(svg, encoding="utf-8")
    by_itself = peers.blocks(summing_up.comparisons(runs), title_level=1)
    (docs / PEERS).write_text(markdown.document(by_itself), encoding="utf-8")
    readme.write_readme(runs, docs.parent / "README.md")
    return document


def report(runs: Sequence[PublishedRun]) -> list[Block]:
    """The whole report: the sum of all, then a part for each run."""
    blocks: list[Block] = [Heading(texts.TITLE, 1), *summing_up.blocks(runs), *worse.blocks(runs)]
    for each in runs:
        blocks += [Heading(texts.heading(each.run)), *placed(_section(each), each.name, deeper=1)]
        blocks.append(Paragraph(f"Raw files: docs/{NAME}/{each.name}/. {texts.again(each.run)}"))
    return [*blocks, *peers.blocks(summing_up.comparisons(runs))]


def _section(each: PublishedRun) -> list[Block]:
    if each.run["scenario"] == SIZE:
        return size.section(each.folder, each.run)
    if SCENARIOS[each.run["scenario"]].course:
        return course.section(each.run, course.read(each.folder, ALL_SYSTEMS))
    return section(each.run, each.systems)
