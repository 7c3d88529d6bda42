"""The comparison in the README: written between two marks from the published runs."""

from collections.abc import Sequence
from pathlib import Path

from lab.load.report import markdown, overview, summing_up
from lab.load.report.blocks import Block, Paragraph
from lab.load.report.runs import NAME, PublishedRun

BEGINS, ENDS = "<!-- Written by `flask lab report`: begin -->", "<!-- Written by `flask lab report`: end -->"

SHOWN = ("hot", "hot-sync-1-ms", "mixed", "browse", "slope")
"""The runs that the README shows; the report has all."""

NOTHING = (
    "Nothing has been measured and published yet: `flask lab run hot --publish` measures and publishes a first "
    "comparison on a machine that does nothing else ([docs/load-lab.md](docs/load-lab.md))."
)
NOTHING_KOREAN = (
    "아직 측정해서 공개한 결과가 없습니다. 다른 일을 하지 않는 컴퓨터에서 "
    "`flask lab run hot --publish`를 실행하면 첫 비교 결과를 측정해 공개합니다([docs/load-lab.md](docs/load-lab.md))."
)
MORE = f"The whole report, what got worse, and how it was measured: [docs/{NAME}.md](docs/{NAME}.md)."
MORE_KOREAN = f"전체 보고서와 나빠진 점, 측정 방법: [docs/{NAME}.md](docs/{NAME}.md)."


def write_readme(runs: Sequence[PublishedRun], path: Path) -> None:
    """Write the comparison into the README. Raises ValueError when it lacks the marks."""
    text = path.read_text(encoding="utf-8")
    before, begins, rest = text.partition(BEGINS)
    _, ends, after = rest.partition(ENDS)
    if not begins or not ends:
        raise ValueError(f"{path} lacks the marks {BEGINS} and {ENDS}")
    written = markdown.document(blocks(runs), f"docs/{NAME}")
    path.write_text(f"{before}{BEGINS}\n\n{written}\n{ENDS}{after}", encoding="utf-8")


def blocks(runs: Sequence[PublishedRun]) -> list[Block]:
    """What the README shows of the published runs."""
    compared = summing_up.comparisons([run for run in runs if run.name in SHOWN])
    if not compared:
        return [Paragraph(NOTHING_KOREAN, "ko"), Paragraph(NOTHING)]
    picture = overview.picture(compared, "comparison-short.svg")
    return [overview.table(compared), picture, Paragraph(MORE_KOREAN, "ko"), Paragraph(MORE)]
