"""The doctor on both stores. What a server of this machine cannot be is an answer made by hand."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import time
from typing import Any

import pytest
import redis
from flask import Flask
from redis.exceptions import BusyLoadingError, NoPermissionError

from cashticket.engine.condition import StoreCondition
from cashticket.engine.interface import StoreUnavailable
from cashticket.engine.one_store import OneStore
from cashticket.wiring import wire
from cashticket.work.doctor import stores
from cashticket.work.doctor.diagnoses import Diagnosis, Health, Unwell
from lab.servers.redis_server import RedisServer
from tests.fixtures.redis import running_server
from tests.staging.doctor import configured, is_told, only, seen_by

WELL = StoreCondition(run_id="a", version="7.2.4", memory_used=10, memory_max=100)


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    """A server of this module alone, whose settings may be changed."""
    with running_server() as server:
        yield server


@contextmanager
def changed(server: RedisServer, **settings: str | int) -> Iterator[None]:
    """Settings of the server, inside the block."""
    changes: dict[str, Any] = {name.replace("_", "-"): value for name, value in settings.items()}
    with server.client() as client:
        before = {name: client.config_get(name)[name] for name in changes}
        for name, value in changes.items():
            client.config_set(name, value)
        yield
        for name, value in before.items():
            client.config_set(name, value)


def wired(folder: Path, server: RedisServer, **changes: Any) -> Flask:
    """An installation of production whose stores are both on this server."""
    urls = {"redis_url": server.url, "queue_redis_url": f"{server.url}?db=1"}
    app = configured(folder, **(urls | changes))
    wire(app, app.extensions["settings"])
    return app


def live(app: Flask) -> dict[str, Diagnosis]:
    with app.app_context():
        return seen_by(stores.look_at_live_store)


def queues(app: Flask) -> dict[str, Diagnosis]:
    with app.app_context():
        return seen_by(stores.look_at_queue_store)


def test_stores_that_keep_what_they_answer_are_well(server: RedisServer, tmp_path: Path) -> None:
    app = wired(tmp_path, server)
    with changed(server, appendonly="yes", appendfsync="always", maxmemory="1gb"):
        assert {each.health for each in live(app).values()} == {Health.OK, Health.SKIPPED}
        assert {each.health for each in queues(app).values()} == {Health.OK}
        assert tuple(live(app)) == stores.live_names("first") and tuple(queues(app)) == stores.QUEUE_NAMES
        is_told(live(app)["live store"], Health.OK, f"answers at {server.socket}", "")


def test_a_live_store_that_may_lose_bids_is_told_with_the_setting(server: RedisServer, tmp_path: Path) -> None:
    app, embedded = wired(tmp_path, server), wired(tmp_path, server, embedded_store=True, app_env="development")
    name = "live store durability"
    with changed(server, appendonly="yes", appendfsync="everysec", aof_load_truncated="yes"):
        is_told(live(app)[name], Health.BAD, "appendfsync always", "restart it")
        is_told(live(app)[name], Health.BAD, "aof-load-truncated no", "restart it")
        is_told(live(embedded)[name], Health.OK, "a second of a demo", "")
    with changed(server, maxmemory_policy="allkeys-lru"):
        is_told(live(app)[name], Health.BAD, "maxmemory-policy noeviction", "brackets")
        is_told(queues(app)["queue store durability"], Health.WARN, "allkeys-lru", "maxmemory-policy noeviction")
    is_told(queues(app)["queue store durability"], Health.WARN, "writes nothing to disk", "appendonly yes")


def test_a_store_without_memory_is_told(server: RedisServer, tmp_path: Path) -> None:
    app = wired(tmp_path, server)
    with server.client() as client:
        used: int = client.info("memory")["used_memory"]
    is_told(live(app)["live store memory"], Health.WARN, "no limit", "set maxmemory")
    with changed(server, maxmemory=int(used * 1.1)):
        is_told(live(app)["live store memory"], Health.WARN, "MiB are used", "raise STORE_MEMORY or --maxmemory")
    with changed(server, maxmemory=used):
        is_told(
            live(app)["live store memory"], Health.BAD, "nearly nothing is free", "raise STORE_MEMORY or --maxmemory"
        )
        is_told(
            queues(app)["queue store memory"], Health.BAD, "nearly nothing is free", "raise STORE_MEMORY or --maxmemory"
        )


def failing(app: Flask) -> Unwell:
    with pytest.raises(Unwell) as failure:
        live(app)
    return failure.value


def test_a_store_that_does_not_answer_is_told_with_the_reason(server: RedisServer, tmp_path: Path) -> None:
    away = failing(wired(tmp_path, server, redis_url="redis://bob:p4ssw0rd@127.0.0.1:1/0"))
    assert (away.seen, "REDIS_URL" in away.mend) == ("127.0.0.1:1: nothing answers there", True)
    demo = failing(wired(tmp_path, server, redis_url="unix:///nowhere.sock", embedded_store=True))
    assert "make run" in demo.mend
    with changed(server, requirepass="p4ssw0rd"), server.client(password="p4ssw0rd") as client:
        refused = failing(wired(tmp_path, server))
        client.config_set("requirepass", "")
    assert "refuses the account" in refused.seen and "REDIS_URL" in refused.mend


@pytest.mark.parametrize(
    ("cause", "seen", "mend"),
    [
        (BusyLoadingError("LOADING"), "loading its log", "wait"),
        (NoPermissionError("NOPERM"), "lacks rights", "account"),
    ],
)
def test_what_a_store_says_instead_of_an_answer_is_told(
    server: RedisServer, tmp_path: Path, cause: redis.RedisError, seen: str, mend: str
) -> None:
    app = wired(tmp_path, server)
    app.extensions["engine"] = Answering(cause)
    failure = failing(app)
    assert seen in failure.seen and mend in failure.mend


class Answering(OneStore):
    """An engine whose store answers this about itself."""

    def __init__(self, answer: StoreCondition | redis.RedisError) -> None:
        self._answer = answer

    def condition(self) -> StoreCondition:
        if isinstance(self._answer, StoreCondition):
            return replace(self._answer, now_ms=self._answer.now_ms or int(time() * 1000))
        raise StoreUnavailable("no answer") from self._answer


@pytest.mark.parametrize(
    ("changes", "name", "health", "seen", "mend"),
    [
        ({"version": "6.2.14"}, "live store", Health.BAD, "6.2.14", "7.0 or newer"),
        ({"role": "slave"}, "live store bids", Health.BAD, "is a slave", "primary"),
        ({"writing": False}, "live store bids", Health.BAD, "cannot write", "disk room"),
        ({"replicas_required": 1}, "live store replicas", Health.BAD, "0 of 1", "STORE_REPLICAS"),
        ({"replicas": 2, "replicas_required": 1}, "live store replicas", Health.WARN, "2 keep up", "STORE_REPLICAS=2"),
        ({"replicas": 1, "replicas_required": 1}, "live store replicas", Health.OK, "1 of 1", ""),
        ({"now_ms": 1_000}, "live store clock", Health.WARN, "s behind the clock", "timedatectl"),
    ],
)
def test_what_a_live_store_says_of_itself_is_told(
    tmp_path: Path, changes: dict[str, Any], name: str, health: Health, seen: str, mend: str
) -> None:
    app = configured(tmp_path)
    app.extensions["engine"] = Answering(replace(WELL, **changes))
    diagnoses = live(app)
    is_told(diagnoses[name], health, seen, mend)
    assert all(each.health in (Health.OK, Health.SKIPPED) for each in diagnoses.values() if each.name != name)


def test_one_server_for_both_roles_is_told_in_production(server: RedisServer, tmp_path: Path) -> None:
    def told_of(**changes: Any) -> Diagnosis:
        with wired(tmp_path, server, **changes).app_context():
            return only(stores.look_at_roles)

    is_told(told_of(), Health.WARN, "one server is live store and queue store", "QUEUE_REDIS_URL")
    assert told_of(app_env="development").health is Health.OK
    assert told_of(queue_redis_url="redis://127.0.0.1:6380/0").health is Health.OK


def test_of_several_live_stores_each_is_told_and_two_names_of_one_server_are_bad(
    server: RedisServer, own_store: RedisServer, tmp_path: Path
) -> None:
    further = (("second", own_store.url), ("third", "redis://bob:p4ssw0rd@127.0.0.1:1/0"))
    app = wired(tmp_path, server, live_stores=further)
    with app.app_context():
        second = seen_by(lambda: stores.look_at_live_store("second"))
        apart = only(stores.look_at_twins)
        with pytest.raises(Unwell) as failure:
            seen_by(lambda: stores.look_at_live_store("third"))
    assert tuple(second) == stores.live_names("second")
    is_told(second["live store second"], Health.OK, f"answers at {own_store.socket}", "")
    assert (failure.value.seen, "LIVE_STORES" in failure.value.mend) == ("127.0.0.1:1: nothing answers there", True)
    is_told(apart, Health.OK, "first, second, third are 3 servers, as far as they answer", "")
    # A link to the socket: the addresses differ, the process does not.
    (tmp_path / "other.sock").symlink_to(server.socket)
    twice = wired(tmp_path, server, live_stores=(("second", f"unix://{tmp_path / 'other.sock'}"),))
    with twice.app_context():
        is_told(only(stores.look_at_twins), Health.BAD, "first and second are one server", "a server of its own")
