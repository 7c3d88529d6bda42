"""A live store that still loads its data is unavailable, whatever it is asked."""

import os
import threading
from collections.abc import Iterator

import pytest

from cashticket.engine.connection import connect
from cashticket.engine.interface import StoreUnavailable
from cashticket.engine.redis_engine import RedisEngine
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.staging.engine import AUCTION, publish


class SlowToLoad(RedisServer):
    """A server that needs a tenth of a second for each key when it starts, and answers meanwhile that it loads."""

    def _command(self) -> list[str]:
        return [*super()._command(), "--key-load-delay", "100000", "--loading-process-events-interval-bytes", "1024"]

    def load_faster(self) -> None:
        with self.client() as client:
            client.config_set("key-load-delay", "0")


@pytest.fixture
def slow_to_load() -> Iterator[SlowToLoad]:
    """A stopped server that holds an auction and as much else as takes ten seconds to load."""
    server = SlowToLoad()
    server.start()
    publish(RedisEngine(connect(server.url)))
    with server.client() as client:
        client.mset({f"filling-{number}": os.urandom(2048) for number in range(100)})
        client.save()
    server.kill()
    yield server
    server.remove()


def refusal_of(engine: RedisEngine) -> str:
    """What `statuses` of two auctions raises; empty if it answers."""
    try:
        engine.statuses([AUCTION, AUCTION + 1])
    except StoreUnavailable as error:
        return str(error)
    return ""


def test_a_store_that_still_loads_its_data_is_unavailable_for_many_commands_too(slow_to_load: SlowToLoad) -> None:
    """It refuses the first command, and redis-py closes the connection before the second is read."""
    engine = RedisEngine(connect(slow_to_load.url))
    starting = threading.Thread(target=slow_to_load.start)
    starting.start()
    try:
        wait_until(lambda: refusal_of(engine).startswith("the live store refuses all calls now"), "a store that loads")
    finally:
        slow_to_load.load_faster()
        starting.join()
    assert set(engine.statuses([AUCTION, AUCTION + 1])) == {AUCTION}
