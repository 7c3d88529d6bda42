"""Units of work: everything that writes goes through `in_one_unit`, wholly or not at all, on both databases.

On SQLite a read transaction that starts to write may fail whatever the timeout, so units that write begin IMMEDIATE.
InnoDB undoes work after deadlocks and lock waits, so such a unit runs again from its start.
"""

import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any, TypeVar

from flask import Flask, current_app, has_app_context
from sqlalchemy import Connection, Engine, ExceptionContext, event, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from cashticket.extensions import db
from cashticket.models import news_of_people

T = TypeVar("T")

ATTEMPTS = 5
LOCK_SECONDS = 8
# Deadlock, lock wait timeout, snapshot conflict: the whole unit must run again.
TRY_AGAIN = (1213, 1205, 1020)
OPTION_PREVENTS, READ_ONLY_MODE = 1290, 1836
READ_ONLY = re.compile("read.only")


def in_one_unit(work: Callable[[Session], T]) -> T:
    """Run `work(session)` in one writing transaction of its own, commit, and return its answer.

    `work` may run up to 5 times and must have no effect outside the session. Any exception undoes everything.
    The request's own session is rolled back first, so that it neither blocks the unit nor shows older data later.
    After the commit open pages are told what the unit noted (`news_of_people`).
    """
    with suppress(DBAPIError):
        # A connection that died meanwhile has rolled back by itself; the pool replaces it.
        db.session.rollback()
    for attempt in range(ATTEMPTS):
        try:
            with Session(db.engine, expire_on_commit=False) as session:
                session.connection(execution_options={"writes": True})
                answer = work(session)
                _commit(session)
                news_of_people.tell(session)
                return answer
        except OperationalError as error:
            if attempt + 1 == ATTEMPTS or not _is_worth_repeating(error):
                raise
            time.sleep(random.uniform(0.01, 0.05) * 2**attempt)
    raise AssertionError("unreachable: the last attempt returns or raises")


@contextmanager
def lent_connection(app: Flask) -> Iterator[Connection]:
    """A connection to the primary, also for threads without a context: the one that the session of this request reads
    with, if it has one. A request that waited for a second one while others do the same would wait in vain. Raises
    DBAPIError and TimeoutError."""
    is_inside = has_app_context() and current_app._get_current_object() is app  # type: ignore[attr-defined]
    with nullcontext() if is_inside else app.app_context():
        session = db.session() if db.session.registry.has() else None
        if session is not None and session.in_transaction() and session.is_active:
            yield session.connection(bind_arguments={"bind": db.engine})
            return
        with db.engine.connect() as connection:
            yield connection


def end_session() -> None:
    """End the request's session. Never fails: a connection that died meanwhile has rolled back by itself, and the
    answer decided with it must still be given."""
    if not db.session.registry.has():
        return
    try:
        db.session.remove()
    except DBAPIError:
        # The first call gave up the connection before it failed; this one clears the session.
        db.session.remove()


def _commit(session: Session) -> None:
    try:
        session.commit()
    except BaseException:
        # The state of this connection is unknown, so it is never used again.
        session.invalidate()
        raise


def _is_worth_repeating(error: OperationalError) -> bool:
    arguments: tuple[object, ...] = getattr(error.orig, "args", ())
    return bool(arguments) and arguments[0] in TRY_AGAIN


def prepare(engine: Engine) -> None:
    """Set up the connections of a database engine as the units need them. Called once by the factory."""
    event.listen(engine, "handle_error", _leave_former_primary)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)


def _leave_former_primary(context: ExceptionContext) -> None:
    """A server that refuses writes is a replica or was the primary: every pooled connection is given up, so that the
    next attempt asks the address of the database again."""
    arguments: tuple[object, ...] = getattr(context.original_exception, "args", ())
    if arguments[:1] == (READ_ONLY_MODE,) or (
        arguments[:1] == (OPTION_PREVENTS,) and READ_ONLY.search(str(arguments[1:]))
    ):
        context.is_disconnect = True


def _prepare_sqlite(connection: Any, record: object) -> None:
    # Without this the driver begins transactions itself, too late for BEGIN IMMEDIATE.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def engine_options(database_url: str) -> dict[str, Any]:
    """Pool and driver settings for a database URL: bounded waits everywhere, READ COMMITTED on MySQL/MariaDB."""
    if database_url.startswith("sqlite"):
        return {"hide_parameters": True}
    return {
        # Messages of errors would quote what was stored, and messages end up in logs.
        "hide_parameters": True,
        "isolation_level": "READ COMMITTED",
        "pool_size": 10,
        "max_overflow": 10,
        "pool_timeout": 5,
        "pool_pre_ping": True,
        "connect_args": {
            "connect_timeout": 3,
            "read_timeout": 15,
            "write_timeout": 15,
            "charset": "utf8mb4",
            # The lock wait ends before the driver's timeouts, so the unit is certainly undone.
            "init_command": f"SET SESSION innodb_lock_wait_timeout={LOCK_SECONDS}",
            **_tls_options(database_url),
        },
    }


def _tls_options(database_url: str) -> dict[str, Any]:
    """No TLS on a unix socket, unless the URL asks for it: the driver would read all certificates of the machine for
    each connection, which takes longer than signing in. Elsewhere it uses TLS where the server has it."""
    query = make_url(database_url).query
    asked_for = any(option.startswith("ssl") for option in query)
    return {"ssl_disabled": True} if "unix_socket" in query and not asked_for else {}
