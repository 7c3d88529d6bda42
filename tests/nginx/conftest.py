"""Two web processes behind the real nginx, on one SQLite file and one Redis, with one auction open; and nginx alone."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from cashticket import config, create_app
from cashticket.engine.connection import connect
from cashticket.engine.redis_engine import RedisEngine
from cashticket.extensions import db
from lab.servers.certificates import Certificate, issue
from lab.servers.installation import free_port
from lab.servers.nginx_server import Nginx
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.fixtures.databases import make_environment, migrate
from tests.nginx.front import Front, WitnessedWeb, line_of
from tests.nginx.programs import Caller
from tests.staging.watchers import AUCTION, open_auction


@pytest.fixture(scope="module")
def front(nginx_program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Everything started and ready, without TLS."""
    with started(nginx_program, tmp_path_factory.mktemp("front")) as front:
        yield front


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A certificate for `localhost`, with its authority."""
    return issue(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def secure_front(
    nginx_program: str, certificate: Certificate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    """Everything started and ready, with TLS as on a server."""
    with started(nginx_program, tmp_path_factory.mktemp("secure"), certificate) as front:
        yield front


@pytest.fixture(scope="module")
def alone(
    nginx_program: str, certificate: Certificate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Nginx, Caller]]:
    """nginx with TLS and no service behind it, and a caller of it."""
    nobody = [free_port(), free_port()]
    nginx = Nginx(nginx_program, tmp_path_factory.mktemp("alone") / "nginx", nobody, free_port(), certificate)
    try:
        yield nginx.start(), Caller(nginx.port, certificate.authority)
    finally:
        nginx.stop()


@contextmanager
def started(nginx_program: str, folder: Path, certificate: Certificate | None = None) -> Iterator[Front]:
    """Store, database, two web processes and nginx."""
    database_url = f"sqlite:///{folder / 'front.db'}"
    migrate(database_url, folder)
    store = RedisServer().start()
    with connect(store.url) as client:
        open_auction(RedisEngine(client))
    environment = {
        **make_environment(database_url, store.url),
        "PATH": os.environ.get("PATH", os.defpath),
        "PROXIES": "1",
        "WITNESS_FILE": str(folder / "deaths"),
    }
    webs = (WitnessedWeb("web-1", environment, folder), WitnessedWeb("web-2", environment, folder))
    nginx = Nginx(nginx_program, folder / "nginx", [web.port for web in webs], webs[0].port, certificate)
    environment["BASE_URL"] = nginx.url
    try:
        for web in webs:
            web.start()
        for web in webs:
            wait_until(web.is_ready, web.name)
        caller = Caller(nginx.port, certificate.authority if certificate else None)
        yield Front(nginx.start(), webs, AUCTION, folder / "deaths", caller, environment)
    finally:
        nginx.stop()
        for web in webs:
            web.stop()
        store.remove()


@pytest.fixture
def product(front: Front, tmp_path: Path) -> Iterator[Flask]:
    """The application in this process, on the database of the web processes."""
    app = create_app(config.load(front.environment, tmp_path))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def kept(front: Front) -> Callable[..., str]:
    """Asks, and says whether nginx answered by itself: HIT, MISS, REVALIDATED, EXPIRED, or nothing at all."""

    def ask(path: str, headers: dict[str, str] | None = None) -> str:
        answer, _ = front.ask(path, headers)
        return str(line_of(front.nginx.access_log, answer.headers["X-Request-ID"])["cache"])

    return ask
