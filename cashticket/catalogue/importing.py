"""Concerts from a file: all of them or none, and a concert that is there already is left as it is.

CSV with a heading line, or a JSON array of objects; both UTF-8, with the names that `concert list --json` prints.
"""

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cashticket.catalogue.concerts import NotPublishable, prepare
from cashticket.catalogue.moments import HINT, parse_moment
from cashticket.models import Concert
from cashticket.models.units import in_one_unit

REQUIRED = {"title", "artist", "venue", "starts_at"}
OPTIONAL = {"cancel_until", "genre", "age_limit", "description"}
# What a list prints and an import does not need.
IGNORED = {"id", "poster", "auctions"}
BYTES_MOST = 5_000_000

Row = Mapping[str, Any]


def import_concerts(content: bytes, name: str) -> tuple[list[Concert], int]:
    """Store the concerts of a file called `name`; those added, and how many were there already.

    Raises NotPublishable, naming the row (from 1) and what is wrong with it, before anything is stored.
    """
    concerts = [_read(number, row) for number, row in enumerate(_rows(content, name), 1)]
    if not concerts:
        raise NotPublishable(
            f"{name} holds no concerts; it needs a heading line ({', '.join(sorted(REQUIRED))}) and rows."
        )

    def work(session: Session) -> list[Concert]:
        added = []
        for columns in concerts:
            # One by one, so that a row said twice is known the second time.
            if not _is_known(session, columns):
                added.append(Concert(**columns))
                session.add(added[-1])
                session.flush()
        return added

    added = in_one_unit(work)
    return added, len(concerts) - len(added)


def _rows(content: bytes, name: str) -> list[Row]:
    if len(content) > BYTES_MOST:
        raise NotPublishable(f"{name} is larger than {BYTES_MOST // 1_000_000} MB; split it.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotPublishable(f"{name} is not UTF-8; save it as UTF-8 and try again.") from error
    if not text.lstrip().startswith("["):
        return _table(text, name)
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotPublishable(f"{name} is no readable JSON: {error}.") from error
    if not all(isinstance(row, dict) for row in rows):
        raise NotPublishable(f"{name} must hold an array of objects.")
    return list(rows)


def _table(text: str, name: str) -> list[Row]:
    try:
        return list(csv.DictReader(io.StringIO(text, newline=""), restkey="a column without heading"))
    except csv.Error as error:
        raise NotPublishable(f"{name} is no readable CSV: {error}.") from error


def _read(number: int, row: Row) -> dict[str, Any]:
    """The columns of a new concert. Every fault is told with its row."""
    present = {name for name, value in row.items() if value not in (None, "")}
    if missing := REQUIRED - present:
        raise NotPublishable(f"Row {number} lacks {', '.join(sorted(missing))}.")
    if unknown := present - REQUIRED - OPTIONAL - IGNORED:
        raise NotPublishable(f"Row {number} has {', '.join(sorted(unknown))}, which no concert has.")
    fields = {name: row[name] for name in present - IGNORED}
    for name in {"starts_at", "cancel_until"} & present:
        fields[name] = parse_moment(str(row[name]))
        if fields[name] is None:
            raise NotPublishable(f"Row {number}: {name} {str(row[name])[:40]!r} is no moment; {HINT}.")
    if "age_limit" in fields:
        text = str(fields["age_limit"])
        fields["age_limit"] = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1
    try:
        return prepare(**{name: _plain(name, value) for name, value in fields.items()})
    except NotPublishable as error:
        raise NotPublishable(f"Row {number}: {error}") from error


def _plain(name: str, value: Any) -> Any:
    if name in ("starts_at", "cancel_until", "age_limit") or isinstance(value, str):
        return value
    raise NotPublishable(f"The {name} must be text.")


def _is_known(session: Session, concert: Mapping[str, Any]) -> bool:
    same = (getattr(Concert, name) == concert[name] for name in ("title", "artist", "venue", "starts_at"))
    return session.scalar(select(Concert.id).where(*same).limit(1)) is not None
