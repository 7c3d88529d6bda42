"""Lines of a CSV file, whatever separates their cells. A spreadsheet's guard against formulas is taken off again."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.import_files.heading import HEADING_AMONG, columns_named, heading_at
from cashticket.catalogue.import_files.table import ROWS_MAX, Line, Tell, too_many_rows
from cashticket.typed.formulas import without_guard

SEPARATORS = (",", ";", "\t", "|")
LOOKED_AT = 200_000
"""Signs in which the heading is looked for."""

NAMES = {";": "semicolons", "\t": "tabs", "|": "bars"}
# A first line by which Excel says what separates the cells.
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[ ,;\t]*(?:\r\n|\r|\n)', re.IGNORECASE)

TEXT_FORMULA = re.compile(r'="([^"]*)"')


def lines_of(text: str, name: str, tell: Tell) -> list[Line]:
    """Every line that is not blank. Raises NotPublishable for what is no CSV."""
    named = SEPARATOR_LINE.match(text)
    text, before = (text[named.end() :], 1) if named else (text, 0)
    separator = named[1] if named and named[1] in SEPARATORS else _separator(text)
    lines: list[Line] = []
    try:
        for line in _read(text, separator, before):
            lines.append(line)
            if len(lines) > ROWS_MAX + HEADING_AMONG:
                raise too_many_rows(name)
    except csv.Error as error:
        place = lines[-1].place + 1 if lines else 1
        raise NotPublishable(f"{name} is no readable CSV: after line {place - 1}: {error}.") from error
    if separator in NAMES:
        tell(f"{name} is read as separated by {NAMES[separator]}.")
    return lines


def has_heading(text: str) -> bool:
    """Whether one of the first lines is a heading of columns that are known."""
    return any(_known_columns(text, each) for each in SEPARATORS)


def _read(text: str, separator: str, before: int) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    place = before + 1
    for cells in reader:
        line = Line(place, [_unprotected(cell.strip()) for cell in cells])
        place = before + reader.line_num + 1
        if not line.blank:
            yield line


def _unprotected(cell: str) -> str:
    """The text of a cell, which programs protect from spreadsheets in two ways: as ours with an apostrophe, or as
    `="010"`."""
    formula = TEXT_FORMULA.fullmatch(cell)
    return formula[1] if formula else without_guard(cell)


def _separator(text: str) -> str:
    """The one by which the heading has most columns that are known."""
    counts = {each: _known_columns(text, each) for each in SEPARATORS}
    best = max(SEPARATORS, key=lambda each: counts[each])
    if counts[best]:
        return best
    heading = text.lstrip().partition("\n")[0]
    return max(SEPARATORS, key=heading.count)


def _known_columns(text: str, separator: str) -> int:
    lines: list[Line] = []
    # What is no CSV further below is told when it is read.
    with suppress(csv.Error):
        lines.extend(islice(_read(text[:LOOKED_AT], separator, 0), HEADING_AMONG))
    at = heading_at(lines)
    return 0 if at is None else len(columns_named(lines[at]))
