"""The product runs with a database account that can neither change tables nor what was decided once."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from cashticket import create_app
from cashticket.extensions import db
from cashticket.models.grants import APPEND_ONLY
from lab.servers.database_accounts import Accounts, make_accounts, shipped_statements
from lab.servers.mariadb_server import MariaDbServer
from tests.fixtures.databases import make_settings

DATABASE = "cashticket_accounts"
DENIED = (1142, 1044, 1227)
DECIDED = ("award_events", "bids", "given_up_bids", "operator_acts", "outages", "sequence_gaps", "withdrawals")


def application(url: str, folder: Path, accounts: Accounts | None = None) -> Flask:
    settings = make_settings(url, "unix:///nowhere.sock", folder)
    if accounts:
        settings = replace(settings, migration_database_url=accounts.migrate, database_account=accounts.name)
    return create_app(settings)


@pytest.fixture(scope="module")
def accounts(mariadb_server: MariaDbServer, tmp_path_factory: pytest.TempPathFactory) -> Accounts:
    """The shipped accounts on a database that the second one has migrated."""
    mariadb_server.create_database(DATABASE)
    made = make_accounts(mariadb_server, DATABASE)
    app = application(made.run, tmp_path_factory.mktemp("accounts"), made)
    with app.app_context():
        flask_migrate.upgrade()
        flask_migrate.upgrade()
        db.engine.dispose()
    return made


@pytest.fixture
def running(accounts: Accounts) -> Iterator[Connection]:
    """A connection of the account that the product runs with."""
    engine = create_engine(accounts.run)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def denied(connection: Connection, statement: str) -> bool:
    """Whether the server refuses the statement for want of rights."""
    try:
        connection.execute(text(statement))
    except DBAPIError as error:
        return error.orig is not None and error.orig.args[0] in DENIED
    finally:
        connection.rollback()
    return False


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mallory (id INT)",
        "ALTER TABLE people ADD COLUMN mallory INT",
        "DROP TABLE bids",
        "TRUNCATE TABLE bids",
        "CREATE INDEX mallory ON people (name)",
        "CREATE TRIGGER mallory BEFORE INSERT ON bids FOR EACH ROW SET NEW.amount = 1",
        "CREATE DATABASE mallory",
        "GRANT DELETE ON bids TO cashticket",
        "SELECT authentication_string FROM mysql.user",
        "SELECT 1 INTO OUTFILE '/tmp/mallory'",
    ],
)
def test_the_running_account_changes_no_table_and_no_right(running: Connection, statement: str) -> None:
    assert denied(running, statement)


@pytest.mark.parametrize("table", DECIDED)
def test_what_was_decided_once_is_neither_changed_nor_deleted(running: Connection, table: str) -> None:
    assert denied(running, f"UPDATE {table} SET id = id + 1")
    assert denied(running, f"DELETE FROM {table}")
    assert not denied(running, f"SELECT * FROM {table}")


def test_no_table_became_changeable_unnoticed() -> None:
    assert {*DECIDED, "alembic_version", "applied_revisions"} == APPEND_ONLY


def test_every_other_table_can_be_written(running: Connection) -> None:
    for table in sorted(set(db.metadata.tables) - APPEND_ONLY):
        assert not denied(running, f"DELETE FROM {table}"), table


def test_the_schema_of_the_running_account_is_read_and_left_alone(running: Connection) -> None:
    assert not denied(running, "SELECT version_num FROM alembic_version")
    assert denied(running, "UPDATE alembic_version SET version_num = 'x'")
    assert denied(running, "DELETE FROM applied_revisions")


def test_a_password_with_every_kind_of_quote_is_taken_as_it_is(running: Connection) -> None:
    assert running.execute(text("SELECT 1")).scalar() == 1
    assert len(shipped_statements()) == 5


# A database with another character set


@pytest.fixture
def latin(mariadb_server: MariaDbServer) -> Iterator[str]:
    name = "cashticket_latin"
    mariadb_server.execute(f"CREATE DATABASE {name} CHARACTER SET latin1")
    yield mariadb_server.url(name)
    mariadb_server.execute(f"DROP DATABASE {name}")


def test_a_database_that_cannot_hold_every_name_is_not_migrated(latin: str, tmp_path: Path) -> None:
    with application(latin, tmp_path).app_context():
        with pytest.raises(SystemExit, match=r"Nothing was changed: the database stores text as latin1"):
            flask_migrate.upgrade()
        with db.engine.connect() as connection:
            assert connection.execute(text("SHOW TABLES")).all() == []
        db.engine.dispose()


def test_a_database_that_cannot_hold_every_name_is_not_ready(
    latin: str, accounts: Accounts, mariadb_server: MariaDbServer, tmp_path: Path
) -> None:
    app = application(latin, tmp_path)
    detail = app.test_client().get("/readyz").get_json()["parts"]["database"]["detail"]
    assert "latin1" in detail and "ALTER DATABASE" in detail
    mariadb_server.execute(f"CREATE TABLE {DATABASE}.old (name VARCHAR(9)) CHARACTER SET latin1")
    try:
        detail = (
            application(accounts.run, tmp_path).test_client().get("/readyz").get_json()["parts"]["database"]["detail"]
        )
        assert "the table old was made with another character set" in detail
    finally:
        mariadb_server.execute(f"DROP TABLE {DATABASE}.old")
