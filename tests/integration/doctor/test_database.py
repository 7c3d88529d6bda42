"""The doctor on the database, on both kinds. What a server cannot be made to say is an answer made by hand."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from cashticket.config import Settings
from cashticket.extensions import db
from cashticket.models import database_server, schema
from cashticket.models.columns import utcnow
from cashticket.models.database_server import MARIADB, MYSQL, DatabaseServer
from cashticket.models.schema import DatabaseCondition
from cashticket.work.doctor import database
from cashticket.work.doctor.diagnoses import Diagnosis, Health, Unwell
from lab.servers.mariadb_server import MariaDbServer
from tests.staging.doctor import change_settings, configured, is_told, seen_by

WELL = DatabaseServer(MARIADB, (10, 11, 6), "READ COMMITTED", "utf8mb4", connections=9, connections_max=100)
REVISION = frozenset({"0028"})
LATER = frozenset({"9999"})
PREPARED = DatabaseCondition(None, REVISION, REVISION, frozenset(), (), (), takes_writes=True)


def test_a_prepared_database_is_well_on_both_kinds(app: Flask, settings: Settings) -> None:
    server, tables = seen_by(database.look), seen_by(database.look_at_schema)
    is_told(server["database"], Health.OK, "answers at", "")
    is_told(tables["schema"], Health.OK, "as this release needs", "")
    assert (tuple(server), tuple(tables)) == (database.NAMES, database.SCHEMA_NAMES)
    if settings.database_url.startswith("sqlite"):
        assert {each.health for each in list(server.values())[1:]} == {Health.SKIPPED}
        return
    is_told(server["database sessions"], Health.OK, "READ COMMITTED, utf8mb4, strict", "")
    is_told(server["database connections"], Health.OK, "of 200 are open", "")
    is_told(server["database clock"], Health.OK, "the time of this machine", "")
    # The server of the tests writes its log once a second.
    is_told(tables["database durability"], Health.WARN, "innodb_flush_log_at_trx_commit = 1", "brackets")
    change_settings(app, database_replicas=1)
    is_told(seen_by(database.look)["database replicas"], Health.BAD, "none of 1 replicas", "replica")


def test_tables_of_an_earlier_release_are_told(app: Flask) -> None:
    with db.engine.begin() as connection:
        newest = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(Unwell) as failure:
        seen_by(database.look_at_schema)
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :newest"), {"newest": newest})
    assert failure.value.seen == f"the tables are of revision 0001, this release needs {newest}"
    assert "flask --app wsgi db upgrade" in failure.value.mend


def unreachable(app: Flask, url: str) -> Unwell:
    """What is said of the database at `url`, to which the application is bound anew."""
    app.config.update(SQLALCHEMY_DATABASE_URI=url, SQLALCHEMY_TRACK_MODIFICATIONS=False)
    db.init_app(app)
    with app.app_context():
        change_settings(app, database_url=url)
        with pytest.raises(Unwell) as failure:
            seen_by(database.look)
        db.engine.dispose()
    return failure.value


@pytest.mark.parametrize(
    ("account", "seen", "mend"),
    [
        ("root@localhost/nobody_made_it", "no database of this name", "create it"),
        ("mallory:p4ssw0rd@localhost/mysql", "refuses the account", "DATABASE_URL"),
    ],
)
def test_a_database_that_lets_nobody_in_is_told_with_the_reason(
    mariadb_server: MariaDbServer, tmp_path: Path, account: str, seen: str, mend: str
) -> None:
    url = f"mysql+pymysql://{account}?unix_socket={mariadb_server.socket}"
    told = unreachable(configured(tmp_path), url)
    assert seen in told.seen and mend in told.mend and "p4ssw0rd" not in told.seen + told.mend


def test_a_database_that_is_away_is_told(tmp_path: Path) -> None:
    away = unreachable(configured(tmp_path), "mysql+pymysql://bob:p4ssw0rd@127.0.0.1:1/shop")
    assert away.seen == "127.0.0.1:1/shop: nothing answers there" and "start it" in away.mend
    file = tmp_path / "never_made.db"
    missing = unreachable(configured(tmp_path), f"sqlite:///{file}")
    assert "no such file" in missing.seen and "db upgrade" in missing.mend
    assert not file.exists(), "looking must not make it"


def told_of(folder: Path, monkeypatch: pytest.MonkeyPatch, **changes: Any) -> dict[str, Diagnosis]:
    """What is said of a server in production that says this of itself."""
    server = replace(WELL, now=utcnow(), **changes)
    monkeypatch.setattr(database_server, "read", lambda replicas: server)
    with configured(folder, database_replicas=1).app_context():
        return seen_by(database.look)


@pytest.mark.parametrize(
    ("changes", "name", "health", "seen", "mend"),
    [
        ({"kind": MYSQL, "version": (5, 7, 44)}, "database", Health.BAD, "MySQL 5.7.44", "MySQL 8.0 or newer"),
        ({"version": (10, 5, 1)}, "database", Health.WARN, "MariaDB 10.5.1", "MariaDB 10.6 or newer"),
        ({"isolation": "REPEATABLE READ"}, "database sessions", Health.WARN, "REPEATABLE", "mariadb.cnf"),
        ({"charset": "utf8mb3"}, "database sessions", Health.WARN, "utf8mb3", "character set"),
        ({"is_strict": False}, "database sessions", Health.WARN, "cut texts", "sql_mode"),
        ({"connections": 85}, "database connections", Health.WARN, "85 of 100", "max_connections"),
        ({"connections": 97}, "database connections", Health.BAD, "97 of 100", "max_connections"),
        ({"replication_risks": ("it fell back",)}, "database replicas", Health.BAD, "it fell back", "replica back"),
    ],
)
def test_what_a_server_says_of_itself_is_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any],
    name: str,
    health: Health,
    seen: str,
    mend: str,
) -> None:
    diagnoses = told_of(tmp_path, monkeypatch, **changes)
    is_told(diagnoses[name], health, seen, mend)
    assert all(each.health is Health.OK for each in diagnoses.values() if each.name != name), diagnoses


def test_a_clock_that_goes_wrong_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    late = replace(WELL, now=utcnow() - timedelta(minutes=5))
    monkeypatch.setattr(database_server, "read", lambda replicas: late)
    with configured(tmp_path).app_context():
        is_told(seen_by(database.look)["database clock"], Health.WARN, "s behind the clock", "time service")


@pytest.mark.parametrize(
    ("changes", "name", "health", "seen", "mend"),
    [
        ({"takes_writes": False}, "database writes", Health.BAD, "read_only", "promote one server"),
        ({"charset_problem": "latin1: run ALTER"}, "database writes", Health.BAD, "latin1", "run ALTER"),
        ({"altered": ("0007 was edited",)}, "schema", Health.WARN, "0007 was edited", "migrations/versions"),
        ({"heads": LATER, "unknown": LATER}, "schema", Health.WARN, "9999, of a later release", "of the others"),
        (
            {"loss_risks": ("sync_binlog = 1",)},
            "database durability",
            Health.BAD,
            "sync_binlog",
            "restart the database",
        ),
    ],
)
def test_tables_that_take_or_keep_nothing_are_told(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any],
    name: str,
    health: Health,
    seen: str,
    mend: str,
) -> None:
    app = configured(tmp_path)
    app.extensions["migrate"] = type("Migrate", (), {"directory": "migrations"})
    monkeypatch.setattr(schema, "condition", lambda migrations: replace(PREPARED, **changes))
    with app.app_context():
        diagnoses = seen_by(database.look_at_schema)
    is_told(diagnoses[name], health, seen, mend)
    assert all(each.health is Health.OK for each in diagnoses.values() if each.name != name), diagnoses


def test_a_part_of_a_backup_is_told_before_its_tables_are_called_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = configured(tmp_path)
    app.extensions["migrate"] = type("Migrate", (), {"directory": "migrations"})
    part = replace(PREPARED, heads=frozenset(), restore_problem="a restore goes on, or was ended: run it again")
    monkeypatch.setattr(schema, "condition", lambda migrations: part)
    with app.app_context(), pytest.raises(Unwell) as unwell:
        seen_by(database.look_at_schema)
    assert (unwell.value.seen, unwell.value.mend) == ("a restore goes on, or was ended", "run it again")
