"""Consistent copies of the ledger, taken while everything goes on: SQLite by its own backup, MySQL and MariaDB in one
transaction. Both flow into the backup; neither is a file of its own on the way."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import IO

from sqlalchemy import create_engine, inspect
from sqlalchemy.engine import URL, make_url

from cashticket.errors import OperatorError
from cashticket.work.backup.dumping import Flow, NotDumped, dump
from cashticket.work.backup.filling import TABLES_ALREADY, NotFilled, filling, left_by_a_killed_one
from cashticket.work.backup.parts import NewParts, SavedParts

SQLITE_NAME, DUMP_NAME = "ledger.db", "ledger.sql"


class NotCopied(OperatorError):
    """The database was not copied, or not put back."""


def copy_database(address: str, parts: NewParts) -> int:
    """Add the database at a SQLAlchemy URL to the parts of a backup. Returns their bytes. Raises NotCopied."""
    url = make_url(address)
    if _is_sqlite(url):
        with _frozen(Path(str(url.database))) as file:
            return parts.add(SQLITE_NAME, file)
    blocks = dump(url)
    try:
        return parts.add(DUMP_NAME, Flow(blocks))
    except NotDumped as error:
        raise NotCopied(error.sentence) from error
    finally:
        blocks.close()


@contextmanager
def _frozen(database: Path) -> Iterator[IO[bytes]]:
    """A file with the content of a SQLite database at one moment. It has no name, so that nothing remains of it, and it
    lies on the disk of the database, never on that of the backup."""
    handle, name = mkstemp(dir=database.parent, prefix=".backup-")
    with open(handle, "rb") as file:
        try:
            with closing(sqlite3.connect(name)) as copy, closing(sqlite3.connect(str(database))) as source:
                copy.execute("PRAGMA journal_mode = OFF")
                copy.execute("PRAGMA synchronous = OFF")
                Path(name).unlink()
                source.backup(copy)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        yield file


def require_room(saved: SavedParts, address: str) -> bool:
    """Raises NotCopied unless the database at a SQLAlchemy URL is of the kind that the backup has, and either empty or
    left by a restore that was killed. Returns whether it is the latter."""
    url = make_url(address)
    name = SQLITE_NAME if _is_sqlite(url) else DUMP_NAME
    if name not in saved.names:
        raise NotCopied(f"{saved.folder} has no {name}: the copy was made of another kind of database.")
    if not _is_sqlite(url):
        try:
            return left_by_a_killed_one(url)
        except NotFilled as error:
            raise NotCopied(error.sentence) from error
    if _tables(url):
        raise NotCopied(TABLES_ALREADY)
    return _draft_of(url).exists()


@contextmanager
def database_put(saved: SavedParts, address: str) -> Iterator[None]:
    """Fill the database at a SQLAlchemy URL, which has room, from a backup, run the block, and only then let it count.
    Raises NotCopied and NotReadable. After any error, of the block too, it is empty again."""
    url = make_url(address)
    try:
        with _sqlite_put(saved, url) if _is_sqlite(url) else _filled(saved, url):
            yield
    except NotFilled as error:
        raise NotCopied(error.sentence) from error


@contextmanager
def _filled(saved: SavedParts, url: URL) -> Iterator[None]:
    with filling(url) as statements:
        saved.read(DUMP_NAME, statements)
        statements.finish()
        yield


@contextmanager
def _sqlite_put(saved: SavedParts, url: URL) -> Iterator[None]:
    draft = _draft_of(url)
    try:
        with draft.open("wb") as file:
            saved.read(SQLITE_NAME, file)
            file.flush()
            os.fsync(file.fileno())
        yield
        draft.replace(Path(str(url.database)))
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _draft_of(url: URL) -> Path:
    database = Path(str(url.database))
    return database.with_name(f".{database.name}.restoring")


def _tables(url: URL) -> list[str]:
    engine = create_engine(url)
    try:
        return inspect(engine).get_table_names()
    finally:
        engine.dispose()


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"
