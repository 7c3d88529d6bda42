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
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        formulas = has_formulas(archive, name)
    with closing(_opened(content, data_only=True)) as values:
        sheets = {sheet.title: _lines(sheet, name) for sheet in values.worksheets if sheet.sheet_state == "visible"}
        filled = [title for title, lines in sheets.items() if lines]
        if not filled:
            return []
        chosen = next((title for title in filled if heading_at(sheets[title]) is not None), filled[0])
        others = [sheet.title for sheet in values.worksheets if sheet.title != chosen]
    if formulas:
        with closing(_opened(content, data_only=False)) as written:
            _mark_formulas(written[chosen], sheets[chosen])
    if others:
        tell(f"{name}: only the sheet {chosen!r} is read; not {', '.join(map(repr, others[:20]))}.")
    return sheets[chosen]


def _opened(content: bytes, *, data_only: bool) -> Any:
    # Loaded here, not with the pages: it is large.
    from openpyxl import load_workbook

    return load_workbook(io.BytesIO(content), read_only=True, data_only=data_only, keep_links=False, keep_vba=False)


def _lines(sheet: Any, name: str) -> list[Line]:
    lines: list[Line] = []
    for place, row in _rows(sheet):
        cells = [_cell(cell) for cell in row]
        while cells and not is_filled(cells[-1]):
            cells.pop()
        if len(cells) > COLUMNS_MAX:
            raise NotPublishable(f"{name} has more than {COLUMNS_MAX} columns; leave only those of the concerts.")
        if cells:
            lines.append(Line(place, cells))
        if len(lines) > ROWS_MAX + HEADING_AMONG:
            raise too_many_rows(name)
    return lines


def _rows(sheet: Any) -> Iterator[tuple[int, Any]]:
    # What a file says about its own size may be wrong.
    sheet.reset_dimensions()
    with closing(sheet.iter_rows(max_row=SHEET_ROWS)) as rows:
        yield from enumerate(rows, 1)


def _mark_formulas(sheet: Any, lines: list[Line]) -> None:
    """Tell the formulas that have no value: they look empty."""
    by_place = {line.place: line for line in lines}
    for place, row in _rows(sheet):
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
