"""How several drains share the auctions: each holds the lease of the one auction that it records, then takes the next
one that nobody holds. One drain holds the lease of the drain that stays; the others help while auctions wait for them.

Every function raises redis.RedisError while the queue store is away. Then drains record without leases: of two at one
auction the fence of the ledger lets one through.
"""

from collections.abc import Iterable

import redis

from cashticket import redis_keys
from cashticket.auction.store_names import FIRST_STORE
from cashticket.auction.values import PoisonEntry
from cashticket.engine.interface import Engine
from cashticket.work.leases import Lease

LEASE_MS = 3_000
"""The auctions of a killed drain are taken by others after this long."""

WAIT_MS_MAX = 250
"""A drain comes to an auction sooner than this; an older bid at the head of a list means that one more is needed."""


def staying(client: redis.Redis, store: str = FIRST_STORE) -> Lease:
    """A new claim on being the drain that stays at the live store of this name."""
    return Lease(client, redis_keys.drain_lease(store), LEASE_MS)


def of_auction(client: redis.Redis, auction_id: int) -> Lease:
    """A new claim on recording an auction."""
    return Lease(client, redis_keys.draining(auction_id), LEASE_MS)


def untaken(client: redis.Redis, auction_ids: Iterable[int]) -> list[int]:
    """Those of the auctions that no drain holds, in one round trip."""
    ids = list(auction_ids)
    pipeline = client.pipeline(transaction=False)
    for auction_id in ids:
        pipeline.exists(redis_keys.draining(auction_id))
    return [auction_id for auction_id, taken in zip(ids, pipeline.execute(), strict=True) if not taken]


def any_neglected(engine: Engine, client: redis.Redis) -> bool:
    """Whether bids of some auction have waited for longer than WAIT_MS_MAX and no drain holds it. Raises
    StoreUnavailable and OutcomeUnknown while the live store is away."""
    waiting = [auction_id for auction_id, count in engine.backlog(engine.auctions()).items() if count]
    return any(_waits_long(engine, auction_id) for auction_id in untaken(client, waiting))


def _waits_long(engine: Engine, auction_id: int) -> bool:
    """Whether the oldest waiting bid is old by the live store's clock, or cannot be read."""
    head = next(iter(engine.peek(auction_id, 1)), None)
    if head is None:
        return False
    return isinstance(head, PoisonEntry) or engine.of(auction_id).clock() - head.at_ms > WAIT_MS_MAX
