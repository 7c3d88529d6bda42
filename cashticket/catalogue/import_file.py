"""Reads a file of concerts into rows: CSV with a heading line, or a JSON array of objects, in UTF-8.

Rows are numbered from 1, without the heading line. A file that cannot be read raises NotPublishable with a sentence.
"""

import csv
import io
import json
from collections import Counter
from typing import Any

from cashticket.catalogue.concerts import NotPublishable

BYTES_MAX = 5_000_000
ROWS_MAX = 5_000
SEPARATORS = (",", ";", "\t")

Row = dict[str, Any]


def rows_of(content: bytes, name: str) -> list[Row]:
    """The rows of a file called `name`, column names in lower case with `_`. Raises NotPublishable."""
    if len(content) > BYTES_MAX:
        raise NotPublishable(f"{name} is larger than {BYTES_MAX // 1_000_000} MB; split it.")
    text = _text(content, name)
    rows = _objects(text, name) if text.lstrip().startswith(("[", "{")) else _table(text, name)
    if not rows:
        raise NotPublishable(
            f"{name} holds no concerts; it needs a heading line (title, artist, venue, starts) and rows."
        )
    if len(rows) > ROWS_MAX:
        raise NotPublishable(f"{name} has {len(rows)} rows; at most {ROWS_MAX} are taken at once: split it.")
    return rows


def column(name: str) -> str:
    """The name of a column in one spelling: ` Age-Limit` becomes `age_limit`."""
    return "_".join(name.replace("-", " ").lower().split())


def _text(content: bytes, name: str) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotPublishable(f"{name} is UTF-16; save it as UTF-8 (in Excel: “CSV UTF-8”) and try again.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        content.decode("cp949")
    except UnicodeDecodeError as error:
        raise NotPublishable(f"{name} is not UTF-8; save it as UTF-8 and try again.") from error
    raise NotPublishable(
        f"{name} is not UTF-8 but looks like CP949, as Korean Excel saves “CSV”; save it as “CSV UTF-8” and try again."
    )


def _objects(text: str, name: str) -> list[Row]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotPublishable(f"{name} is no readable JSON: {error}.") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise NotPublishable(f"{name} must hold an array of objects.")
    return [{column(key): value for key, value in row.items()} for row in rows]


def _table(text: str, name: str) -> list[Row]:
    heading = text.lstrip().partition("\n")[0]
    separator = max(SEPARATORS, key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        text_lines = [cells for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise NotPublishable(f"{name} is no readable CSV: line {reader.line_num}: {error}.") from error
    names = [column(cell) for cell in text_lines[0]] if text_lines else []
    if twice := [name for name, times in Counter(filter(None, names)).items() if times > 1]:
        raise NotPublishable(f"{name} has the column {twice[0]} twice.")
    return [_row(names, cells) for cells in text_lines[1:]]


def _row(names: list[str], cells: list[str]) -> Row:
    row: Row = {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}
    beyond = [cell for cell in cells[len(names) :] if cell.strip()]
    unnamed = [cell for name, cell in zip(names, cells, strict=False) if not name and cell.strip()]
    return row | ({"a column without heading": beyond or unnamed} if beyond or unnamed else {})
