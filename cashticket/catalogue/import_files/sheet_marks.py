"""What a sheet says of its rows beside their cells: which are hidden, and which cells are merged with those above."""

import re
import zipfile
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Any

from cashticket.catalogue.import_files import columns
from cashticket.catalogue.import_files.heading import heading_at, headings_of
from cashticket.catalogue.import_files.table import Line, Tell, is_filled

TOLD_MAX = 20
ROW = re.compile(rb"<(?:\w+:)?row\b[^<>]*>")
HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')
NUMBER = re.compile(rb'\br="([0-9]{1,7})"')
MERGED = re.compile(rb'<(?:\w+:)?mergeCell\b[^<>]*\bref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')


def apply_marks(
    archive: zipfile.ZipFile, sheet: Any, lines: list[Line], tell: Tell, name: str, take: Callable[[int], None]
) -> None:
    """Give each row of merged cells their text where it is about the concert, and tell that, and hidden rows. Terms in
    merged cells stay missing: 20 seats for two auctions may mean 10 each. `take` is told how many cells are looked at;
    it raises NotPublishable for too many."""
    content = archive.read(sheet._worksheet_path.removeprefix("/"))
    places = {line.place for line in lines}
    hidden = [number for row in ROW.findall(content) if HIDDEN.search(row) and (number := _number(row)) in places]
    if hidden:
        more = " and more" if len(hidden) > TOLD_MAX else ""
        tell(f"{name}: hidden rows are read too: {', '.join(map(str, hidden[:TOLD_MAX]))}{more} of the sheet.")
    at = heading_at(lines)
    filled = set() if at is None else _fill(content, headings_of(lines[at]), lines[at + 1 :], take)
    if filled:
        tell(f"{name}: merged cells count for each of their rows: {', '.join(sorted(filled))}.")


def _number(row: bytes) -> int | None:
    match = NUMBER.search(row)
    return int(match[1]) if match else None


def _fill(content: bytes, headings: list[str], lines: list[Line], take: Callable[[int], None]) -> set[str]:
    """Fill the rows below the first one of merged cells. Returns the columns in which it was done."""
    places, filled = [line.place for line in lines], set[str]()
    for match in MERGED.finditer(content):
        at, first, last = _column(match[1]), int(match[2]), int(match[4])
        rows = lines[bisect_left(places, first) : bisect_right(places, last)]
        take(1 + len(rows))
        named = columns.column_of(headings[at]) if match[1] == match[3] and at < len(headings) else None
        if named is None or named not in columns.CONCERT or not rows or rows[0].place != first:
            continue
        for line in rows[1:]:
            line.cells.extend([""] * (at + 1 - len(line.cells)))
            if at < len(rows[0].cells) and not is_filled(line.cells[at]):
                line.cells[at] = rows[0].cells[at]
                filled.add(named)
    return filled


def _column(letters: bytes) -> int:
    """The place of a column, from 0: A, Z, AA."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
