"""A cluster on this machine, as docs/operations.md has it, and an installation that uses it."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import redis
from flask import current_app

from cashticket import config, create_app
from cashticket.extensions import db
from lab.servers.cluster_store import ClusterStore
from lab.servers.redis_server import RedisServer
from tests.fixtures.databases import make_environment
from tests.fixtures.people import Browser
from tests.fixtures.redis import idle_connections_closed
from tests.staging.auctions import Stage


@pytest.fixture(scope="session")
def cluster() -> Iterator[ClusterStore]:
    """Three primaries with a replica each. A test that kills some of them leaves the cluster well."""
    store = ClusterStore()
    try:
        yield store.start()
    finally:
        store.stop()


@pytest.fixture
def environment(database_url: str, cluster: ClusterStore, redis_server: RedisServer, tmp_path: Path) -> dict[str, str]:
    """The environment of processes on the emptied cluster."""
    queue = redis_server.url + "?db=1"
    with redis.Redis.from_url(queue) as client:
        client.flushdb()
    for number in range(len(cluster.ports)):
        with suppress(redis.RedisError), cluster.node(number) as node:
            node.flushall()
    return make_environment(database_url, cluster.url) | {
        "QUEUE_REDIS_URL": queue,
        "STORE_REPLICAS": "1",
        "WITNESS_DIR": str(tmp_path / "witness"),
    }


@pytest.fixture
def stage(environment: dict[str, str], tmp_path: Path) -> Iterator[Stage]:
    """Eight running auctions on the cluster."""
    app = create_app(config.load(environment, tmp_path))
    app.test_client_class = Browser
    with idle_connections_closed(), app.app_context():
        made = Stage(app)
        for _ in range(7):
            made.open_auction()
        yield made
        made.engine._client.close()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def queue_redis(stage: Stage) -> redis.Redis:
    """The queue store as the installation on the cluster speaks to it."""
    client: redis.Redis = current_app.extensions["queue_redis"]
    return client
