"""The stores as docker-compose.yml starts them: the shipped settings on a real server keep what they answer, and the
account of the product can do its work and nothing that would lose it."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from cashticket.engine.connection import connect
from cashticket.engine.redis_engine import RedisEngine
from lab.servers.redis_server import redis_binary, valkey_binary
from lab.servers.shipped_store import PASSWORD, ShippedStore
from tests.staging.engine import ALICE, AUCTION, accepted, order_of, publish

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def live_store() -> Iterator[ShippedStore]:
    store = ShippedStore("redis-live.conf")
    yield store
    store.remove()


def test_the_shipped_live_store_keeps_what_it_answers(live_store: ShippedStore) -> None:
    condition = RedisEngine(connect(live_store.url)).condition()
    assert (condition.fsync, condition.eviction, condition.writing, condition.loss_risks) == (
        "always",
        "noeviction",
        True,
        [],
    )


def test_the_account_of_the_product_can_do_everything_that_an_auction_needs(live_store: ShippedStore) -> None:
    engine = RedisEngine(connect(live_store.url))
    publish(engine)
    accepted(engine, ALICE, 10_000)
    engine.pause(AUCTION, "operator")
    engine.resume(AUCTION, "operator")
    assert engine.trim(AUCTION, 1) == 1 and engine.auctions() == [AUCTION]
    heard = live_store.client().pubsub()  # type: ignore[no-untyped-call]
    heard.psubscribe("*")


@pytest.mark.parametrize(
    "command",
    [
        ("FLUSHALL",),
        ("FLUSHDB",),
        ("CONFIG", "SET", "appendfsync", "no"),
        ("DEBUG", "SLEEP", "0"),
        ("KEYS", "*"),
        ("SHUTDOWN", "NOSAVE"),
        ("REPLICAOF", "127.0.0.1", "1"),
        ("SWAPDB", "0", "1"),
        ("ACL", "SETUSER", "mallory"),
    ],
    ids=" ".join,
)
def test_the_account_of_the_product_cannot_lose_or_stop_anything(
    live_store: ShippedStore, command: tuple[str, ...]
) -> None:
    with pytest.raises(redis.exceptions.ResponseError, match=r"permission|not allowed"):
        live_store.client().execute_command(*command)  # type: ignore[no-untyped-call]


def test_nobody_else_gets_in(live_store: ShippedStore) -> None:
    def account(name: str) -> redis.Redis:
        return redis.Redis.from_url(re.sub(r"unix://.*@", f"unix://{name}", live_store.url))

    with pytest.raises(redis.exceptions.AuthenticationError):
        account("").get("auctions")
    for password in ("none", PASSWORD):
        with pytest.raises(redis.exceptions.AuthenticationError):
            account(f"default:{password.replace(' ', '%20')}@").ping()
    assert account("health:none@").ping(), "one may ask whether it is alive"
    with pytest.raises(redis.exceptions.NoPermissionError):
        account("health:none@").get("auctions")


def test_health_is_asked_in_the_name_of_the_account_for_it(live_store: ShippedStore) -> None:
    found = re.search(r'test: \[CMD-SHELL, "redis-cli (.*) ping', (ROOT / "docker-compose.yml").read_text())
    assert found and shutil.which("redis-cli"), "redis-cli comes with redis-server"
    socket = live_store.url.rpartition("@")[2]
    asked = subprocess.run(
        ["redis-cli", "-s", socket, *found[1].split(), "ping"], capture_output=True, text=True, check=True
    )
    assert (asked.stdout, asked.stderr) == ("PONG\n", "")


@pytest.mark.parametrize("settings", ["redis-live.conf", "redis-queue.conf"])
@pytest.mark.parametrize("binary", [redis_binary, valkey_binary], ids=["redis", "valkey"])
def test_a_shipped_store_that_is_restarted_has_every_bid(settings: str, binary: Callable[[], str | None]) -> None:
    """A starting store checks transactions in its log against an account, and leaves out what that may not do."""
    if (program := binary()) is None:
        pytest.skip("this kind of live store is not installed")
    store = ShippedStore(settings, binary=program)
    try:
        engine = RedisEngine(connect(store.url))
        publish(engine)
        accepted(engine, ALICE, 10_000)
        store.stop()
        store.start()
        assert order_of(engine) and engine.backlog([AUCTION]) == {AUCTION: 1}
        assert accepted(engine, ALICE, 10_000).replayed
    finally:
        store.remove()


def test_jobs_are_never_evicted_from_the_shipped_queue_store() -> None:
    store = ShippedStore("redis-queue.conf")
    try:
        condition = RedisEngine(connect(store.url)).condition()
        assert (condition.fsync, condition.eviction) == ("everysec", "noeviction")
    finally:
        store.remove()
