"""The doctor on watch, web processes, workers and their queues."""

from collections.abc import Iterator
from pathlib import Path
from time import time
from typing import Any

import pytest
import redis
from flask import Flask

from cashticket import redis_keys
from cashticket.wiring import current_engine, current_shelves, queue, queue_redis, wire
from cashticket.witness.writer import Witness
from cashticket.work import heartbeats
from cashticket.work.doctor import processes
from cashticket.work.doctor.diagnoses import Diagnosis, Health
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.staging.doctor import configured, is_told, seen_by


@pytest.fixture(params=["one server", "two servers"])
def site(
    request: pytest.FixtureRequest, redis_server: RedisServer, redis_client: redis.Redis, tmp_path: Path
) -> Iterator[Flask]:
    """An installation, inside its context, whose processes witness in files or, with two servers, in the queue
    store."""
    live_url = redis_server.url if request.param == "one server" else "unix:///nowhere.sock"
    app = wired(tmp_path, redis_server, redis_url=live_url)
    with app.app_context():
        yield app
        queue_redis().close()


def wired(folder: Path, server: RedisServer, **changes: Any) -> Flask:
    urls = {"redis_url": server.url, "queue_redis_url": f"{server.url}?db=1", "witness_dir": folder / "witness"}
    app = configured(folder, **(urls | changes))
    wire(app, app.extensions["settings"])
    return app


def test_web_processes_are_seen_while_they_witness(site: Flask) -> None:
    none = seen_by(processes.look_at_processes)
    is_told(none["web processes"], Health.BAD, "none serves pages", "gunicorn")
    witnesses = {kind: Witness(current_shelves().own) for kind in ("web", "live")}
    for kind, witness in witnesses.items():
        witness.start(kind, current_engine())
    wait_until(lambda: len(current_shelves().living()) == 2, "the two witnesses")
    is_told(seen_by(processes.look_at_processes)["web processes"], Health.OK, "1 web, 1 live", "")
    for witness in witnesses.values():
        witness.stop()
    assert seen_by(processes.look_at_processes)["web processes"].health is Health.BAD


def silence(kind: str) -> None:
    """Every process of this kind gave its last sign of life a while ago."""
    key = redis_keys.heartbeats(kind)
    for process, at_ms in queue_redis().zrange(key, 0, -1, withscores=True):
        queue_redis().zadd(key, {process: at_ms - 1000 * (heartbeats.ALIVE_SECONDS + 1)})


def test_a_watch_is_seen_while_it_gives_signs(site: Flask) -> None:
    is_told(seen_by(processes.look_at_processes)["watch"], Health.BAD, "none is seen", "auction close-due --watch")
    heartbeats.Heartbeat(queue_redis(), "watch").send()
    is_told(seen_by(processes.look_at_processes)["watch"], Health.OK, "1 living", "")
    silence("watch")
    assert seen_by(processes.look_at_processes)["watch"].health is Health.BAD


@pytest.fixture
def one_site(redis_server: RedisServer, redis_client: redis.Redis, tmp_path: Path) -> Iterator[Flask]:
    """An installation, inside its context."""
    app = wired(tmp_path, redis_server)
    with app.app_context():
        yield app
        queue_redis().close()


def workers() -> dict[str, Diagnosis]:
    return {name.removeprefix("worker "): each for name, each in seen_by(processes.look_at_workers).items()}


def start_worker(name: str) -> None:
    heartbeats.Heartbeat(queue_redis(), name).send()


def test_a_queue_on_which_nobody_works_is_told(one_site: Flask) -> None:
    queue_redis().rpush(queue("mail").key, "job")
    none = workers()
    is_told(none["bids"], Health.BAD, "accepted bids are not recorded", "python worker.py bids")
    is_told(none["settlement"], Health.BAD, "not settled", "python worker.py settlement")
    is_told(none["checks"], Health.WARN, "checked whole", "python worker.py checks")
    is_told(none["mail"], Health.BAD, "1 jobs wait: no mail leaves", "python worker.py mail")
    is_told(none["push"], Health.SKIPPED, "none is needed if pushes are off", "")


def test_workers_are_seen_while_they_give_signs(one_site: Flask) -> None:
    start_worker("bids")
    is_told(workers()["bids"], Health.WARN, "nobody takes over", "a second")
    start_worker("bids")
    is_told(workers()["bids"], Health.OK, "2 living, 0 jobs wait, 0 failed", "")
    silence("bids")
    is_told(workers()["bids"], Health.BAD, "none is seen", "python worker.py bids")


def test_jobs_that_failed_and_queues_that_grow_are_told(one_site: Flask) -> None:
    for name in ("settlement", "mail"):
        start_worker(name)
    failed = queue("settlement").failed_job_registry.key
    queue_redis().zadd(failed, {"gone": time() - 1, "one": time() + 600, "two": time() + 600})
    queue_redis().rpush(queue("mail").key, *map(str, range(processes.JOBS_MANY + 1)))
    is_told(workers()["settlement"], Health.WARN, "2 failed in the last ten minutes", "log of `python worker.py settle")
    is_told(workers()["mail"], Health.WARN, "101 jobs wait", "start another one")
    assert queue_redis().zcard(failed) == 3, "what is outdated is left to its worker"
