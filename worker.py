"""RQ's door: `python worker.py bids|settlement|checks|mail|push` works on one queue until a stop signal.

A process serves one queue, because RQ takes jobs crash-safely only from a single queue. Each job runs in a child that
dies with its parent and opens its own database connections. SIGTERM or Ctrl+C ends a drain at once and any other job
when it is done; a job that takes longer is interrupted, so that everything has ended within five seconds. While the
queue store is away a job goes on, and the process waits.
"""

import logging
import signal
import sys
import time

import redis
from flask import Flask
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from cashticket import create_app
from cashticket.config import Role, Settings, SettingsError
from cashticket.engine.sentinel import client_at
from cashticket.errors import OperatorError
from cashticket.logs import setup
from cashticket.logs.failures import failure_text
from cashticket.notify import push_sealing
from cashticket.queue_worker import STOP_SIGNALS, OneQueueWorker
from cashticket.queued_jobs import AllowedJob
from cashticket.wiring import QUEUES
from cashticket.work.backup.unfinished import require_no_unfinished_restore

USAGE = f"""usage: python worker.py {"|".join(QUEUES)}

Works on one queue until SIGTERM or Ctrl+C:
  bids         records accepted bids in the database
  settlement   closes and settles auctions, hands freed seats over
  checks       checks auctions, whole and since the last check
  mail         sends mail
  push         sends pushes to the devices of people
"""
AGAIN_SECONDS = 1.0
ROLES = {"mail": Role.MAIL, "push": Role.PUSH}
"""Queues whose workers need a role of their own, because they hold secrets that no other worker needs."""

log = logging.getLogger("worker")


def _connect(settings: Settings) -> redis.Redis:
    """Return a client once the queue store answers. RQ changes its timeouts, so no other code may share it."""
    url, reported = settings.queue_redis_url, False
    with client_at(url, socket_connect_timeout=2, socket_timeout=2, retry=Retry(NoBackoff(), 0)) as probe:
        while True:
            try:
                probe.ping()
                return client_at(url, socket_connect_timeout=2)
            except redis.RedisError as error:
                if not reported:
                    log.error("waiting for the queue store: %s", failure_text(error))
                reported = True
                time.sleep(0.5)


def serve_queue(app: Flask, name: str) -> None:
    """Work on a queue until a stop signal. RQ gives up when the queue store is away for long: then it starts again."""
    while not _serve_until_given_up(app, name):
        log.error("the worker starts again after %s s: is the queue store well?", AGAIN_SECONDS)
        _exit_on_stop_signals()
        time.sleep(AGAIN_SECONDS)


def _serve_until_given_up(app: Flask, name: str) -> bool:
    """Whether a stop signal ended it."""
    client = _connect(app.extensions["settings"])
    worker = OneQueueWorker(
        app,
        [Queue(name, connection=client, serializer=JSONSerializer, job_class=AllowedJob)],
        connection=client,
        serializer=JSONSerializer,
        job_class=AllowedJob,
        # Short waits, so that a dead connection and an abandoned job are noticed soon. Idle, it has a turn every
        # five seconds: 15 less than this.
        worker_ttl=20,
        job_monitoring_interval=5,
        maintenance_interval=20,
    )
    try:
        worker.work(logging_level="WARNING")
    except redis.RedisError as error:
        log.error("the worker gave up: %s", failure_text(error))
    return worker._shutdown_requested_date is not None


def _exit_on_stop_signals() -> None:
    """Until RQ installs its handlers a stop may end the process anywhere: no job has begun."""
    for each in STOP_SIGNALS:
        signal.signal(each, lambda number, frame: sys.exit(0))


def main(arguments: list[str]) -> int:
    """Return the exit status: 0 after a stop signal, 1 when it may not start, 2 for wrong arguments."""
    if len(arguments) != 1 or arguments[0] not in QUEUES:
        sys.stderr.write(USAGE)
        return 2
    _exit_on_stop_signals()
    try:
        app = create_app()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    settings: Settings = app.extensions["settings"]
    needed = ROLES.get(arguments[0])
    if needed and settings.role not in (Role.ALL, needed):
        sys.stderr.write(f"ROLE is {settings.role}; the queue {arguments[0]} needs ROLE={needed}.\n")
        return 1
    try:
        with app.app_context():
            require_no_unfinished_restore()
    except OperatorError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    setup.name_process(f"worker-{arguments[0]}")
    if arguments[0] == "push" and settings.vapid_private_key:
        # Once for all jobs, whose processes are forked from this one.
        push_sealing.load()
    serve_queue(app, arguments[0])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
