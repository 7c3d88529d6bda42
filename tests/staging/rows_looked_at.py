"""How many rows MariaDB looks at for the sessions of this process, as each session counts them itself.

The counters of the whole server also hold what others read, and the handler counters what the server looks up for
itself whenever it opens a table. `Rows_read` and `Rows_tmp_read` count rows that were found, in tables and in
temporary tables.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.pool import Pool

ROWS_OF_THIS_SESSION = "SHOW SESSION STATUS WHERE Variable_name IN ('Rows_read', 'Rows_tmp_read')"


@contextmanager
def looked_at(add: Callable[[int], None]) -> Iterator[None]:
    """Pass on the rows that statements inside look at, in every thread of this process; complete when the block is
    left. SQLite does not say."""
    sessions: dict[Any, int] = {}

    def begin(connection: Any, *_: Any) -> None:
        if connection.dialect.name != "sqlite":
            session = connection.connection.dbapi_connection
            if session not in sessions:
                sessions[session] = _rows_so_far(session)

    def end(session: Any, *_: Any) -> None:
        if session in sessions:
            add(_rows_so_far(session) - sessions.pop(session))

    event.listen(Engine, "before_cursor_execute", begin)
    event.listen(Pool, "checkin", end)
    try:
        yield
        for session in list(sessions):
            end(session)
    finally:
        event.remove(Engine, "before_cursor_execute", begin)
        event.remove(Pool, "checkin", end)


def _rows_so_far(session: Any) -> int:
    with session.cursor() as cursor:
        cursor.execute(ROWS_OF_THIS_SESSION)
        return sum(int(value) for _, value in cursor.fetchall())
