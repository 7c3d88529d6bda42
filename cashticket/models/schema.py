"""The schema version of the database and the one that the migrations of this version lead to."""

from dataclasses import dataclass
from functools import lru_cache

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from cashticket.extensions import db
from cashticket.models import applied_revisions, durability


@dataclass(frozen=True, slots=True)
class DatabaseCondition:
    """`charset_problem` says why names cannot be stored. `heads` are the revisions the database has, `newest` those the
    migrations lead to, `unknown` those of the heads that these migrations do not have, `altered` says which were
    edited after they were applied (see `applied_revisions`). `loss_risks` says how recorded bids could be lost (see
    `durability`); `takes_writes` is False for a replica and for a former primary. `restore_problem` says what to do
    where the database holds a part of a backup, and then it has no heads."""

    charset_problem: str | None
    heads: frozenset[str]
    newest: frozenset[str]
    unknown: frozenset[str]
    altered: tuple[str, ...]
    loss_risks: tuple[str, ...]
    takes_writes: bool
    restore_problem: str | None = None


def condition(migrations: str, replicas: int = 0) -> DatabaseCondition:
    """The condition of the database. `migrations` is the folder of Alembic, `replicas` the number that is expected.
    Raises SQLAlchemyError while it is away."""
    try:
        with db.engine.connect() as connection:
            problem = charset_problem(connection)
            heads = heads_of(connection)
            altered = tuple(applied_revisions.altered(connection, _forms(migrations)))
            loss_risks = tuple(durability.loss_risks(connection, replicas))
            takes_writes = durability.takes_writes(connection)
            restore_problem = None if heads else unfinished_restore(connection)
    finally:
        # A transaction of this request must not outlive the check.
        db.session.rollback()
    newest, unknown = _newest(migrations), heads - _forms(migrations).keys()
    return DatabaseCondition(problem, heads, newest, unknown, altered, loss_risks, takes_writes, restore_problem)


def heads_of(connection: Connection) -> frozenset[str]:
    """The revisions that a database has."""
    return frozenset(MigrationContext.configure(connection).get_current_heads())


@lru_cache(maxsize=4)
def _newest(migrations: str) -> frozenset[str]:
    return frozenset(ScriptDirectory(migrations).get_heads())


@lru_cache(maxsize=4)
def _forms(migrations: str) -> dict[str, str]:
    return applied_revisions.forms(ScriptDirectory(migrations).walk_revisions())


RESTORE_MARK = "restore_unfinished"
"""A table that `ops restore` makes first and takes away last."""


def unfinished_restore(connection: Connection) -> str | None:
    """What to do, where a restore into this database goes on or was ended, as a sentence without its full stop."""
    if RESTORE_MARK not in inspect(connection).get_table_names():
        return None
    return "a restore into this database goes on, or was ended: wait for it, or run the same `flask ops restore` again"


CHARSET = text("SELECT DEFAULT_CHARACTER_SET_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = DATABASE()")
TABLES_OF_OTHER_CHARSETS = text(
    "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE' "
    "AND TABLE_COLLATION NOT LIKE 'utf8mb4%' AND TABLE_NAME <> 'alembic_version' ORDER BY TABLE_NAME LIMIT 1"
)


def charset_problem(connection: Connection) -> str | None:
    """Why the database cannot hold every name, and what to do, as a sentence without its full stop; None if it can.

    Raises SQLAlchemyError while it is away.
    """
    if connection.dialect.name == "sqlite":
        return None
    charset = connection.execute(CHARSET).scalar()
    if charset != "utf8mb4":
        return (
            f"the database stores text as {charset}, which cannot hold Hangul or emoji: run ALTER DATABASE CHARACTER "
            "SET utf8mb4 COLLATE utf8mb4_unicode_ci as its owner"
        )
    if table := connection.execute(TABLES_OF_OTHER_CHARSETS).scalar():
        return (
            f"the table {table} was made with another character set than utf8mb4: load a dump of the rows into a new "
            "database, made with CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci and migrated first"
        )
    return None
