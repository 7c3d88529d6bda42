"""The ledger of MySQL or MariaDB as a text of statements, read by our own driver in one transaction.

No program of the database is needed, so it works in every container and with every database that can be reached, and an
account that may read is enough. `mariadb` and `mysql` take the text too. A line ends with a semicolon only where a
statement ends: line ends within values are written as `\\n`.
"""

import re
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from typing import Any

import pymysql
from pymysql.converters import encoders, escape_string
from pymysql.cursors import SSCursor
from sqlalchemy.engine import URL

BLOCK_BYTES = 512 * 1024
SETTINGS = (
    "SET NAMES utf8mb4",
    "SET TIME_ZONE = '+00:00'",
    "SET SQL_MODE = 'NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES'",
    "SET FOREIGN_KEY_CHECKS = 0",
)
NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
LAST = ("applied_revisions", "alembic_version")
"""They come last, so that a database without them is none that a release takes for its own."""

_BEGIN = (
    *SETTINGS[:2],
    "SET SESSION net_write_timeout = 600",
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
)
_COLUMNS = (
    "SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = %s "
    "AND COALESCE(GENERATION_EXPRESSION, '') = '' ORDER BY ORDINAL_POSITION"
)


class NotDumped(Exception):
    """`sentence` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Flow:
    """The blocks of an iterator, read as a file."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks, self._rest = blocks, memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return b""
            self._rest = memoryview(block)
        size = len(self._rest) if size < 0 else size
        given, self._rest = bytes(self._rest[:size]), self._rest[size:]
        return given


def connect(url: URL, **more: Any) -> "pymysql.Connection[Any]":
    """A connection of its own to the database of a SQLAlchemy URL. Raises NotDumped."""
    _, arguments = url.get_dialect()().create_connect_args(url)
    try:
        return pymysql.connect(**{"charset": "utf8mb4", **arguments, **more})
    except pymysql.MySQLError as error:
        raise NotDumped(f"The database does not let us in: {words_of(error)}") from error


def words_of(error: pymysql.MySQLError) -> str:
    """What the database says, as one line."""
    return " ".join(str(error.args[-1] if error.args else error).split())[:500]


def dump(url: URL) -> Generator[bytes]:
    """Yield the database as it is at one moment, in blocks. Raises NotDumped."""
    # Without decoders every value comes as the text that the database writes, and bytes as they are.
    with closing(connect(url, conv=encoders, cursorclass=SSCursor)) as connection:
        try:
            for statement in _BEGIN:
                _rows(connection, statement)
            yield b"-- A ledger of CashTicket.\n" + b"".join(f"{each};\n".encode() for each in SETTINGS)
            for table in _tables(connection):
                yield from _dumped_table(connection, table)
        except pymysql.MySQLError as error:
            raise NotDumped(f"The database was not copied: {words_of(error)}") from error


def _tables(connection: "pymysql.Connection[Any]") -> list[str]:
    rows = _rows(connection, "SHOW FULL TABLES")
    for name, kind in rows:
        if kind != "BASE TABLE" or not NAME.fullmatch(name):
            raise NotDumped(f"The database holds {name!r} ({kind}), which is none of CashTicket's and is not copied.")
    return sorted((name for name, _ in rows), key=lambda name: (name in LAST and LAST.index(name) + 1, name))


def _dumped_table(connection: "pymysql.Connection[Any]", table: str) -> Iterator[bytes]:
    [(_, definition)] = _rows(connection, f"SHOW CREATE TABLE `{table}`")
    yield f"{definition};\n".encode()
    names = [name for (name,) in _rows(connection, _COLUMNS, table)]
    if not all(map(NAME.fullmatch, names)):
        raise NotDumped(f"The table {table} has columns that are none of CashTicket's and are not copied.")
    columns = ", ".join(f"`{name}`" for name in names)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM `{table}`")  # noqa: S608 - names of that form alone
        yield from _inserts(f"INSERT INTO `{table}` ({columns}) VALUES\n".encode(), iter(cursor.fetchone, None))


def _inserts(beginning: bytes, rows: Iterable[tuple[Any, ...]]) -> Iterator[bytes]:
    texts: list[bytes] = []
    size = 0
    for row in rows:
        texts.append(f"({', '.join(map(_literal, row))})".encode())
        size += len(texts[-1])
        if size >= BLOCK_BYTES:
            yield beginning + b",\n".join(texts) + b";\n"
            texts, size = [], 0
    if texts:
        yield beginning + b",\n".join(texts) + b";\n"


def _literal(value: str | bytes | None) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, bytes):
        return f"0x{value.hex()}" if value else "''"
    return f"'{escape_string(value)}'"


def _rows(connection: "pymysql.Connection[Any]", statement: str, *values: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return list(cursor.fetchall())
