"""The stores as docker-compose.yml starts them: the shipped settings on a real server keep what they answer, and the
account of the product can do its work and nothing that would lose it."""

import hashlib
import re
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from cashticket.engine.connection import connect
from cashticket.engine.redis_engine import RedisEngine
from tests.contract.scene import ALICE, AUCTION, accepted, publish
from tests.servers.processes import wait_until
from tests.servers.redis_server import redis_binary

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "deploy" / "compose"
PASSWORD = "a password of tests"


class ShippedStore:
    """A server with the shipped settings, but on a unix socket and in a folder of its own."""

    def __init__(self, settings: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="ct-shipped-")
        folder = Path(self._folder.name)
        socket = folder / "redis.sock"
        lines = (COMPOSE / settings).read_text().splitlines()
        kept = [line for line in lines if not re.match(r"(bind|port|aclfile) ", line)]
        accounts = folder / "users.acl"
        accounts.write_text(self._accounts())
        (folder / "redis.conf").write_text("\n".join([*kept, "port 0", f"aclfile {accounts}", f"dir {folder}"]))
        binary = redis_binary()
        assert binary, "no Redis is installed"
        self.process = subprocess.Popen(
            [binary, str(folder / "redis.conf"), "--unixsocket", str(socket)], stdout=subprocess.DEVNULL
        )
        self.url = f"unix://cashticket:{PASSWORD.replace(' ', '%20')}@{socket}"
        wait_until(self._answers, "the shipped store")

    def _accounts(self) -> str:
        """What start-store.sh writes, with its own lines."""
        script = (COMPOSE / "start-store.sh").read_text()
        found = re.search(r"<<ACCOUNTS\n(.*?)\nACCOUNTS", script, re.DOTALL)
        assert found, "start-store.sh writes the accounts"
        return found[1].replace("$hash", hashlib.sha256(PASSWORD.encode()).hexdigest()) + "\n"

    def _answers(self) -> bool:
        try:
            return bool(self.client().ping())
        except redis.RedisError:
            return False

    def client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url, decode_responses=True)

    def remove(self) -> None:
        self.process.kill()
        self.process.wait()
        self._folder.cleanup()


@pytest.fixture(scope="module")
def live_store() -> Iterator[ShippedStore]:
    store = ShippedStore("redis-live.conf")
    yield store
    store.remove()


def test_the_shipped_live_store_keeps_what_it_answers(live_store: ShippedStore) -> None:
    condition = RedisEngine(connect(live_store.url)).condition()
    assert (condition.fsync, condition.eviction, condition.writing, condition.softness) == (
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
    stranger = redis.Redis.from_url(re.sub(r"unix://.*@", "unix://", live_store.url))
    assert stranger.ping(), "one may ask whether it is alive"
    with pytest.raises(redis.exceptions.NoPermissionError):
        stranger.get("auctions")


def test_jobs_are_never_evicted_from_the_shipped_queue_store() -> None:
    store = ShippedStore("redis-queue.conf")
    try:
        condition = RedisEngine(connect(store.url)).condition()
        assert (condition.fsync, condition.eviction) == ("everysec", "noeviction")
    finally:
        store.remove()
