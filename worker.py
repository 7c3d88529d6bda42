"""RQ's door: `python worker.py bids|settlement|checks|mail` works on one queue until a stop signal.

A process serves one queue, because RQ takes jobs crash-safely only from a single queue. Each job runs in a child that
dies with its parent and opens its own database connections. SIGTERM or Ctrl+C ends a drain at once and any other job
when it is done; a job that takes longer is interrupted, so that everything has ended within five seconds.
"""

import ctypes
import logging
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import Any

import redis
from flask import Flask
from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer
from structlog.contextvars import bind_contextvars

from cashticket import create_app
from cashticket.config import Role, Settings, SettingsError
from cashticket.engine.sentinel import client_at
from cashticket.extensions import db
from cashticket.logs import setup
from cashticket.logs.failures import failure_text
from cashticket.queued_jobs import AllowedJob
from cashticket.wiring import QUEUES
from cashticket.work import stopping

USAGE = f"""usage: python worker.py {"|".join(QUEUES)}

Works on one queue until SIGTERM or Ctrl+C:
  bids         records accepted bids in the database
  settlement   closes and settles auctions, hands freed seats over
  checks       checks auctions, whole and since the last check
  mail         sends mail
"""
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
PR_SET_PDEATHSIG = 1
FAILURE_LENGTH_MAX = 1000

log = logging.getLogger("worker")


class OneQueueWorker(Worker):
    """RQ's forking worker. Its child dies with it, is told to stop, and runs inside the application."""

    def __init__(self, app: Flask, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._app = app
        self._failure = ""

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """Fork with stop signals blocked, so that none is lost between the two processes."""
        self._parent_pid = os.getpid()
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        try:
            super().fork_work_horse(job, queue)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """Run in the child: die with the parent, and open database connections of its own."""
        _die_with(self._parent_pid)
        bind_contextvars(job=_name_of(job), request_id=job.meta.get("request_id"))
        with self._app.app_context():
            db.engine.dispose(close=False)
            super().main_work_horse(job, queue)

    def setup_work_horse_signals(self) -> None:
        """Let SIGTERM set the job's stop event, and ignore Ctrl+C: the parent passes it on as SIGTERM."""
        # RQ's handler of SIGALRM then ends the job as one that took too long.
        signal.signal(signal.SIGTERM, stopping.request_stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """Log the failure of a job by its name and the kind of error. RQ's own line would quote the error's message."""
        error = exc_info[1]
        self._failure = failure_text(error)
        log.error("the job %s failed", _name_of(job), exc_info=error)

    def handle_job_failure(self, job: Job, queue: Queue, *arguments: Any, **options: Any) -> None:
        """Keep the kind of error in the queue store, not the traceback with its messages."""
        options["exc_string"] = (self._failure or str(options.get("exc_string", "")))[:FAILURE_LENGTH_MAX]
        self._failure = ""
        super().handle_job_failure(job, queue, *arguments, **options)

    def handle_warm_shutdown_request(self) -> None:
        """Pass the stop on to the child only, never to its process group, which it may still share with others."""
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]
        if self.horse_pid:
            os.kill(self.horse_pid, signal.SIGTERM)
            timer = threading.Timer(stopping.GRACE_SECONDS + 1, self._kill_child, (self.horse_pid,))
            timer.daemon = True
            timer.start()

    def _kill_child(self, child_pid: int) -> None:
        # A child that handles no signal is blocked in a library; jobs may be killed at any point.
        if self.horse_pid == child_pid:
            with suppress(ProcessLookupError):
                os.kill(child_pid, signal.SIGKILL)


def _name_of(job: Job) -> str:
    return str(job.func_name).rpartition(".")[2]


def _die_with(parent_pid: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(1)


def _connect(settings: Settings) -> redis.Redis:
    """Return a client once the queue store answers. RQ changes its timeouts, so no other code may share it."""
    client = client_at(settings.queue_redis_url, socket_connect_timeout=2)
    reported = False
    while True:
        try:
            client.ping()
            return client
        except redis.RedisError as error:
            if not reported:
                log.error("waiting for the queue store: %s", failure_text(error))
            reported = True
            time.sleep(0.5)


def serve_queue(app: Flask, name: str) -> bool:
    """Work on a queue until a stop signal. Returns False when RQ gave up by itself: start it again."""
    client = _connect(app.extensions["settings"])
    worker = OneQueueWorker(
        app,
        [Queue(name, connection=client, serializer=JSONSerializer, job_class=AllowedJob)],
        connection=client,
        serializer=JSONSerializer,
        job_class=AllowedJob,
        # Short waits, so that a dead connection and an abandoned job are noticed soon.
        worker_ttl=45,
        job_monitoring_interval=5,
        maintenance_interval=20,
    )
    worker.work(logging_level="WARNING")
    return worker._shutdown_requested_date is not None


def main(arguments: list[str]) -> int:
    """Return the exit status: 0 after a stop signal, 1 when the worker failed, 2 for wrong arguments."""
    if len(arguments) != 1 or arguments[0] not in QUEUES:
        sys.stderr.write(USAGE)
        return 2
    # Until RQ installs its handlers a stop may end the process anywhere: no job has begun.
    for each in STOP_SIGNALS:
        signal.signal(each, lambda number, frame: sys.exit(0))
    try:
        app = create_app()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    settings: Settings = app.extensions["settings"]
    if arguments[0] == "mail" and settings.role not in (Role.ALL, Role.MAIL):
        sys.stderr.write(f"ROLE is {settings.role}; the queue mail needs ROLE=mail.\n")
        return 1
    setup.name_process(f"worker-{arguments[0]}")
    return 0 if serve_queue(app, arguments[0]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
