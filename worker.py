"""RQ's door: `python worker.py bids|settlement|mail` works on one queue until it is asked to stop.

One queue a process, because RQ takes jobs crash-safely only from a single queue. Each job runs in a child of its own,
which dies with its parent and connects to databases by itself. SIGTERM or Ctrl+C ends it: a drain within a moment,
any other job when it is done, and all within five seconds: what then still waits for somebody is broken off.
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

from cashticket import create_app
from cashticket.config import Settings, SettingsError
from cashticket.extensions import db
from cashticket.wiring import QUEUES
from cashticket.work import stopping

USAGE = f"""usage: python worker.py {"|".join(QUEUES)}

Works on one queue until SIGTERM or Ctrl+C:
  bids         records accepted bids in the database
  settlement   closes and settles auctions, hands freed seats over
  mail         sends mail
"""
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)
PR_SET_PDEATHSIG = 1

log = logging.getLogger("worker")


class OneQueueWorker(Worker):
    """RQ's forking worker; its child cannot outlive it, hears of a stop, and works inside the application."""

    def __init__(self, app: Flask, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._app = app

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """Fork with stop signals held back, so that none is lost between the two processes."""
        self._parent_pid = os.getpid()
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        try:
            super().fork_work_horse(job, queue)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """The child: bound to its parent's life, with connections of its own."""
        _die_with(self._parent_pid)
        with self._app.app_context():
            db.engine.dispose(close=False)
            super().main_work_horse(job, queue)

    def setup_work_horse_signals(self) -> None:
        """A stop is noticed by the job itself; Ctrl+C reaches the child through its parent."""
        # RQ's own handler of SIGALRM breaks the job off as one that took too long.
        signal.signal(signal.SIGTERM, stopping.ask)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)

    def handle_warm_shutdown_request(self) -> None:
        """Pass the stop on to the child alone, never to a process group it may not have left yet."""
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]
        if self.horse_pid:
            os.kill(self.horse_pid, signal.SIGTERM)
            last = threading.Timer(stopping.LAST_SECONDS + 1, self._kill_the_deaf, (self.horse_pid,))
            last.daemon = True
            last.start()

    def _kill_the_deaf(self, child: int) -> None:
        """A child that hears no signal waits in foreign code; it may be killed anywhere."""
        if self.horse_pid == child:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)


def _die_with(parent_pid: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(1)


def _connect(settings: Settings) -> redis.Redis:
    """The worker's own client, once the queue Redis answers: RQ sets its timeouts to how long it waits for a job."""
    client = redis.Redis.from_url(settings.queue_redis_url, socket_connect_timeout=2)
    told = False
    while True:
        try:
            client.ping()
            return client
        except redis.RedisError as error:
            if not told:
                log.error("waiting for the queue's Redis: %s", error)
            told = True
            time.sleep(0.5)


def work(app: Flask, name: str) -> bool:
    """Work on a queue until asked to stop. False when RQ gave up by itself: start it again."""
    client = _connect(app.extensions["settings"])
    worker = OneQueueWorker(
        app,
        [Queue(name, connection=client, serializer=JSONSerializer)],
        connection=client,
        serializer=JSONSerializer,
        # Short waits, so that a connection gone silent and a job left behind are noticed soon.
        worker_ttl=45,
        job_monitoring_interval=5,
        maintenance_interval=20,
    )
    worker.work(logging_level="WARNING")
    return worker._shutdown_requested_date is not None


def main(arguments: list[str]) -> int:
    """The exit status: 0 after a stop, 1 when the worker broke off, 2 for a call that cannot be meant."""
    if len(arguments) != 1 or arguments[0] not in QUEUES:
        sys.stderr.write(USAGE)
        return 2
    # Until RQ listens itself, a stop ends the process where it stands: nothing has begun.
    for each in STOP_SIGNALS:
        signal.signal(each, lambda number, frame: sys.exit(0))
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    try:
        app = create_app()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0 if work(app, arguments[0]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
