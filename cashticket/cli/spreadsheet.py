"""CSV for spreadsheets: UTF-8 with a byte order mark, so that Korean is read correctly, and without formulas."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import click

BYTE_ORDER_MARK = "\ufeff"
# Spreadsheets evaluate a cell that begins with one of these as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def print_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Write rows under a heading line to standard output, as bytes: identical on every machine."""
    click.echo((BYTE_ORDER_MARK + csv_text(rows, columns)).encode(), nl=False)


def csv_text(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Return the table as CSV, without the byte order mark."""
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(columns)
    writer.writerows([cell(row[column]) for column in columns] for row in rows)
    return table.getvalue()


def cell(value: Any) -> str:
    """Return a value as a cell. A text that would be a formula gets a leading apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list | tuple):
        value = " ".join(map(str, value))
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
