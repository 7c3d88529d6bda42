"""The job that sends SMS, on the queue of the mails, before whatever waits there: somebody waits for a code."""

import redis

from cashticket import redis_keys
from cashticket.work.pressing_jobs import queue_pressing

TIMEOUT_SECONDS = 60


def send() -> bool:
    """Queue sending what is due, unless that waits already. Raises redis.RedisError while the queue store is away."""
    return queue_pressing("sms_due", TIMEOUT_SECONDS, redis_keys.SMS_TROUBLE)


def send_soon() -> bool:
    """Like `send`, after the commit that added an SMS. Returns False while the queue store is away: the watch queues it
    later."""
    try:
        return send()
    except redis.RedisError:
        return False
