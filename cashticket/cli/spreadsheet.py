"""CSV for spreadsheets: UTF-8 with a byte order mark, so that Korean is read right, and no cell that is a formula."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

import click

BYTE_ORDER_MARK = "\ufeff"
# A cell that begins with one of these is run by spreadsheets as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def print_csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Rows under a heading line on standard output, as bytes: the same on every machine."""
    click.echo((BYTE_ORDER_MARK + written(rows, columns)).encode(), nl=False)


def written(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """The text of the table, without the mark."""
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(columns)
    writer.writerows([cell(row[column]) for column in columns] for row in rows)
    return table.getvalue()


def cell(value: Any) -> str:
    """A value as a spreadsheet shows it; a number stays one, and a text that looks like a formula is made a text."""
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
