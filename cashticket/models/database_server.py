"""What the database server says of itself: kind, version, connections, clock, and how a session works there."""

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, text

from cashticket.extensions import db
from cashticket.models import durability

FACTS = text("SELECT VERSION(), @@character_set_connection, @@sql_mode, @@max_connections, UTC_TIMESTAMP(6)")
VERSION = text("SELECT VERSION()")
CONNECTED = text("SHOW GLOBAL STATUS LIKE 'Threads_connected'")
SQLITE, MYSQL, MARIADB = "SQLite", "MySQL", "MariaDB"


@dataclass(frozen=True, slots=True)
class DatabaseServer:
    """`kind` is SQLITE, MYSQL or MARIADB. `isolation`, `charset` and `is_strict` are those of the product's own
    sessions. `connections` are open at present, at most `connections_max`. `now` is its clock (UTC).
    `replication_risks` says how commits could miss the replicas that are expected. SQLite has only kind and version."""

    kind: str
    version: tuple[int, ...]
    isolation: str = ""
    charset: str = ""
    is_strict: bool = True
    connections: int = 0
    connections_max: int = 0
    now: datetime | None = None
    replication_risks: tuple[str, ...] = ()


def read(replicas: int = 0) -> DatabaseServer:
    """Ask the server. `replicas` is the number that is expected. Raises SQLAlchemyError while it is away."""
    with db.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # The first question opens the file.
            connection.execute(text("SELECT 1 FROM sqlite_master LIMIT 1"))
            return DatabaseServer(SQLITE, sqlite3.sqlite_version_info)
        return _server(connection, replicas)


def kind_of(connection: Connection) -> str:
    """The kind of the server at the other end."""
    if connection.dialect.name == "sqlite":
        return SQLITE
    return _kind_named(str(connection.scalar(VERSION)))


def _kind_named(version: str) -> str:
    return MARIADB if "mariadb" in version.lower() else MYSQL


def _server(connection: Connection, replicas: int) -> DatabaseServer:
    version, charset, sql_mode, connections_max, now = connection.execute(FACTS).one()
    risks = durability.replication_risks(connection, replicas) if replicas else []
    return DatabaseServer(
        kind=_kind_named(version),
        version=tuple(int(part) for part in version.partition("-")[0].split(".") if part.isdigit()),
        isolation=connection.get_isolation_level(),
        charset=charset,
        is_strict="STRICT_" in sql_mode,
        connections=int(connection.execute(CONNECTED).one()[1]),
        connections_max=int(connections_max),
        now=now.replace(tzinfo=UTC),
        replication_risks=tuple(risks),
    )
