"""Lines of an XLSX workbook: the cells as Excel shows them, of the first sheet that has a heading.

No formula is worked out, no link followed and no macro looked at: a cell has the value that was stored with it.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time, timedelta
from typing import Any

from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.import_files.archives import has_formulas
from cashticket.catalogue.import_files.heading import HEADING_AMONG, heading_at
from cashticket.catalogue.import_files.objects import number_text
from cashticket.catalogue.import_files.sheet_marks import apply_marks
from cashticket.catalogue.import_files.table import (
    COLUMNS_MAX,
    ROWS_MAX,
    Cell,
    Line,
    OddCell,
    Tell,
    is_filled,
    too_many_rows,
)
from cashticket.typed.formulas import without_guard

SHEET_ROWS = 1_048_576
"""Rows of a sheet, all programs alike."""

CELLS_MAX = 5_000_000
SHOW_AS_TEXT = "is a date or time of the spreadsheet; show the cell as text"
# What a number format shows between quotes or brackets is no hour.
QUOTED = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')
CARRIAGE_RETURN = re.compile("_x000D_\n?")


def lines_of(content: bytes, name: str, tell: Tell) -> list[Line]:
    """Every line of the sheet that is not blank. Raises NotPublishable for what cannot be read."""
    try:
        with warnings.catch_warnings():
            # About formats and extensions, which say nothing about values.
            warnings.simplefilter("ignore")
            return _chosen(content, name, tell)
    except NotPublishable:
        raise
    except Exception as error:
        # Whatever is wrong inside, the library fails in as many ways as a file can be damaged.
        raise NotPublishable(
            f"{name} is no readable workbook ({type(error).__name__}); open it in Excel and save it as XLSX again."
        ) from error


def _chosen(content: bytes, name: str, tell: Tell) -> list[Line]:
    budget = _Budget(name)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        formulas = has_formulas(archive, name)
        with closing(_opened(content, data_only=True)) as values:
            chosen, lines = _sheet_and_lines(values, budget)
            others = [sheet.title for sheet in values.worksheets if sheet is not chosen]
        if chosen is not None:
            apply_marks(archive, chosen, lines, tell, name, budget.take)
    if formulas and chosen is not None:
        with closing(_opened(content, data_only=False)) as written:
            _mark_formulas(written[chosen.title], lines, budget)
    if others:
        read = (
            f"only the sheet {chosen.title!r} is read" if chosen is not None else "hidden and empty sheets are not read"
        )
        tell(f"{name}: {read}; not {', '.join(repr(title[:40]) for title in others[:20])}.")
    return lines


def _sheet_and_lines(values: Any, budget: "_Budget") -> tuple[Any, list[Line]]:
    """The first visible sheet with a heading, else the first that is not empty, else None; and its lines."""
    chosen, lines = None, list[Line]()
    for sheet in values.worksheets:
        in_it = _lines(sheet, budget) if sheet.sheet_state == "visible" else []
        if heading_at(in_it) is not None:
            return sheet, in_it
        if in_it and chosen is None:
            chosen, lines = sheet, in_it
    return chosen, lines


class _Budget:
    """How many cells of the workbook called `name` may be looked at, those in between that it leaves out included: a
    small file may name one in the last column of each row, or in the last row of each sheet."""

    def __init__(self, name: str) -> None:
        self.name, self.left = name, CELLS_MAX

    def take(self, cells: int) -> None:
        """Raises NotPublishable when nothing is left."""
        self.left -= cells
        if self.left < 0:
            raise NotPublishable(f"{self.name} has more cells than can be read; copy the table into a new workbook.")


def _opened(content: bytes, *, data_only: bool) -> Any:
    # Loaded here, not with the pages: it is large.
    from openpyxl import load_workbook

    return load_workbook(io.BytesIO(content), read_only=True, data_only=data_only, keep_links=False, keep_vba=False)


def _lines(sheet: Any, budget: _Budget) -> list[Line]:
    lines: list[Line] = []
    for place, row in _rows(sheet, budget):
        cells = [_cell(cell) for cell in row]
        while cells and not is_filled(cells[-1]):
            cells.pop()
        if len(cells) > COLUMNS_MAX:
            raise NotPublishable(
                f"{budget.name} has more than {COLUMNS_MAX} columns; leave only those of the concerts."
            )
        if cells:
            lines.append(Line(place, cells))
        if len(lines) > ROWS_MAX + HEADING_AMONG:
            raise too_many_rows(budget.name)
    return lines


def _rows(sheet: Any, budget: _Budget) -> Iterator[tuple[int, Any]]:
    # What a file says about its own size may be wrong.
    sheet.reset_dimensions()
    with closing(sheet.iter_rows(max_row=SHEET_ROWS)) as rows:
        for place, row in enumerate(rows, 1):
            budget.take(len(row) + 1)
            yield place, row


def _mark_formulas(sheet: Any, lines: list[Line], budget: _Budget) -> None:
    """Tell the formulas that have no value: they look empty."""
    by_place = {line.place: line for line in lines}
    for place, row in _rows(sheet, budget):
        line = by_place.get(place, Line(place, []))
        for at, cell in enumerate(row[:COLUMNS_MAX]):
            if cell.data_type == "f" and not (at < len(line.cells) and is_filled(line.cells[at])):
                line.cells.extend([""] * (at + 1 - len(line.cells)))
                line.cells[at] = OddCell("a formula", "has no value; open the file in Excel and save it again")
        if line.cells and place not in by_place:
            lines.append(line)
    lines.sort(key=lambda line: line.place)


def _cell(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "e":
        return OddCell(repr(str(value)[:40]), "is an error of the spreadsheet")
    if isinstance(value, bool):
        return OddCell(str(value).upper(), "is no text and no number")
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, date | time | timedelta):
        return _of_clock(value, cell.number_format or "")
    return without_guard(CARRIAGE_RETURN.sub("\n", str(value)).strip())


def _of_clock(value: date | time | timedelta, number_format: str) -> OddCell:
    """A day, moment, time of day or span, as the cell shows it."""
    if isinstance(value, datetime):
        is_day = value.time() == time() and "h" not in QUOTED.sub("", number_format).lower()
        text = value.date().isoformat() if is_day else value.isoformat(sep=" ")
        return OddCell(text, SHOW_AS_TEXT, moment=True)
    if isinstance(value, date):
        return OddCell(value.isoformat(), SHOW_AS_TEXT, moment=True)
    return OddCell(str(value), "is a time without a day; put day and time into one cell")
