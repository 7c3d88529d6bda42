"""What waits on each queue of jobs, for operators. It costs two round trips, however much waits."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis
from rq.job import Job

from cashticket.wiring import QUEUES, queue


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """How many jobs wait, for how long the one that is next has waited (0 for none), and how many failed within the
    last minutes (`queueing.FAILURE_TTL_SECONDS`)."""

    waiting: int
    waited_seconds: float
    failed: int


def queue_figures(client: redis.Redis) -> dict[str, QueueFigures]:
    """The figures of each of QUEUES. Raises redis.RedisError."""
    queues = [queue(name) for name in QUEUES]
    now = time.time()
    pipeline = client.pipeline(transaction=False)
    for each in queues:
        pipeline.llen(each.key)
        pipeline.lindex(each.key, 0)
        # Workers remove those whose time is over only now and then.
        pipeline.zcount(each.failed_job_registry.key, now, "+inf")
    answers = pipeline.execute()
    heads = dict(zip(QUEUES, answers[1::3], strict=True))
    queued_at = _queued_at(client, {name: job_id.decode(errors="replace") for name, job_id in heads.items() if job_id})
    return {
        name: QueueFigures(
            waiting,
            max(0.0, now - queued_at[name]) if name in queued_at else 0.0,
            failed,
        )
        for name, waiting, failed in zip(QUEUES, answers[0::3], answers[2::3], strict=True)
    }


def _queued_at(client: redis.Redis, job_ids: dict[str, str]) -> dict[str, float]:
    """When each of these jobs was queued, in seconds; without those that are gone."""
    pipeline = client.pipeline(transaction=False)
    for job_id in job_ids.values():
        pipeline.hget(Job.key_for(job_id), "enqueued_at")
    texts: list[Any] = pipeline.execute()
    moments = {name: _seconds(text) for name, text in zip(job_ids, texts, strict=True) if text}
    return {name: seconds for name, seconds in moments.items() if seconds is not None}


def _seconds(text: bytes) -> float | None:
    """The moment as RQ writes it, in seconds; None for anything else."""
    try:
        return datetime.fromisoformat(text.decode()).timestamp()
    except ValueError:
        return None
