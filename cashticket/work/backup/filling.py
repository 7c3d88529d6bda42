"""Fills an empty MySQL or MariaDB from the text of statements that `dumping` writes.

A table of its own marks what is under way. It is the first that is made and the last that goes, so nobody takes a part
for the whole: not the next restore, not `flask db upgrade`, not a process that starts.
"""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pymysql
from sqlalchemy.engine import URL

from cashticket.models.schema import RESTORE_MARK
from cashticket.work.backup.dumping import SETTINGS, NotDumped, connect, words_of

STATEMENT_BYTES_MAX = 64 * 1024 * 1024
MADE = re.compile(rb"CREATE TABLE `\w+` \(|INSERT INTO `\w+` \((?:`\w+`(?:, )?)+\) VALUES\n\(")
SET = frozenset(each.encode() for each in SETTINGS)
END = b";\n"
TABLES_ALREADY = (
    "The database has tables already: make it anew, or name an empty one in DATABASE_URL (MIGRATION_DATABASE_URL, if "
    "it is set)."
)


class NotFilled(Exception):
    """`sentence` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Statements:
    """Carries out the statements that are written to it. Only tables are made and rows added: whoever wrote the text
    must not be able to do anything else."""

    def __init__(self, connection: "pymysql.Connection[Any]") -> None:
        self._connection, self._rest = connection, b""

    def write(self, block: bytes) -> int:
        """Raises NotFilled."""
        *statements, self._rest = (self._rest + block).split(END)
        for statement in statements:
            self._carry_out(b"\n".join(row for row in statement.split(b"\n") if not row.startswith(b"-- ")))
        if len(self._rest) > STATEMENT_BYTES_MAX:
            raise NotFilled("The copy of the database is no text of statements.")
        return len(block)

    def flush(self) -> None:
        """Each statement is carried out once it has come."""

    def finish(self) -> None:
        """Raises NotFilled for a text that ends within a statement."""
        if self._rest.strip():
            raise NotFilled("The copy of the database ends within a statement.")

    def _carry_out(self, statement: bytes) -> None:
        if statement not in SET and not MADE.match(statement):
            beginning = statement[:60].decode(errors="replace")
            raise NotFilled(f"The copy of the database holds what no backup of CashTicket does: {beginning!r}.")
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(statement)
        except pymysql.MySQLError as error:
            raise NotFilled(f"The database refuses the copy: {words_of(error)}") from error


@contextmanager
def filling(url: URL) -> Iterator[Statements]:
    """What fills the database while the block runs. After an error in it the database is empty again. Raises NotFilled.

    What a restore that was killed left is taken away first; `left_by_a_killed_one` tells of it.
    """
    try:
        with closing(connect(url, autocommit=True)) as connection:
            _require_alone(connection, url)
            if _names(connection) != []:
                _empty(connection)
            _carry_out(connection, f"CREATE TABLE `{RESTORE_MARK}` (id INT PRIMARY KEY)")
            try:
                statements = Statements(connection)
                yield statements
            except BaseException:
                _empty(connection)
                raise
            _carry_out(connection, f"DROP TABLE `{RESTORE_MARK}`")
    except NotDumped as error:
        raise NotFilled(error.sentence) from error


def left_by_a_killed_one(url: URL) -> bool:
    """Whether the database holds a part that a restore left which was killed. Raises NotFilled where one fills it now,
    and where there are tables that no restore left."""
    try:
        with closing(connect(url)) as connection:
            names = _names(connection)
            if names and RESTORE_MARK not in names:
                raise NotFilled(TABLES_ALREADY)
            _require_alone(connection, url)
            return bool(names)
    except NotDumped as error:
        raise NotFilled(error.sentence) from error


def _require_alone(connection: "pymysql.Connection[Any]", url: URL) -> None:
    """The lock goes with its connection, also when this process is killed."""
    if _carry_out(connection, "SELECT GET_LOCK(%s, 0)", f"cashticket restore {url.database}"[:64]) != ((1,),):
        raise NotFilled("Another restore fills this database: wait for its end.")


def _empty(connection: "pymysql.Connection[Any]") -> None:
    """Take every table away: a restore made them all. The mark goes last."""
    try:
        _carry_out(connection, "SET FOREIGN_KEY_CHECKS = 0")
        for name in sorted(_names(connection), key=lambda name: name == RESTORE_MARK):
            _carry_out(connection, f"DROP TABLE `{name}`")
    except NotFilled as error:
        raise NotFilled(
            f"The database holds a part of the backup, and it could not be taken away ({error.sentence.rstrip('.')}). "
            "Run the restore again: it begins anew."
        ) from error


def _names(connection: "pymysql.Connection[Any]") -> list[str]:
    return [name for (name,) in _carry_out(connection, "SHOW TABLES")]


def _carry_out(connection: "pymysql.Connection[Any]", statement: str, *values: str) -> tuple[tuple[Any, ...], ...]:
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return tuple(cursor.fetchall())
    except pymysql.MySQLError as error:
        raise NotFilled(f"The database refuses the restore: {words_of(error)}") from error
