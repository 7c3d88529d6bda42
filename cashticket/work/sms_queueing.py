"""The job that sends SMS, on the queue of the mails, before whatever waits there: somebody waits for a code."""

import redis

from cashticket.wiring import queue
from cashticket.work.queueing import enqueue, is_job

TIMEOUT_SECONDS = 60


def send() -> bool:
    """Queue sending what is due, unless that waits already. Raises redis.RedisError while the queue store is away."""
    mail = queue("mail")
    if any(is_job(mail.fetch_job(job_id), "sms_due") for job_id in mail.get_job_ids(0, 1)):
        return False
    enqueue("mail", "sms_due", TIMEOUT_SECONDS, at_front=True)
    return True


def send_soon() -> bool:
    """Like `send`, after the commit that added an SMS. Returns False while the queue store is away: the watch queues it
    later."""
    try:
        return send()
    except redis.RedisError:
        return False
