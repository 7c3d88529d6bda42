"""Connections of the row-lock engine: a pool as large as the threads, and statements sent together.

PyMySQL is used directly: SQLAlchemy's core adds about as much Python to each statement as the driver itself needs.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from queue import LifoQueue
from typing import Any

import pymysql
from pymysql.connections import Connection
from pymysql.constants import CLIENT
from sqlalchemy.engine import make_url

from cashticket.engine.errors import StoreUnavailable

CLIENT_ERRORS = range(2000, 3000)
KILLED = (1053, 1317, 1927)
"""Errors of the driver, and of a server that ends a statement or a connection: whether it carried out what was sent is
not known."""

Rows = Sequence[tuple[Any, ...]]


class Connections:
    """At most `size` connections to the database at `url`, opened when they are needed. Safe for threads."""

    def __init__(self, url: str, size: int) -> None:
        parsed = make_url(url)
        self._options: dict[str, Any] = {
            "host": parsed.host or "localhost",
            "port": parsed.port or 3306,
            "user": parsed.username,
            "password": parsed.password or "",
            "database": parsed.database,
            "unix_socket": parsed.query.get("unix_socket"),
        }
        # The connection used last is used next: its buffers and procedure are in the caches of processor and server.
        self._free: LifoQueue[Connection[Any] | None] = LifoQueue()
        self._size = size
        for _ in range(size):
            self._free.put(None)

    @contextmanager
    def connection(self) -> Iterator["Connection[Any]"]:
        """A connection outside of any transaction; waits for one. A transaction that an exception leaves open is rolled
        back. Raises StoreUnavailable for an error of the database that the caller does not handle."""
        connection = self._free.get()
        is_usable = False
        try:
            if connection is None or not connection.open:
                connection = self._open()
            yield connection
            is_usable = True
        except pymysql.err.Error as error:
            is_usable = connection is not None and _roll_back(connection, error)
            raise StoreUnavailable(f"the database did not carry out a statement: {error}") from error
        except Exception as error:
            is_usable = connection is not None and _roll_back(connection, error)
            raise
        finally:
            if not is_usable and connection is not None:
                with suppress(pymysql.err.Error):
                    connection.close()
            self._free.put(connection if is_usable else None)

    def open_all(self) -> None:
        """Open every connection that is not open, so that no bid has to. Nobody may use one meanwhile."""
        for connection in [self._free.get() for _ in range(self._size)]:
            is_open = connection is not None and connection.open
            self._free.put(connection if is_open else self._open())

    def close(self) -> None:
        """End every connection that is not in use."""
        for _ in range(self._size):
            connection = self._free.get()
            if connection is not None and connection.open:
                connection.close()
            self._free.put(None)

    def _open(self) -> "Connection[Any]":
        # READ COMMITTED takes no gap locks, and each statement after the row lock sees what the bid before committed.
        # MULTI_STATEMENTS: what needs no answer in between travels in one packet.
        connection = pymysql.connect(
            **self._options, charset="utf8mb4", autocommit=True, client_flag=CLIENT.MULTI_STATEMENTS, connect_timeout=5
        )
        send(connection, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", "SET time_zone = '+00:00'")
        return connection


def send(connection: "Connection[Any]", *statements: str) -> list[Rows]:
    """Send statements in one packet. Returns the rows of each; the first that fails raises, and ends the packet."""
    with connection.cursor() as cursor:
        cursor.execute(";".join(statements))
        results: list[Rows] = [cursor.fetchall()]
        while cursor.nextset():
            results.append(cursor.fetchall())
    return results


def is_lost(error: Exception) -> bool:
    """Whether the connection or the statement was ended, so that nobody knows what became of what was sent."""
    code = error.args[0] if error.args else 0
    is_refusal = isinstance(code, int) and code not in (0, *KILLED) and code not in CLIENT_ERRORS
    return isinstance(error, pymysql.err.Error) and not is_refusal


def _roll_back(connection: "Connection[Any]", error: Exception) -> bool:
    """Whether the connection can be used again."""
    if is_lost(error) or not connection.open:
        return False
    try:
        connection.rollback()
    except pymysql.err.Error:
        return False
    return True
