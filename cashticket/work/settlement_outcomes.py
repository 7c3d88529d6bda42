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


def count(outcome: Settled | NotReady) -> None:
    """Count the end of one try. Settling again what was settled counts as nothing. Never fails."""
    name = outcome.reason if isinstance(outcome, NotReady) else "settled"
    if isinstance(outcome, Settled) and outcome.repeated:
        return
    with suppress(redis.RedisError):
        queue_redis().hincrby(redis_keys.SETTLEMENT_COUNTS, name)


def counts(client: redis.Redis) -> Mapping[str, int]:
    """How often each outcome came since the queue store was new. Raises redis.RedisError."""
    stored = cast("dict[bytes, bytes]", client.hgetall(redis_keys.SETTLEMENT_COUNTS))
    return {outcome: int(stored.get(outcome.encode(), 0)) for outcome in OUTCOMES}
