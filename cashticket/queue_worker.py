"""RQ's worker as this product runs it: `worker.py` serves one queue with it."""

import ctypes
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import redis
from flask import Flask
from rq import Queue, Worker
from rq.exceptions import NoSuchJobError
from rq.job import Job

from cashticket.extensions import db
from cashticket.logs.context import set_context
from cashticket.logs.failures import failure_text
from cashticket.work import stopping
from cashticket.work.heartbeats import Heartbeat
from cashticket.work.outages import Outages

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
PR_SET_PDEATHSIG = 1
FAILURE_LENGTH_MAX = 1000
FAILED_JOBS_MAX = 50
"""Failed jobs that a queue keeps."""

log = logging.getLogger("worker")


class OneQueueWorker(Worker):
    """RQ's forking worker. Its child dies with it, is told to stop, and runs inside the application."""

    def __init__(self, app: Flask, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._app = app
        self._failure = ""
        self._outages = Outages(log, "the worker")
        self._heartbeat = Heartbeat(app.extensions["hasty_queue_redis"], self.queue_names()[0])

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
        set_context(job=_name_of(job), request_id=job.meta.get("request_id"))
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
        _drop_old_failures(queue)

    def handle_warm_shutdown_request(self) -> None:
        """Pass the stop on to the child only, never to its process group, which it may still share with others."""
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]
        if self.horse_pid:
            os.kill(self.horse_pid, signal.SIGTERM)
            timer = threading.Timer(stopping.GRACE_SECONDS + 1, self._kill_child, (self.horse_pid,))
            timer.daemon = True
            timer.start()

        timer = threading.Timer(stopping.GRACE_SECONDS + 2, os._exit, (0,))
        timer.daemon = True
        timer.start()

    def heartbeat(self, *arguments: Any, **options: Any) -> None:
        """Like RQ's, and for our own signs of life. Only others read them, so an outage of the queue store does not end
        the job that runs."""
        self._heartbeat.send()
        self._tolerate(super().heartbeat, *arguments, **options)

    def maintain_heartbeats(self, *arguments: Any, **options: Any) -> None:
        """Like RQ's, and like `heartbeat`."""
        self._tolerate(super().maintain_heartbeats, *arguments, **options)

    def set_shutdown_requested_date(self) -> None:
        """Not kept: nobody reads it, and a frozen queue store would hold up the stop."""

    def register_death(self) -> None:
        """Like RQ's. If the queue store is away, what it knows of this worker expires."""
        self._tolerate(super().register_death)

    def _tolerate(self, act: Callable[..., Any], *arguments: Any, **options: Any) -> None:
        try:
            act(*arguments, **options)
        except redis.RedisError as error:
            self._outages.report("queue store", failure_text(error))
        else:
            self._outages.report_end("queue store")

    def _kill_child(self, child_pid: int) -> None:
        # A child that handles no signal is blocked in a library; jobs may be killed at any point.
        if self.horse_pid == child_pid:
            with suppress(ProcessLookupError):
                os.kill(child_pid, signal.SIGKILL)


def _drop_old_failures(queue: Queue) -> None:
    """Keep the newest FAILED_JOBS_MAX failed jobs: what fails each second must not fill the queue store."""
    failed = queue.failed_job_registry
    for job_id in failed.get_job_ids(0, -FAILED_JOBS_MAX - 1):
        try:
            failed.remove(job_id, delete_job=True)
        except NoSuchJobError:
            continue


def _name_of(job: Job) -> str:
    return str(job.func_name).rpartition(".")[2]


def _die_with(parent_pid: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(1)
