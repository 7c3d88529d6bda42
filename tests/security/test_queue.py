"""Whoever can write to the queue store still cannot have a worker run anything but our own jobs."""

import ast
import json
import pickle
import zlib
from pathlib import Path
from typing import Any

import pytest
import redis
from flask import Flask
from rq import Callback, Queue, Webhook
from rq.serializers import JSONSerializer

from cashticket import jobs
from cashticket.queued_jobs import JOBS, Refused, allowed_function
from cashticket.work import queueing
from lab.servers.processes import running
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.fixtures.databases import make_environment
from tests.house.source import calls, running_modules

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Pickled:
    """Unpickling it runs a command."""

    def __init__(self, command: str) -> None:
        self._command = command

    def __reduce__(self) -> tuple[Any, ...]:
        import os

        return os.system, (self._command,)


class Mallory:
    """Writes into the queue store as RQ itself would, or byte by byte. `count` is the number of jobs."""

    def __init__(self, client: redis.Redis, folder: Path) -> None:
        self._queue = Queue("mail", connection=client, serializer=JSONSerializer)
        self._client, self._command, self.count = client, f"touch {folder / 'made'}", 0

    def name_a_function(self, name: str, *arguments: Any, **options: Any) -> None:
        self._queue.enqueue(name, *arguments, **options)
        self.count += 1

    def carry(self, data: Any, **fields: str | bytes) -> None:
        """A job of ours whose stored fields are replaced."""
        job = self._queue.enqueue(f"{JOBS}.sort_rank_outs")
        content = data if isinstance(data, bytes) else json.dumps(data).encode()
        self._client.hset(job.key, mapping={"data": zlib.compress(content), **fields})
        self.count += 1

    def write_everything(self) -> None:
        for name in ("os.system", "posix.system", f"{JOBS}.os.system", "cashticket.wiring.os.system"):
            self.name_a_function(name, self._command)
        self.name_a_function("subprocess.check_output", self._command.split())
        self.name_a_function(f"{JOBS}.connect", "redis://127.0.0.1:9")
        self.name_a_function(f"{JOBS}.deliver", "1")
        for kind in ("on_success", "on_failure", "on_stopped"):
            self.name_a_function(f"{JOBS}.sort_rank_outs", **{kind: Callback("os.system")})
        self.name_a_function(f"{JOBS}.sort_rank_outs", webhooks=[Webhook("http://127.0.0.1:9/", "finished")])
        ours = [f"{JOBS}.sort_rank_outs", None, [], {}]
        self.carry(pickle.dumps(Pickled(self._command)))
        self.carry(ours, meta=pickle.dumps(Pickled(self._command)))
        self.carry(ours, timeout="soon")
        for data in (b"no json", {}, ["os.system", None], [1, 2, 3, 4], [*ours[:3], {"why": 1}]):
            self.carry(data)


@on_sqlite
def test_no_worker_runs_what_is_not_one_of_our_jobs(
    app: Flask, queue_redis: redis.Redis, database_url: str, redis_server: RedisServer, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    mallory = Mallory(queue_redis, folder)
    mallory.write_everything()
    queueing.queue("mail").enqueue(f"{JOBS}.sort_rank_outs", result_ttl=0)
    with running(make_environment(database_url, redis_server.url), tmp_path) as start:
        worker = start("worker.py", "mail")
        wait_until(lambda: not queue_redis.keys("rq:job:*"), "the end of every job, the last of which is ours")
        shown = worker.log.read_text()
        assert shown.count("a job in the queue store was deleted without being run") == mallory.count, shown
        assert "Traceback" not in shown
    assert not list(folder.iterdir())


@pytest.mark.parametrize(
    "name",
    ["os.system", "drain", f"{JOBS}.", f"{JOBS}._hidden", f"{JOBS}.connect", f"{JOBS}.datetime", f"{JOBS}.__builtins__",
     f"{JOBS}.DRAIN_SECONDS", f"{JOBS}.queueing.drain", "", None, 7, ["os.system"]],
)  # fmt: skip
def test_only_functions_of_our_jobs_are_functions_of_jobs(name: Any) -> None:
    with pytest.raises(Refused):
        allowed_function(name)


@pytest.mark.parametrize("name", ["drain", "settle", "lapse_and_offer", "hand_over", "deliver", "deliver_account_mail"])
def test_our_jobs_are_functions_of_jobs_also_under_a_former_name(name: str) -> None:
    assert allowed_function(f"{JOBS}.{name}") is getattr(jobs, name)


def test_every_queue_of_the_product_reads_jobs_by_the_same_rule() -> None:
    made = [text for source in running_modules() for name, call in calls(source) if name == "Queue"
            for text in [ast.unparse(call)]]  # fmt: skip
    assert len(made) == 2 and all("job_class=AllowedJob" in text for text in made)
