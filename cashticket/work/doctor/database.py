"""The database: whether it answers, has the tables of this release, keeps what it has committed, and has room."""

from collections.abc import Iterator
from pathlib import Path

from flask import current_app
from sqlalchemy.exc import DBAPIError

from cashticket.models import database_server, schema
from cashticket.models.database_server import MARIADB, MYSQL, SQLITE, DatabaseServer
from cashticket.models.schema import DatabaseCondition
from cashticket.wiring import current_settings
from cashticket.work.doctor.addresses import place_of_database
from cashticket.work.doctor.diagnoses import Asking, Diagnosis, Unwell, asking, bad, of_clock, ok, skipped, warn

NAMES = ("database", "database sessions", "database connections", "database replicas", "database clock")
SCHEMA_NAMES = ("schema", "database writes", "database durability")
VERSION_MIN = {MYSQL: (8, 0), MARIADB: (10, 6)}
CONNECTIONS_MANY, CONNECTIONS_TOO_MANY = 0.8, 0.95
"""Shares of its connections."""

START = "start it, or look at DATABASE_URL, at the network and at the log of the database"
UNREACHABLE = {
    1040: ("all its connections are taken", "raise max_connections, or end what holds them (SHOW PROCESSLIST)"),
    1044: (
        "its account may not use this database",
        "give the account its rights (docs/operations.md, Database accounts)",
    ),
    1045: ("it refuses the account or its password", "put the right ones into DATABASE_URL"),
    1049: (
        "there is no database of this name",
        "create it with CHARACTER SET utf8mb4, or mend the name in DATABASE_URL",
    ),
    2003: ("nothing answers there", START),
    2013: ("it ends connections", START),
}
"""Code of the driver → what it means, and the mend."""

CANNOT_BE_USED = ("it cannot be used", START)


def look() -> Iterator[Diagnosis]:
    """What the server says of itself."""
    settings = current_settings()
    place = place_of_database(settings.database_url)
    with asking() as moments:
        server = _answer(place)
    yield _version(server, place)
    if server.kind == SQLITE:
        yield from (skipped(name, "SQLite has none of its own") for name in NAMES[1:])
        return
    yield _sessions(server)
    yield _connections(server)
    yield _replicas(server, settings.database_replicas)
    yield _clock(server, moments)


def _answer(place: str) -> DatabaseServer:
    settings = current_settings()
    if settings.database_url.startswith("sqlite") and not Path(place).is_file():
        # To open it would make it.
        raise Unwell(f"{place}: there is no such file", "run `flask --app wsgi db upgrade`, or mend DATABASE_URL")
    try:
        return database_server.read(settings.database_replicas)
    except DBAPIError as error:
        code = next(iter(getattr(error.orig, "args", ())), None)
        seen, mend = UNREACHABLE.get(code, CANNOT_BE_USED) if isinstance(code, int) else CANNOT_BE_USED
        raise Unwell(f"{place}: {seen}", mend) from error


def _version(server: DatabaseServer, place: str) -> Diagnosis:
    described = f"{server.kind} {'.'.join(map(str, server.version))} answers at {place}"
    oldest = VERSION_MIN.get(server.kind, ())
    if server.version >= oldest:
        return ok("database", described)
    mend = f"move to {server.kind} {'.'.join(map(str, oldest))} or newer: nobody tests older ones"
    return bad("database", described, mend) if server.kind == MYSQL else warn("database", described, mend)


def _sessions(server: DatabaseServer) -> Diagnosis:
    faults = {
        f"the isolation is {server.isolation}": server.isolation != "READ COMMITTED",
        f"the character set is {server.charset}": server.charset != "utf8mb4",
        "it stores cut texts without a word": not server.is_strict,
    }
    if present := [fault for fault, is_there in faults.items() if is_there]:
        mend = (
            "start it with the settings of deploy/compose/mariadb.cnf: transaction-isolation, character set, sql_mode"
        )
        return warn("database sessions", "; ".join(present), mend)
    return ok("database sessions", "READ COMMITTED, utf8mb4, strict")


def _connections(server: DatabaseServer) -> Diagnosis:
    share = server.connections / server.connections_max
    seen = f"{server.connections} of {server.connections_max} are open"
    mend = "raise max_connections, or look at what holds them (SHOW PROCESSLIST); each process opens up to 20"
    if share >= CONNECTIONS_TOO_MANY:
        return bad("database connections", seen, mend)
    return warn("database connections", seen, mend) if share >= CONNECTIONS_MANY else ok("database connections", seen)


def _replicas(server: DatabaseServer, expected: int) -> Diagnosis:
    if not expected:
        return skipped("database replicas", "DATABASE_REPLICAS is 0: commits wait for none")
    if server.replication_risks:
        mend = "bring the replica back, or see 'A replica of the database' in docs/operations.md"
        return bad("database replicas", "; ".join(server.replication_risks), mend)
    return ok("database replicas", f"commits wait for one of {expected}")


def _clock(server: DatabaseServer, moments: Asking) -> Diagnosis:
    if server.now is None:
        return skipped("database clock", "it tells none")
    return of_clock("database clock", moments.seconds_off(server.now.timestamp()))


def look_at_schema() -> Iterator[Diagnosis]:
    """Whether the tables are those of this release, take what is written, and keep it."""
    condition = schema.condition(str(current_app.extensions["migrate"].directory))
    if condition.restore_problem:
        seen, _, mend = condition.restore_problem.partition(": ")
        raise Unwell(seen, mend)
    present, needed = (", ".join(sorted(heads)) or "none" for heads in (condition.heads, condition.newest))
    if present != needed and not condition.unknown:
        mend = "stop the workers, run `flask --app wsgi db upgrade`, and start everything again"
        raise Unwell(f"the tables are of revision {present}, this release needs {needed}", mend)
    if condition.unknown:
        mend = "bring this process to the release of the others too; until then it goes on"
        yield warn("schema", f"the tables are of revision {present}, of a later release than this one", mend)
    elif condition.altered:
        yield warn("schema", "; ".join(condition.altered), "put the files in migrations/versions back as released")
    else:
        yield ok("schema", f"revision {present}, as this release needs")
    yield _writes(condition)
    yield _durability(condition.loss_risks)


def _writes(condition: DatabaseCondition) -> Diagnosis:
    if not condition.takes_writes:
        mend = "promote one server (docs/operations.md, A replica of the database), and let DATABASE_URL lead there"
        return bad("database writes", "it takes none (read_only): it is a replica or a former primary", mend)
    if condition.charset_problem:
        seen, _, mend = condition.charset_problem.partition(": ")
        return bad("database writes", seen, mend)
    return ok("database writes", "it takes them, in every language")


def _durability(risks: tuple[str, ...]) -> Diagnosis:
    settings = current_settings()
    if risks:
        how = bad if settings.production else warn
        mend = "set what stands in brackets, and restart the database"
        return how("database durability", f"recorded bids may be lost: {'; '.join(risks)}", mend)
    if settings.database_url.startswith("sqlite"):
        return skipped("database durability", "SQLite is for demos")
    return ok("database durability", "every commit is on its disk before it is answered")
