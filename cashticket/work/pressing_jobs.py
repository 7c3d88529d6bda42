"""Jobs on the queue of the mails for which somebody waits before a page: sending codes, asking who somebody is.

They go before the mails that wait there, but behind them while the service that they call is in trouble: each call may
then take ten seconds, and as long as people try again there would always be one more before the mails.
"""

from contextlib import suppress

import redis

from cashticket.wiring import queue, queue_redis
from cashticket.work.queueing import MAIL_JOBS_MAX, enqueue, is_job

TROUBLE_SECONDS = 30


def queue_pressing(job_name: str, timeout_seconds: int, trouble_key: str) -> bool:
    """Queue a job, unless it waits already. `trouble_key` is set while its service is in trouble. Raises
    redis.RedisError while the queue store is away."""
    mail = queue("mail")
    if any(is_job(job, job_name) for job in mail.get_jobs(0, MAIL_JOBS_MAX)):
        return False
    enqueue("mail", job_name, timeout_seconds, at_front=not queue_redis().exists(trouble_key))
    return True


def note_trouble(trouble_key: str) -> None:
    """Note that a service has not answered as it should. Never fails: it decides about turns alone."""
    with suppress(redis.RedisError):
        queue_redis().set(trouble_key, "1", ex=TROUBLE_SECONDS)
