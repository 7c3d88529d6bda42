"""Nobody waits for ever, nothing unsafe is repeated: timeouts of every connection, and what the servers are told."""

import runpy
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from cashticket.engine.connection import connect
from cashticket.extensions import db
from cashticket.models import units
from cashticket.notify import smtp_connection

ROOT = Path(__file__).resolve().parents[2]


def test_every_connection_to_redis_gives_up_after_a_while(app: Flask) -> None:
    clients = [connect("unix:///nowhere.sock"), app.extensions["queue_redis"], app.extensions["page_cache"]._client]
    for client in clients:
        options = client.connection_pool.connection_kwargs
        assert 0 < options["socket_timeout"] <= 5 and 0 < options["socket_connect_timeout"] <= 5


def test_the_bid_path_never_repeats_by_itself() -> None:
    assert connect("unix:///nowhere.sock").get_retry()._retries == 0  # type: ignore[union-attr]


def test_every_connection_to_the_database_gives_up_after_a_while() -> None:
    options = units.engine_options("mysql+pymysql://somebody@somewhere/db")
    assert options["pool_timeout"] <= 5 and options["pool_size"] + options["max_overflow"] <= 20
    waits = options["connect_args"]
    assert 0 < waits["connect_timeout"] <= 5 and 0 < waits["read_timeout"] <= 15 and 0 < waits["write_timeout"] <= 15


@pytest.mark.parametrize(
    ("options", "without"),
    [
        ("@localhost/db?unix_socket=/run/db.sock", True),
        ("@localhost/db?unix_socket=/run/db.sock&ssl_ca=/etc/ca.pem", False),
        ("@10.0.0.5/db", False),
        ("@10.0.0.5/db?ssl_ca=/etc/ca.pem", False),
        # A proxy here may lead to a server elsewhere.
        ("@127.0.0.1/db", False),
    ],
)
def test_only_a_unix_socket_goes_without_tls_and_only_unless_it_is_asked_for(options: str, without: bool) -> None:
    url = f"mysql+pymysql://somebody{options}"
    assert units.engine_options(url)["connect_args"].get("ssl_disabled", False) is without


def test_a_lock_is_given_up_before_the_connection_is(app: Flask) -> None:
    """Otherwise nobody would know whether the unit was undone."""
    if db.engine.dialect.name == "sqlite":
        waits = db.session.execute(text("PRAGMA busy_timeout")).scalar_one()
        assert 0 < waits <= 15_000
        return
    waits = db.session.execute(text("SELECT @@innodb_lock_wait_timeout")).scalar_one()
    read_timeout = units.engine_options("mysql+pymysql://a@b/c")["connect_args"]["read_timeout"]
    assert 0 < waits < read_timeout
    assert db.session.connection().get_isolation_level() == "READ COMMITTED"


def test_mail_gives_up_after_a_while() -> None:
    assert 0 < smtp_connection.TIMEOUT_SECONDS <= 30


def test_web_processes_keep_their_sockets_and_open_no_door_of_their_own() -> None:
    settings = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
    assert settings["max_requests"] == 0 and settings["control_socket_disable"] is True
    assert settings["forwarded_allow_ips"] == ""


@pytest.mark.parametrize(
    "line",
    [
        "innodb_flush_log_at_trx_commit = 1",
        "sync_binlog = 1",
        "innodb_rollback_on_timeout = ON",
        "transaction-isolation = READ-COMMITTED",
        "default-time-zone = +00:00",
    ],
)
def test_the_shipped_database_has_on_disk_what_it_committed(line: str) -> None:
    assert line in (ROOT / "deploy" / "compose" / "mariadb.cnf").read_text().splitlines()


@pytest.mark.parametrize("package", ["gevent", "packaging"])
def test_what_gunicorn_needs_for_sockets_is_locked(package: str) -> None:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    assert [line for line in lines if line.startswith(f"{package}==")]


def test_headers_are_set_by_our_own_code() -> None:
    assert "talisman" not in (ROOT / "requirements.txt").read_text().lower()
