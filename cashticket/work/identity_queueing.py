"""The job that asks a provider on another machine, on the queue of the mails: somebody waits for the answer."""

import redis

from cashticket import redis_keys
from cashticket.work.pressing_jobs import queue_pressing

TIMEOUT_SECONDS = 120


def ask_soon() -> bool:
    """Queue asking, unless that waits already. Returns False while the queue store is away: the page of whoever waits
    queues it later."""
    try:
        return queue_pressing("identities_due", TIMEOUT_SECONDS, redis_keys.IDENTITY_TROUBLE)
    except redis.RedisError:
        return False
