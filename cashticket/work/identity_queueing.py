"""The job that asks a provider on another machine, on the queue of the mails: somebody waits for the answer."""

import redis

from cashticket.wiring import queue
from cashticket.work.queueing import enqueue, is_job

TIMEOUT_SECONDS = 120


def ask_soon() -> bool:
    """Queue asking, unless that waits already. Returns False while the queue store is away: the page of whoever waits
    queues it later."""
    try:
        mail = queue("mail")
        if any(is_job(mail.fetch_job(job_id), "identities_due") for job_id in mail.get_job_ids(0, 1)):
            return False
        enqueue("mail", "identities_due", TIMEOUT_SECONDS, at_front=True)
        return True
    except redis.RedisError:
        return False
