"""Why the last settlement of an auction did not take place, kept in the queue store for operators.

Finding it out again would mean reading the whole order.
"""

import json
from contextlib import suppress
from dataclasses import asdict

import redis

from cashticket import redis_keys
from cashticket.settlement.readiness import NotReady
from cashticket.settlement.settle import Settled
from cashticket.wiring import queue_redis

SECONDS = 86_400
"""The watch tries again long before."""


def remember(auction_id: int, outcome: Settled | NotReady) -> None:
    """Keep the reason of a settlement that did not take place, and forget it after one that did. Never fails."""
    with suppress(redis.RedisError):
        if isinstance(outcome, NotReady):
            queue_redis().set(redis_keys.refusal(auction_id), json.dumps(asdict(outcome)), ex=SECONDS)
        else:
            queue_redis().delete(redis_keys.refusal(auction_id))


def last_refusal(auction_id: int) -> NotReady | None:
    """The reason of the last settlement that did not take place, None without one or while the store is away."""
    try:
        text = queue_redis().get(redis_keys.refusal(auction_id))
    except redis.RedisError:
        return None
    return NotReady(**json.loads(text)) if text else None
