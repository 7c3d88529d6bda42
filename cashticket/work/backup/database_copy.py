"""Consistent copies of the ledger, taken while everything goes on: SQLite by its own backup, MySQL and MariaDB by their
dump program in one transaction. Both flow into the backup; neither is a file of its own on the way."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import IO

from sqlalchemy import MetaData, create_engine, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError

from cashticket.errors import OperatorError
from cashticket.work.backup.database_programs import DUMPS, READS, ProgramFailed, program_of
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
    try:
        with program_of(DUMPS, url) as process:
            assert process.stdout is not None
            return parts.add(DUMP_NAME, process.stdout)
    except ProgramFailed as error:
        raise NotCopied(error.sentence) from error


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


def require_empty(saved: SavedParts, address: str) -> None:
    """Raises NotCopied unless the database at a SQLAlchemy URL is empty and of the kind that the backup has."""
    url = make_url(address)
    name = SQLITE_NAME if _is_sqlite(url) else DUMP_NAME
    if name not in saved.names:
        raise NotCopied(f"{saved.folder} has no {name}: the copy was made of another kind of database.")
    if _tables(url):
        raise NotCopied("The database has tables already: name an empty one in DATABASE_URL.")


def put_database(saved: SavedParts, address: str) -> None:
    """Fill the database at a SQLAlchemy URL, which must be empty, from a backup. Raises NotCopied and NotReadable, and
    then it is empty again."""
    require_empty(saved, address)
    url = make_url(address)
    if _is_sqlite(url):
        _put_sqlite(saved, Path(str(url.database)))
        return
    try:
        with program_of(READS, url) as process:
            assert process.stdin is not None
            saved.read(DUMP_NAME, process.stdin)
    except BaseException as error:
        _empty(url)
        if isinstance(error, ProgramFailed):
            raise NotCopied(f"{error.sentence} Nothing was put back.") from error
        raise


def _put_sqlite(saved: SavedParts, database: Path) -> None:
    draft = database.with_name(f".{database.name}.restoring")
    try:
        with draft.open("wb") as file:
            saved.read(SQLITE_NAME, file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(database)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def _empty(url: URL) -> None:
    """Take every table away again: there was none before. Raises NotCopied where that fails too."""
    engine = create_engine(url)
    metadata = MetaData()
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("SET FOREIGN_KEY_CHECKS = 0")
            metadata.reflect(connection)
            metadata.drop_all(connection)
    except SQLAlchemyError as error:
        raise NotCopied("The database went away and may hold a part: drop it and make it anew first.") from error
    finally:
        engine.dispose()


def _tables(url: URL) -> list[str]:
    engine = create_engine(url)
    try:
        return inspect(engine).get_table_names()
    finally:
        engine.dispose()


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"
