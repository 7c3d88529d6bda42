"""Writes blocks of a report as Markdown."""

from collections.abc import Iterable, Sequence

from lab.load.report.blocks import Block, Heading, Items, Paragraph, Picture, TableBlock


def document(blocks: Iterable[Block], folder: str = "") -> str:
    """The whole document; `folder` is where the pictures lie, beside the document."""
    return "\n\n".join(_written(block, folder) for block in blocks) + "\n"


def pictures(blocks: Iterable[Block]) -> dict[str, str]:
    """The pictures of a report by file."""
    return {block.file: block.svg for block in blocks if isinstance(block, Picture)}


def _written(block: Block, folder: str) -> str:
    match block:
        case Heading(text, level):
            return f"{'#' * level} {text}"
        case Paragraph(text, _, warns):
            return f"**{text}**" if warns else text
        case Items(texts, _):
            return "\n".join(f"- {text}" for text in texts)
        case TableBlock(head, rows, _):
            return _table(head, rows)
        case Picture(file, alternative, _, _):
            return f"![{alternative}]({folder}{'/' if folder else ''}{file})"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    cells = [f"| {' | '.join(head)} |", "|" + "---|" * len(head), *(f"| {' | '.join(row)} |" for row in rows)]
    # A line break within a cell.
    return "\n".join(each.replace("\n", "<br>") for each in cells)
