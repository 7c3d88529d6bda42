"""How commands print: data as JSON or a table on standard output. Failures are those of `failures`."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import Any, TypeVar
from unicodedata import east_asian_width

import click
from flask.cli import with_appcontext

from cashticket.cli.failures import OneLineErrors
from cashticket.locale import iso

View = TypeVar("View", bound=Callable[..., Any])
Data = dict[str, Any]

WIDTH_ROWS = 1_000
"""Rows of a table that decide how wide its columns are; longer cells of later rows stand out."""

NAMING = frozenset(
    {"id", "concert_id", "auction_id", "person_id", "award_id", "auction", "person", "award", "previous"}
)
"""Fields whose numbers name something. They are printed as commands take them, without commas."""


class IdType(click.ParamType[int]):
    """An id: a whole number from 1 to 2**63 - 1."""

    name = "ID"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value)
        if not (text.isascii() and text.isdigit() and len(text) < 20) or not 1 <= int(text) < 2**63:
            self.fail(f"{text[:40]!r} is no id; an id is a whole number such as 3.", param, ctx)
        return int(text)


ID = IdType()


def command(name: str, *, example: str) -> Callable[[View], click.Command]:
    """Make a function a command inside the application. Its help ends with `example`, given without `flask`."""
    epilog = f"\b\nExample:\n  flask --app wsgi {example}"

    def decorate(view: View) -> click.Command:
        return click.command(name, cls=OneLineErrors, epilog=epilog)(with_appcontext(view))

    return decorate


def json_option(view: View) -> View:
    """Give a command `--json`, passed as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON alone on standard output.")(view)


def offers_cell(awards: Iterable[int]) -> str:
    """How a table names the awards by which seats were offered."""
    return ", ".join(f"award {each}" for each in awards) or "to nobody"


def iso_or_none(moment: datetime | None) -> str | None:
    """Return ISO 8601 in UTC with a Z, or None for None."""
    return None if moment is None else iso(moment)


def print_one(data: Data, as_json: bool) -> None:
    """Print one object: as JSON, or a line for every field."""
    if as_json:
        click.echo(_json(data))
        return
    width = max(map(len, data))
    for name, value in data.items():
        click.echo(f"{name:<{width}}  {_cell(name, value)}")


def print_streamed(head: Data, name: str, rows: Iterable[Data], tail: Callable[[], Data]) -> None:
    """Print one JSON object: the fields of `head`, the array `name` with each row as it comes, the fields of `tail`."""
    output = sys.stdout
    output.write(json.dumps(head, ensure_ascii=False)[:-1] + f", {json.dumps(name)}: [")
    for number, row in enumerate(rows):
        output.write((", " if number else "") + json.dumps(row, ensure_ascii=False))
    output.write("]" + "".join(f", {json.dumps(key)}: {json.dumps(value)}" for key, value in tail().items()) + "}\n")
    output.flush()


def print_many(rows: Iterable[Data], columns: Sequence[str], as_json: bool, *, none: str) -> None:
    """Print rows as they come: as JSON with every field, or as a table of `columns`, as wide as the first
    WIDTH_ROWS need; `none` is printed when there are no rows."""
    if as_json:
        _print_array(rows)
        return
    remaining = iter(rows)
    first = [[_cell(column, data[column]) for column in columns] for data in islice(remaining, WIDTH_ROWS)]
    if not first:
        click.echo(none)
        return
    widths = [max(map(_width, cells)) for cells in zip(columns, *first, strict=True)]
    rest = ([_cell(column, data[column]) for column in columns] for data in remaining)
    for row in chain([columns], first, rest):
        click.echo(
            "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        )


def _print_array(rows: Iterable[Data]) -> None:
    click.echo(b"[", nl=False)
    for number, data in enumerate(rows):
        click.echo((b", " if number else b"") + _json(data), nl=False)
    click.echo(b"]")


def _json(data: Data) -> bytes:
    """JSON is UTF-8, whatever the terminal is set to."""
    return json.dumps(data, ensure_ascii=False).encode()


def _width(cell: str) -> int:
    """How many columns of a terminal a cell takes: Hangul takes two each."""
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in cell)


def _cell(name: str, value: Any) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    is_amount = isinstance(value, int) and value >= 10_000 and name not in NAMING
    return f"{value:,}" if is_amount else str(value)
