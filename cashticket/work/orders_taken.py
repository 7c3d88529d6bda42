"""When each auction was last seen to take orders, by the live store's clock. The watch keeps it in the queue store.

An outage is counted from there (rule 19), because a store that is away cannot note when it went.
"""

import logging
from collections.abc import Collection, Mapping

import redis

from cashticket import redis_keys
from cashticket.logs.failures import failure_text

log = logging.getLogger(__name__)


def note(client: redis.Redis, moments_ms: Mapping[int, int]) -> str:
    """Keep auction → ms. Returns what went wrong, '' for nothing."""
    try:
        if moments_ms:
            client.hset(redis_keys.ORDERS_TAKEN, mapping={str(each): ms for each, ms in moments_ms.items()})
    except redis.RedisError as error:
        return f"the queue store does not keep when orders were taken: {failure_text(error)}"
    return ""


def forget(client: redis.Redis, auction_id: int) -> None:
    """Remove what is kept of an auction that has ended."""
    try:
        client.hdel(redis_keys.ORDERS_TAKEN, str(auction_id))
    except redis.RedisError as error:
        log.warning("when auction %s last took orders stays in the queue store: %s", auction_id, failure_text(error))


def taken_ms(client: redis.Redis, auction_id: int) -> int | None:
    """The last moment (ms) at which this auction was seen to take orders, None if that is not known."""
    try:
        stored = client.hget(redis_keys.ORDERS_TAKEN, str(auction_id))
        return int(stored) if stored is not None else None
    except redis.RedisError as error:
        log.warning("when auction %s last took orders is not known: %s", auction_id, failure_text(error))
        return None


def newest_ms(client: redis.Redis, auction_ids: Collection[int] | None = None) -> int:
    """The newest of all these moments (ms), or of those of `auction_ids`; 0 if none is known."""
    try:
        if auction_ids is None:
            return max(map(int, client.hvals(redis_keys.ORDERS_TAKEN)), default=0)
        stored = client.hmget(redis_keys.ORDERS_TAKEN, [str(each) for each in auction_ids]) if auction_ids else []
        return max((int(moment) for moment in stored if moment is not None), default=0)
    except redis.RedisError:
        return 0
