"""CSV for spreadsheets: UTF-8 with a byte order mark, so that Korean is read correctly, and without formulas."""

import csv
import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cashticket.typed.formulas import with_guard

BYTE_ORDER_MARK = "\ufeff"


def print_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Write rows under a heading line to standard output, each as it comes, as bytes: identical on every machine."""
    output = sys.stdout.buffer
    output.write(heading(columns).encode())
    for row in rows:
        output.write(csv_line([row[column] for column in columns]).encode())
    output.flush()


def heading(columns: Sequence[str]) -> str:
    """The byte order mark and the line with the names of the columns."""
    return BYTE_ORDER_MARK + csv_line(columns)


def csv_line(values: Iterable[Any]) -> str:
    """One line of values, each as `cell` writes it."""
    line = io.StringIO(newline="")
    csv.writer(line).writerow([cell(value) for value in values])
    return line.getvalue()


def cell(value: Any) -> str:
    """Return a value as a cell. A text that would be a formula is guarded."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list | tuple):
        value = " ".join(map(str, value))
    return with_guard(str(value))
