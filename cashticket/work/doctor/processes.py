"""Watch, web processes and workers: whether they live, and what waits in the queues of the workers.

Watch and web processes are known by what they witness each second, workers by RQ's heartbeats. Nothing of RQ is used
that removes what it finds outdated.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from rq.utils import now, utcparse
from rq.worker_registration import get_keys

from cashticket.wiring import QUEUES, current_settings, current_shelves, queue, queue_redis
from cashticket.work.doctor.diagnoses import Diagnosis, bad, ok, skipped, warn

NAMES = ("watch", "web processes")
WORKER_NAMES = tuple(f"worker {name}" for name in QUEUES)
SILENT_MAX = timedelta(seconds=75)
"""An idle worker gives a sign every half minute."""

JOBS_MANY = 100
WITHOUT: dict[str, tuple[Callable[[str, str, str], Diagnosis], str]] = {
    "bids": (bad, "accepted bids are not recorded"),
    "settlement": (bad, "ended auctions are not settled, freed seats not offered"),
    "checks": (warn, "the watch makes checks later, and no auction is checked whole"),
    "mail": (bad, "no mail leaves"),
    "push": (warn, "nothing is pushed to devices"),
}
"""How bad it is that nobody works on a queue, and what it means."""


def look_at_witnesses() -> Iterator[Diagnosis]:
    """The processes that witness accepted bids, by kind."""
    kinds = Counter(process.partition("-")[0] for process in current_shelves().living())
    if kinds["watch"]:
        yield ok("watch", f"{kinds['watch']} living")
    else:
        seen = "none is seen: nobody pauses unsafe bidding, checks auctions, or sees that their end has come"
        mend = (
            "start `flask --app wsgi auction close-due --watch`; if it runs, see whether all have the same WITNESS_DIR"
        )
        yield bad("watch", seen, mend)
    described = ", ".join(f"{kinds[kind]} {kind}" for kind in ("web", "live") if kinds[kind])
    if kinds["web"]:
        yield ok("web processes", described)
    else:
        mend = "start `gunicorn --config gunicorn.conf.py wsgi:app`; if it runs, look at its log and at /readyz"
        yield bad("web processes", f"none serves pages and bids{f' ({described})' if described else ''}", mend)


@dataclass(frozen=True, slots=True)
class Queue:
    """Workers that gave a sign within SILENT_MAX, jobs that wait, and jobs that failed in the last ten minutes."""

    living: int
    waiting: int
    failed: int


def look_at_workers() -> Iterator[Diagnosis]:
    """Workers, jobs and failed jobs of each queue."""
    for name in QUEUES:
        yield _of_queue(name, read_queue(name))


def read_queue(name: str) -> Queue:
    """How a queue is. Raises redis.RedisError."""
    one, client = queue(name), queue_redis()
    failed = one.failed_job_registry
    with client.pipeline(transaction=False) as pipeline:
        for key in sorted(get_keys(one)):
            pipeline.hmget(key, "last_heartbeat", "death")
        # They are kept for ten minutes, under the moment at which they leave.
        pipeline.zcount(failed.key, time.time(), "+inf")
        *workers, failures = pipeline.execute()
    return Queue(sum(_lives(*worker) for worker in workers), one.count, int(failures))


def _lives(heartbeat: bytes | None, death: Any) -> bool:
    return death is None and heartbeat is not None and now() - utcparse(heartbeat.decode()) <= SILENT_MAX


def _of_queue(name: str, one: Queue) -> Diagnosis:
    worker, command = f"worker {name}", f"`python worker.py {name}`"
    seen = f"{one.living} living, {one.waiting:,} jobs wait, {one.failed:,} failed in the last ten minutes"
    how, meaning = WITHOUT[name]
    if not one.living and name == "push" and not _pushes():
        return skipped(worker, "none is seen, and none is needed if pushes are off: this process has no keys")
    if not one.living:
        return how(
            worker, f"none is seen, {one.waiting:,} jobs wait: {meaning}", f"start {command}, or look at its log"
        )
    if one.failed:
        return warn(
            worker, seen, f"the log of {command} names each job and its error; what they did not do is found again"
        )
    if one.waiting > JOBS_MANY:
        return warn(worker, seen, f"look at the log of {command}, or start another one")
    if name == "bids" and one.living == 1 and current_settings().production:
        return warn(worker, f"{seen}: nobody takes over if it is killed", f"start a second {command}")
    return ok(worker, seen)


def _pushes() -> bool:
    settings = current_settings()
    return bool(settings.vapid_public_key or settings.vapid_private_key)
