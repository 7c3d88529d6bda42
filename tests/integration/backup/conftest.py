"""Stores for backups: a live store that writes its log, one on another machine that does not run, another database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from cashticket import create_app
from cashticket.extensions import db
from lab.servers.redis_server import RedisServer
from tests.fixtures.databases import make_settings


@pytest.fixture
def live_store() -> Iterator[RedisServer]:
    server = RedisServer(appendonly=True)
    yield server.start()
    server.remove()


@pytest.fixture
def other_store() -> Iterator[RedisServer]:
    """A server on the other machine, which does not run yet."""
    server = RedisServer(appendonly=True)
    yield server
    server.remove()


@pytest.fixture
def app(database_url: str, live_store: RedisServer, tmp_path: Path) -> Iterator[Flask]:
    application = create_app(make_settings(database_url, live_store.url, tmp_path))
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def other_database(database_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of the same kind."""
    if database_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'other.db'}"
    server = request.getfixturevalue("mariadb_server")
    server.execute("DROP DATABASE IF EXISTS restored_elsewhere")
    url: str = server.create_database("restored_elsewhere")
    return url
