"""What every kind of file becomes: rows of cells by the name of their column, and the faults found on the way."""

from collections.abc import Callable
from dataclasses import dataclass, field

from cashticket.catalogue.concerts import NotPublishable

BYTES_MAX = 5_000_000
ROWS_MAX = 5_000
COLUMNS_MAX = 200

Tell = Callable[[str], None]
"""Takes a sentence about how a file was read."""


@dataclass(frozen=True, slots=True)
class OddCell:
    """A cell that is neither text nor number, such as a date or an error. `text` is what it shows, `fault` the end of
    a sentence that begins with it; a `moment` may be read where moments are wanted."""

    text: str
    fault: str
    moment: bool = False


Cell = str | OddCell


@dataclass(frozen=True, slots=True)
class Line:
    """Cells as they stand in a file; `place` is the line of the file, or the row of the sheet, from 1."""

    place: int
    cells: list[Cell]

    @property
    def blank(self) -> bool:
        return not any(is_filled(cell) for cell in self.cells)


@dataclass(frozen=True, slots=True)
class TableRow:
    """Row `number` below the heading, from 1: the filled cells by column. `where` names it in faults."""

    number: int
    where: str
    cells: dict[str, Cell]


@dataclass(slots=True)
class Table:
    """The rows of a file and the `columns` that its heading names. `absent` are columns that it should have and has
    not, as `faults` says."""

    rows: list[TableRow] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    absent: frozenset[str] = frozenset()
    columns: frozenset[str] = frozenset()


class FaultyRows(NotPublishable):
    """The rows of a file have faults: all of them in order in `faults`, the first in the message."""

    def __init__(self, name: str, faults: list[str]) -> None:
        self.faults = faults
        others = f" (and {len(faults) - 1:,} more)" if len(faults) > 1 else ""
        super().__init__(f"Nothing was added from {name}: {faults[0].removesuffix('.')}{others}.")


def is_filled(cell: Cell) -> bool:
    return isinstance(cell, OddCell) or bool(cell.strip())


def too_many_rows(name: str) -> NotPublishable:
    return NotPublishable(f"{name} has more rows than are taken at once, at most {ROWS_MAX}: split it.")
