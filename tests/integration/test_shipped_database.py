"""The database as docker-compose.yml starts it, and what is said of one that is softer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Connection, create_engine, text

from cashticket.extensions import db
from cashticket.models import durability
from lab.servers.mariadb_server import MariaDbServer

CONFIGURATION = Path(__file__).resolve().parents[2] / "deploy" / "compose" / "mariadb.cnf"
PROMISED = {
    "innodb_flush_log_at_trx_commit": 1,
    "log_bin": 1,
    "sync_binlog": 1,
    "innodb_rollback_on_timeout": 1,
    "tx_isolation": "READ-COMMITTED",
    "time_zone": "+00:00",
    "character_set_server": "utf8mb4",
}


class ShippedDatabase(MariaDbServer):
    """A server with the shipped configuration, in a directory of its own."""

    def _command(self) -> list[str]:
        return [self.binary, f"--defaults-file={CONFIGURATION}", *self.paths]


@pytest.fixture
def shipped(mariadb_server: MariaDbServer) -> Iterator[Connection]:
    """Asks for the session's server only to be skipped like every test on MariaDB."""
    server = ShippedDatabase()
    try:
        engine = create_engine(server.start().url("mysql"))
        with engine.connect() as connection:
            yield connection
        engine.dispose()
    finally:
        server.remove()


@pytest.mark.sweep
def test_the_shipped_database_has_on_disk_what_it_committed(shipped: Connection) -> None:
    names = ", ".join(f"@@{name}" for name in PROMISED)
    assert dict(zip(PROMISED, shipped.execute(text(f"SELECT {names}")).one(), strict=True)) == PROMISED
    assert durability.loss_risks(shipped) == []


@pytest.mark.parametrize("database_url", ["mariadb"], indirect=True)
def test_a_softer_database_is_told_by_name(app: Flask) -> None:
    """That of these tests does not write every commit to its disk, to be quicker."""
    with db.engine.connect() as connection:
        assert durability.loss_risks(connection) == [
            "it does not write every commit to its disk (innodb_flush_log_at_trx_commit = 1)"
        ]
    told = app.test_client().get("/readyz").get_json()["parts"]["database"]
    assert told["ok"] and "innodb_flush_log_at_trx_commit = 1" in told["warnings"][0]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_file_for_development_is_not_warned_of(app: Flask) -> None:
    with db.engine.connect() as connection:
        assert durability.loss_risks(connection) == []
