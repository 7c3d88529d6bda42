"""The live service as it is shipped: gunicorn with a gevent worker, for sockets alone."""

from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
import websocket
from sqlalchemy import create_engine, text

from lab.servers.live_service import LiveService
from lab.servers.mariadb_server import MariaDbServer, mariadb_binary
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.fixtures.databases import make_environment, migrate
from tests.staging.auctions import Stage
from tests.web.live_server import close_code, frames_until

OWN_ORIGIN = "http://127.0.0.1:8000"
PEOPLE_AT_ONCE = 40

# MariaDB counts its statements. What is tested here otherwise has nothing to do with the kind of database.
on_mariadb = pytest.mark.parametrize("database_url", ["mariadb"], indirect=True)
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(scope="module")
def migrated_mariadb(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A database on a server of its own: it counts what all its clients ask, and others use the session's."""
    if mariadb_binary() is None:
        request.getfixturevalue("mariadb_server")
    server = MariaDbServer()
    try:
        url = server.start().create_database("cashticket_counted")
        migrate(url, tmp_path_factory.mktemp("counted"))
        yield url
    finally:
        server.remove()


@pytest.fixture
def service(database_url: str, redis_server: RedisServer, stage: Stage, tmp_path: Path) -> Iterator[LiveService]:
    running = LiveService(make_environment(database_url, redis_server.url), tmp_path)
    try:
        yield running.start_and_wait()
    finally:
        running.stop()


def watch(service: LiveService, auction_id: int) -> websocket.WebSocket:
    """A socket that has its first board."""
    path = f"ws://127.0.0.1:{service.port}/auctions/{auction_id}/live"
    line = websocket.create_connection(path, timeout=20, origin=OWN_ORIGIN)
    assert 'id="board"' in str(line.recv())
    return line


def ask(service: LiveService, method: str, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", service.port, timeout=10)
    try:
        connection.request(method, path, b"amount=100000" if method == "POST" else None)
        return connection.getresponse().status
    finally:
        connection.close()


@on_sqlite
def test_it_serves_sockets_and_its_own_health_and_nothing_else(service: LiveService, stage: Stage) -> None:
    auction = f"/auctions/{stage.id}"
    elsewhere = [("POST", f"{auction}/bids"), ("POST", "/login"), ("POST", "/signup"), ("POST", "/reset")]
    elsewhere += [
        ("GET", path) for path in ("/", auction, f"{auction}/board", f"{auction}/live/", "/login", "/me", "/me/live/")
    ]
    elsewhere += [("GET", f"//{auction}/live"), ("GET", f"{auction}/live/../bids"), ("GET", "/static/live.js")]
    assert {(method, path): ask(service, method, path) for method, path in elsewhere} == dict.fromkeys(elsewhere, 404)
    assert ask(service, "POST", f"{auction}/live") in (400, 401, 403, 405)
    assert ask(service, "GET", f"{auction}/live") == 426
    assert ask(service, "GET", "/me/live") == 303
    assert [ask(service, "GET", path) for path in ("/healthz", "/readyz", "/metrics")] == [200, 200, 200]
    assert stage.engine.read(stage.id).sequence == 0


@on_mariadb
def test_while_sockets_live_it_asks_the_database_nothing(service: LiveService, stage: Stage, database_url: str) -> None:
    lines = [watch(service, stage.id) for _ in range(PEOPLE_AT_ONCE)]
    counting = create_engine(database_url)
    try:
        with counting.connect() as connection:

            def asked() -> int:
                rows = connection.execute(text("SHOW GLOBAL STATUS LIKE 'Com\\_%'")).all()
                ours = ("Com_show_status", "Com_show_variables", "Com_admin_commands", "Com_ping")
                return sum(int(value) for name, value in rows if name not in ours)

            before = asked()
            for number, amount in enumerate((100_000, 105_000, 110_000), 1):
                stage.bid("alice", amount)
                stage.engine.trim(stage.id, number)
                shown = [frames_until(line, lambda frame, amount=amount: f">{amount:,}원<" in frame) for line in lines]
                assert len(shown) == PEOPLE_AT_ONCE
            for line in lines:
                frames_until(line, lambda frame: '<i id="beat"' in frame)
            assert asked() == before
    finally:
        counting.dispose()
        for line in lines:
            line.shutdown()


@on_sqlite
def test_a_board_reaches_everybody_and_the_end_of_the_service_is_said(service: LiveService, stage: Stage) -> None:
    lines = [watch(service, stage.id) for _ in range(PEOPLE_AT_ONCE)]
    stage.bid("alice", 125_000)
    for line in lines:
        frames_until(line, lambda frame: ">125,000원<" in frame)
    assert wait_until(lambda: service.sockets() == PEOPLE_AT_ONCE, "every socket to be counted")
    service.ask_to_stop()
    assert [close_code(line) for line in lines] == [1012] * PEOPLE_AT_ONCE
    for line in lines:
        line.shutdown()
    assert service.stop() == 0
