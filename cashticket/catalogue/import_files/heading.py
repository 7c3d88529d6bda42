"""Finds the heading among the first lines of a file and names the cells below it. Its faults are told once."""

from collections.abc import Sequence

from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.import_files import columns
from cashticket.catalogue.import_files.table import (
    COLUMNS_MAX,
    ROWS_MAX,
    Cell,
    Line,
    Table,
    TableRow,
    Tell,
    is_filled,
    too_many_rows,
)

HEADING_AMONG = 20
HEADING_LENGTH = 100
TOTALS = frozenset({"합계", "총계", "소계", "계", "총합", "total", "totals", "sum", "subtotal", "grandtotal"})
EXAMPLE = "put day and time into one column, such as 2027-04-10 19:00"


def heading_at(lines: Sequence[Line]) -> int | None:
    """Which of the lines is the heading: among the first HEADING_AMONG, the first with a title and another column, else
    the first with two columns. None for none."""
    columns_of = [columns_named(line) for line in lines[:HEADING_AMONG]]
    with_title = (at for at, names in enumerate(columns_of) if "title" in names and len(names) > 1)
    with_two = (at for at, names in enumerate(columns_of) if len(names) > 1)
    return next(with_title, next(with_two, None))


def headings_of(line: Line) -> list[str]:
    """What the cells say, cut off where no heading is as long."""
    return [(cell if isinstance(cell, str) else cell.text)[:HEADING_LENGTH] for cell in line.cells]


def table_of(lines: list[Line], name: str, place: str, tell: Tell, heading: int | None = None) -> Table:
    """The rows below the heading. `lines` have no blank one; `place` says what counts them: `line`, `sheet` or nothing.
    Raises NotPublishable for a file without rows or with too many."""
    at = (heading_at(lines) or 0) if heading is None else heading
    if len(lines) <= at + 1:
        raise NotPublishable(
            f"{name} holds no concerts; it needs a heading line (title, artist, venue, starts) and rows."
        )
    if len(lines) - at - 1 > ROWS_MAX:
        raise too_many_rows(name)
    if at:
        tell(f"{name}: the heading is {place_text(place, lines[at].place)}; what stands above it is left out.")
    headings = headings_of(lines[at])
    if max((number for number, text in enumerate(headings, 1) if text.strip()), default=0) > COLUMNS_MAX:
        raise NotPublishable(f"{name} has more than {COLUMNS_MAX} columns; leave only those of the concerts.")
    return _Naming(headings[:COLUMNS_MAX], lines[at + 1 :], place).table()


def columns_named(line: Line) -> set[str]:
    """The columns that cells of a line are headings of."""
    headings = headings_of(Line(line.place, line.cells[: 2 * COLUMNS_MAX]))
    return {column for heading in headings if (column := columns.column_of(heading))}


def place_text(place: str, number: int) -> str:
    return f"row {number} of the sheet" if place == "sheet" else f"{place} {number}"


class _Naming:
    """Gives the cells below one heading the names of their columns."""

    def __init__(self, headings: list[str], lines: list[Line], place: str) -> None:
        self.headings, self.lines, self.place = headings, lines, place
        self.apart = columns.apart(headings)
        parts = {heading for pair in self.apart.values() for heading in pair}
        self.names = [None if heading in parts else columns.column_of(heading) for heading in headings]
        self.parts, self.filled = parts, self._first_rows()

    def table(self) -> Table:
        rows, faults = [], []
        for number, line in enumerate(self.lines, 1):
            where = f"row {number}"
            if self.place == "sheet" or (self.place and line.place != number + 1):
                where = f"{where} ({place_text(self.place, line.place)})"
            cells = {
                str(name): cell
                for name, cell in zip(self.names, line.cells, strict=False)
                if name not in (None, columns.IGNORED) and is_filled(cell)
            }
            if self._is_total(line, cells):
                faults.append(f"{where}: is a row of totals and no concert; take it out")
            else:
                rows.append(TableRow(number, where, cells))
        absent = frozenset(self._missing())
        names = frozenset(name for name in self.names if name)
        return Table(rows, [f"heading: {fault}" for fault in self._faults(absent)] + faults, absent, names)

    def _is_total(self, line: Line, cells: dict[str, Cell]) -> bool:
        if line is not self.lines[-1] or {"artist", "venue", "starts"} & cells.keys():
            return False
        texts = ("".join(cell.split()).strip(":").lower() for cell in line.cells if isinstance(cell, str))
        return not TOTALS.isdisjoint(texts)

    def _faults(self, absent: frozenset[str]) -> list[str]:
        faults = [
            f"{day!r} and {clock!r} stand apart; {EXAMPLE} (column {name})" for name, (day, clock) in self.apart.items()
        ]
        faults += self._twice() + self._unknown()
        absent -= self.apart.keys()
        concert = [name for name in columns.CONCERT_REQUIRED if name in absent]
        terms = [name for name in columns.TERMS_REQUIRED if name in absent]
        if concert:
            faults.append(f"{_listed(concert)} missing")
        if terms:
            faults.append(f"{_listed(terms)} missing, as other terms of an auction are there")
        return faults

    def _twice(self) -> list[str]:
        first: dict[str, str] = {}
        faults = []
        for name, heading in zip(self.names, self.headings, strict=True):
            if name in first and name != columns.IGNORED:
                faults.append(f"has the column {name} twice ({first[name]!r} and {heading!r})")
            elif name:
                first[name] = heading
        return faults

    def _unknown(self) -> list[str]:
        """One fault about all columns that have values and no name, or one that nothing is called."""
        wrong, unnamed = [], []
        for at, row in self.filled.items():
            heading = self.headings[at].strip() if at < len(self.headings) else ""
            if not heading:
                unnamed.append(f"{at + 1} (row {row})")
            elif self.names[at] is None and self.headings[at] not in self.parts:
                guess = columns.nearest(heading)
                wrong.append(f"{heading[:40]!r} (did you mean {guess}?)" if guess else f"{heading[:40]!r}")
        faults = []
        if unnamed:
            faults.append(f"values stand in columns without a heading: {', '.join(unnamed[:20])}")
        if wrong:
            faults.append(f"no concert and no auction has {', '.join(wrong)}; columns are {', '.join(columns.COLUMNS)}")
        return faults

    def _first_rows(self) -> dict[int, int]:
        """The columns that have values, from the left, each with the first row that has one."""
        first: dict[int, int] = {}
        for number, line in enumerate(self.lines, 1):
            for at, cell in enumerate(line.cells):
                if at not in first and is_filled(cell):
                    first[at] = number
        return dict(sorted(first.items())[: 2 * COLUMNS_MAX])

    def _missing(self) -> list[str]:
        """Columns that nobody needs to be told about for each row: the file does not have them."""
        there = {*self.names, *self.apart}
        terms = {name for at in self.filled if at < len(self.names) and (name := self.names[at]) in columns.TERMS}
        needed = (*columns.CONCERT_REQUIRED, *(columns.TERMS_REQUIRED if terms else ()))
        return [name for name in (*needed, *self.apart) if name not in there or name in self.apart]


def _listed(names: list[str]) -> str:
    return f"{', '.join(names)} {'is' if len(names) == 1 else 'are'}"
