"""How often auctions were settled, and why not, counted in the queue store for operators."""

from collections.abc import Mapping
from contextlib import suppress
from typing import cast

import redis

from cashticket import redis_keys
from cashticket.settlement.readiness import NotReady
from cashticket.settlement.settle import Settled
from cashticket.wiring import queue_redis

OUTCOMES = (
    *("settled", "unknown_auction", "voided", "earlier_auction", "not_recorded"),
    *("quarantined", "incomplete", "order_differs", "not_ranked"),
)
"""`settled`, or the reason of NotReady."""


SECONDS = "seconds"
"""The field of how long the settlements took, all together."""


def count(outcome: Settled | NotReady, seconds: float) -> None:
    """Count the end of one try that took so long. Settling again what was settled counts as nothing. Never fails."""
    if isinstance(outcome, Settled) and outcome.repeated:
        return
    pipeline = queue_redis().pipeline()
    if isinstance(outcome, NotReady):
        pipeline.hincrby(redis_keys.SETTLEMENT_COUNTS, outcome.reason)
    else:
        pipeline.hincrby(redis_keys.SETTLEMENT_COUNTS, "settled")
        pipeline.hincrbyfloat(redis_keys.SETTLEMENT_COUNTS, SECONDS, seconds)
    with suppress(redis.RedisError):
        pipeline.execute()


def counts(client: redis.Redis) -> tuple[Mapping[str, int], float]:
    """How often each outcome came since the queue store was new, and how many seconds those took that settled. Raises
    redis.RedisError."""
    stored = cast("dict[bytes, bytes]", client.hgetall(redis_keys.SETTLEMENT_COUNTS))
    seconds = float(stored.get(SECONDS.encode(), 0))
    return {outcome: int(stored.get(outcome.encode(), 0)) for outcome in OUTCOMES}, seconds
