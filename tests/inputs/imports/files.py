"""Builds the files that these tests import, and reads them without storing anything."""

import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from openpyxl import Workbook

from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.import_files.table import FaultyRows
from cashticket.catalogue.import_rows import ImportRow
from cashticket.catalogue.importing import read_file

HEADING = ("title", "artist", "venue", "starts")
SPRING = ("봄밤", "등불", "한강홀", "2041-04-10T19:00")
TERMS_HEADING = (*HEADING, "seats", "minimum", "step", "opens", "closes")
TERMS = (*SPRING, "20", "100000", "5000", "2041-04-01T12:00", "+2d")
SEVEN = datetime(2041, 4, 10, 10, 0, tzinfo=UTC)


def table(*lines: Sequence[str], separator: str = ",") -> str:
    """Lines of a CSV file; cells hold no separator."""
    return "".join(separator.join(cells) + "\r\n" for cells in lines)


def workbook(*lines: Sequence[Any], change: Callable[[Workbook], object] = lambda book: None) -> bytes:
    """An XLSX workbook with these lines in its only sheet, changed by `change`."""
    book = Workbook()
    for cells in lines:
        book.active.append(list(cells))
    change(book)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def read(content: bytes | str) -> tuple[list[ImportRow], list[str]]:
    """The rows of a file, and what was told about reading it."""
    told: list[str] = []
    return read_file(content if isinstance(content, bytes) else content.encode(), "season", told.append), told


def faults_of(content: bytes | str) -> list[str]:
    """Every fault of a file; for one that cannot be read at all, the sentence."""
    try:
        read(content)
    except FaultyRows as error:
        return error.faults
    except NotPublishable as error:
        return [str(error)]
    return []


def titles(content: bytes | str) -> list[str]:
    return [row.concert["title"] for row in read(content)[0]]
