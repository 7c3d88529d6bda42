"""Connections to the live store are lent again as they are, and only when they are ready."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import redis

from cashticket.engine.connection import ask, connect
from cashticket.engine.interface import StoreUnavailable
from cashticket.engine.pool import StorePool
from lab.servers.redis_server import RedisServer


@pytest.fixture
def client(store: RedisServer) -> Iterator[redis.Redis]:
    client = connect(store.url)
    yield client
    client.close()


def lent(client: redis.Redis) -> Any:
    return client.connection_pool.get_connection()


def test_every_kind_of_address_gets_this_pool() -> None:
    for url in ("unix:///run/live.sock", "redis://store:6379/0", "redis+sentinel://a:1,b:2/live/0"):
        assert isinstance(connect(url).connection_pool, StorePool)


def test_an_idle_connection_is_lent_again_as_it_is(client: redis.Redis) -> None:
    first = lent(client)
    number = first.send_command("CLIENT", "ID") or first.read_response()
    client.connection_pool.release(first)
    again = lent(client)
    assert again is first and (again.send_command("CLIENT", "ID") or again.read_response()) == number
    client.connection_pool.release(again)


def test_a_connection_is_lent_to_one_caller_at_a_time(client: redis.Redis) -> None:
    start, lock = threading.Barrier(8), threading.Lock()
    out: set[int] = set()

    def borrow() -> None:
        start.wait(10)
        for _ in range(50):
            connection = lent(client)
            with lock:
                assert id(connection) not in out
                out.add(id(connection))
            assert ask_on(connection, "ECHO", str(id(connection))) == str(id(connection))
            with lock:
                out.remove(id(connection))
            client.connection_pool.release(connection)

    with ThreadPoolExecutor(8) as threads:
        for each in [threads.submit(borrow) for _ in range(8)]:
            each.result(30)


def ask_on(connection: Any, *command: str) -> Any:
    connection.send_command(*command)
    return connection.read_response()


def test_a_connection_that_the_store_has_closed_is_replaced_before_it_is_lent(
    client: redis.Redis, store: RedisServer
) -> None:
    connection = lent(client)
    number = ask_on(connection, "CLIENT", "ID")
    client.connection_pool.release(connection)
    with store.client() as admin:
        admin.client_kill_filter(_id=number)
    assert ask(client, "CLIENT", "ID") != number


def test_a_connection_with_something_unread_is_replaced_before_it_is_lent(client: redis.Redis) -> None:
    connection = lent(client)
    connection.send_command("ECHO", "somebody else's answer")
    assert connection.can_read(timeout=5)
    client.connection_pool.release(connection)
    assert ask(client, "ECHO", "mine") == "mine"


def test_a_connection_is_taken_back_once_and_only_by_its_pool(client: redis.Redis, store: RedisServer) -> None:
    connection, stranger = lent(client), lent(connect(store.url))
    for _ in range(2):
        client.connection_pool.release(connection)
    client.connection_pool.release(stranger)
    one, other = lent(client), lent(client)
    assert one is connection and other is not connection and other is not stranger


def test_a_store_that_went_away_leaves_no_connection_lent(client: redis.Redis) -> None:
    gone = connect("unix:///nowhere/live.sock")
    for _ in range(3):
        with pytest.raises(StoreUnavailable):
            ask(gone, "PING")
    assert not gone.connection_pool._in_use_connections
