"""An outage of the database spends nobody's tries: only an answer that judged something counts."""

import gc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from cashticket import create_app
from cashticket.extensions import db
from lab.servers.mariadb_server import MariaDbServer, mariadb_binary
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.fixtures.databases import MISSING, make_settings, migrate
from tests.fixtures.people import Browser, make_person
from tests.security.limited import browser_at
from tests.staging.rows import PASSWORD

AWAY, SIGNED_IN = 503, 303


@pytest.fixture
def database(mariadb_server: MariaDbServer) -> Iterator[MariaDbServer]:
    """A MariaDB of its own, which the test may kill."""
    assert mariadb_binary(), MISSING
    server = MariaDbServer()
    try:
        yield server.start()
    finally:
        server.remove()


@pytest.fixture
def app_on_it(database: MariaDbServer, redis_server: RedisServer, redis_client: object, tmp_path: Path) -> Flask:
    """The application with its limits on, on that database, with alice's account."""
    url = database.create_database("limits")
    migrate(url, tmp_path)
    application = create_app(replace(make_settings(url, redis_server.url, tmp_path), rate_limits=True))
    application.test_client_class = Browser
    with application.app_context():
        make_person("alice")
        db.session.remove()
    return application


# The driver leaves its socket open when nothing listens; the collector finds it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_tries_with_the_database_away_lock_nobody_out(app_on_it: Flask, database: MariaDbServer) -> None:
    known, stranger = browser_at(app_on_it), browser_at(app_on_it, "198.51.100.1")
    form = {"email": "alice@example.com", "password": PASSWORD}
    tokens = {id(client): client.token() for client in (known, stranger)}

    def send(client: Browser) -> int:
        return client.post("/login", data=form | {"csrf_token": tokens[id(client)]}).status_code

    assert send(known) == SIGNED_IN
    known.delete_cookie("cashticket")
    tokens[id(known)] = known.token()
    database.kill()
    assert [send(client) for client in (known, stranger) for _ in range(12)] == [AWAY] * 24
    database.start()
    with app_on_it.app_context():
        db.engine.dispose()
    wait_until(lambda: send(stranger) != AWAY, "the database")
    assert send(known) == SIGNED_IN
    gc.collect()
