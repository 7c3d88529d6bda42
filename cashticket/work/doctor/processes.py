"""Watch, web processes and workers: whether they live, and what waits in the queues of the workers.

Watch and workers are known by their heartbeats, web processes by what they witness each second.
"""

from collections import Counter
from collections.abc import Callable, Iterator

from cashticket.wiring import QUEUES, current_settings, current_shelves, queue_redis
from cashticket.work import heartbeats
from cashticket.work.doctor.diagnoses import Diagnosis, bad, ok, skipped, warn
from cashticket.work.queue_figures import QueueFigures, queue_figures

NAMES = ("watch", "web processes")
WORKER_NAMES = tuple(f"worker {name}" for name in QUEUES)
JOBS_MANY = 100
WITHOUT: dict[str, tuple[Callable[[str, str, str], Diagnosis], str]] = {
    "bids": (bad, "accepted bids are not recorded"),
    "settlement": (bad, "ended auctions are not settled, freed seats not offered"),
    "checks": (warn, "the watch makes checks later, and no auction is checked whole"),
    "mail": (bad, "no mail leaves"),
    "push": (warn, "nothing is pushed to devices"),
}
"""How bad it is that nobody works on a queue, and what it means."""


def look_at_processes() -> Iterator[Diagnosis]:
    """The watch, and the processes that serve pages and sockets."""
    if watches := heartbeats.signs(queue_redis())["watch"].alive:
        yield ok("watch", f"{watches} living")
    else:
        seen = "none is seen: nobody pauses unsafe bidding, checks auctions, or sees that their end has come"
        yield bad("watch", seen, "start `flask --app wsgi auction close-due --watch`, or look at its log")
    kinds = Counter(process.partition("-")[0] for process in current_shelves().living())
    described = ", ".join(f"{kinds[kind]} {kind}" for kind in ("web", "live") if kinds[kind])
    if kinds["web"]:
        yield ok("web processes", described)
    else:
        mend = "start `gunicorn --config gunicorn.conf.py wsgi:app`; if it runs, look at its log and at /readyz"
        yield bad("web processes", f"none serves pages and bids{f' ({described})' if described else ''}", mend)


def look_at_workers() -> Iterator[Diagnosis]:
    """Workers, jobs and failed jobs of each queue."""
    signs, figures = heartbeats.signs(queue_redis()), queue_figures(queue_redis())
    for name in QUEUES:
        yield _of_queue(name, signs[name].alive, figures[name])


def _of_queue(name: str, living: int, jobs: QueueFigures) -> Diagnosis:
    worker, command = f"worker {name}", f"`python worker.py {name}`"
    seen = f"{living} living, {jobs.waiting:,} jobs wait, {jobs.failed:,} failed in the last ten minutes"
    how, meaning = WITHOUT[name]
    if not living and name == "push" and not _pushes():
        return skipped(worker, "none is seen, and none is needed if pushes are off: this process has no keys")
    if not living:
        return how(
            worker, f"none is seen, {jobs.waiting:,} jobs wait: {meaning}", f"start {command}, or look at its log"
        )
    if jobs.failed:
        return warn(
            worker, seen, f"the log of {command} names each job and its error; what they did not do is found again"
        )
    if jobs.waiting > JOBS_MANY:
        return warn(worker, seen, f"look at the log of {command}, or start another one")
    if name == "bids" and living == 1 and current_settings().production:
        return warn(worker, f"{seen}: nobody takes over if it is killed", f"start a second {command}")
    return ok(worker, seen)


def _pushes() -> bool:
    settings = current_settings()
    return bool(settings.vapid_public_key or settings.vapid_private_key)
