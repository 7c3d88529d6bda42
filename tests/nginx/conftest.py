"""Two web processes behind the real nginx, on one SQLite file and one Redis, with one auction open."""

import os
from collections.abc import Iterator

import pytest

from cashticket.engine.connection import connect
from cashticket.engine.redis_engine import RedisEngine
from lab.servers.nginx_server import Nginx
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.fixtures.databases import make_environment, migrate
from tests.nginx.front import Front, WitnessedWeb
from tests.staging.watchers import AUCTION, open_auction


@pytest.fixture(scope="module")
def front(nginx_program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Everything started and ready."""
    folder = tmp_path_factory.mktemp("front")
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
    nginx = Nginx(nginx_program, folder / "nginx", [web.port for web in webs], webs[0].port)
    try:
        for web in webs:
            web.start()
        for web in webs:
            wait_until(web.is_ready, web.name)
        yield Front(nginx.start(), webs, AUCTION, folder / "deaths")
    finally:
        nginx.stop()
        for web in webs:
            web.stop()
        store.remove()
