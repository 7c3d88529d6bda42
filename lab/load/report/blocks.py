"""What a report consists of, whatever its form: headings, paragraphs, lists, tables and pictures, in order.

`markdown` and `page` each write every kind of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of `level` 1 (the title) to 6."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph in one language. `warns`: it must not be overlooked."""

    text: str
    language: str = "en"
    warns: bool = False


@dataclass(frozen=True, slots=True)
class Items:
    """A list of sentences. `warns`: it must not be overlooked."""

    texts: Sequence[str]
    warns: bool = False


@dataclass(frozen=True, slots=True)
class TableBlock:
    """A table. Cells of the kind `numbers` stay on one line, those of the kind `text` may take several. Without a head
    that says something (all cells empty) a page shows none."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    kind: str = "numbers"


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG picture. `file`: where it lies beside a Markdown document. `fits_phone`: its letters can be read when it
    is as narrow as a phone; others keep a width at which they can, and scroll."""

    file: str
    alternative: str
    svg: str
    fits_phone: bool = False


Block = Heading | Paragraph | Items | TableBlock | Picture


def placed(blocks: Iterable[Block], folder: str, deeper: int) -> list[Block]:
    """Return blocks as a part of a larger report: pictures lie in `folder`, headings are `deeper` levels below."""
    result: list[Block] = []
    for block in blocks:
        if isinstance(block, Picture):
            result.append(replace(block, file=f"{folder}/{block.file}"))
        elif isinstance(block, Heading):
            result.append(replace(block, level=block.level + deeper))
        else:
            result.append(block)
    return result
