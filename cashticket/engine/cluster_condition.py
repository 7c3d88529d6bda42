"""What a cluster reports of itself: each shard by itself, and all of them as the worst of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from hashlib import sha256
from typing import cast

from cashticket import redis_keys
from cashticket.engine.condition import IDENTITIES_BETWEEN, UNKNOWN, StoreCondition
from cashticket.engine.errors import StoreUnavailable
from cashticket.engine.pauses import NOT_PRIMARY
from cashticket.engine.slots import SlotMap, slot_of
from cashticket.engine.values import Beat

FSYNC_FROM_THE_WORST = ("off", "no", UNKNOWN, "everysec", "always")


@dataclass(frozen=True, slots=True)
class ClusterCondition(StoreCondition):
    """Its fields say how the worst shard is; `run_id` changes whenever that of any primary does. `shards` are the
    conditions of the primaries by the tags of their shards."""

    shards: Mapping[str, StoreCondition] = field(default_factory=dict)
    slots: SlotMap = field(kw_only=True)

    def has(self, auction_id: int) -> bool:
        return tag_of(self.slots, auction_id) in self.shards

    @property
    def is_whole(self) -> bool:
        return all(shard.tag in self.shards for shard in self.slots.shards)

    @property
    def refusals(self) -> dict[str, str]:
        refusals = {} if self.is_whole else {NOT_PRIMARY: self._missing()}
        return refusals | {reason: each for reason, each in _refusals(self).items() if reason not in refusals}

    def _missing(self) -> str:
        missing = [place_of(shard.address) for shard in self.slots.shards if shard.tag not in self.shards]
        return f"{', '.join(missing)} of the live store's cluster does not answer, its auctions take no bids"

    def of(self, auction_id: int) -> StoreCondition:
        condition = self.shards.get(tag_of(self.slots, auction_id))
        if condition is None:
            raise StoreUnavailable(f"no node of the live store's cluster has auction {auction_id}")
        return condition

    @property
    def nodes(self) -> Mapping[str, StoreCondition]:
        present = [shard for shard in self.slots.shards if shard.tag in self.shards]
        return {place_of(shard.address): self.shards[shard.tag] for shard in present}

    @property
    def clocks_ms(self) -> Mapping[str, int]:
        return {tag: condition.now_ms for tag, condition in self.shards.items()}


@dataclass(frozen=True, slots=True)
class ClusterBeat(Beat):
    """The beats of the shards that answered, by their tags. All together: the earliest times, and no silences."""

    shards: Mapping[str, Beat] = field(default_factory=dict)
    slots: SlotMap = field(kw_only=True)

    def of(self, auction_id: int) -> Beat:
        return self.shards.get(tag_of(self.slots, auction_id), Beat(self.now_ms, self.taken_ms))


def _refusals(condition: StoreCondition) -> dict[str, str]:
    """Those that every store has."""
    return cast(dict[str, str], cast(property, StoreCondition.refusals).__get__(condition))


def merged(
    slots: SlotMap, shards: Mapping[str, StoreCondition], missing: Mapping[str, StoreCondition] | None = None
) -> ClusterCondition:
    """The conditions of all shards as one. `missing` is how those that do not answer now were seen last: that they are
    away makes no other process of the live store."""
    every = list(shards.values())
    fullest = min(every, key=lambda each: each.memory_free)
    weakest = min(every, key=lambda each: each.replicas - each.replicas_required)
    lags = [each.replica_lag_seconds for each in every if each.replica_lag_seconds is not None]
    worst = {each.name: getattr(fullest, each.name) for each in fields(StoreCondition)}
    worst |= {
        "run_id": f"cluster-{sha256(all_identities({**shards, **(missing or {})}).encode()).hexdigest()[:40]}",
        "role": next((each.role for each in every if each.role != "master"), "master"),
        "writing": all(each.writing for each in every),
        "fsync": min((each.fsync for each in every), key=FSYNC_FROM_THE_WORST.index),
        "eviction": next((each.eviction for each in every if each.eviction != "noeviction"), "noeviction"),
        "torn_log": "yes" if any(each.torn_log == "yes" for each in every) else fullest.torn_log,
        "replicas": weakest.replicas,
        "replica_lag_seconds": max(lags, default=None),
        "replicas_missing": max(each.replicas_missing for each in every),
        "now_ms": min(each.now_ms for each in every),
    }
    return ClusterCondition(**worst, shards=shards, slots=slots)


def all_identities(shards: Mapping[str, StoreCondition]) -> str:
    """The identities of these processes in one text."""
    return IDENTITIES_BETWEEN.join(sorted(each.identity for each in shards.values()))


def tag_of(slots: SlotMap, auction_id: int) -> str:
    """The tag of the shard that has an auction; '' while nobody has it."""
    address = slots.primary(slot_of(redis_keys.state(auction_id)))
    return next((shard.tag for shard in slots.shards if shard.address == address), "")


def place_of(address: tuple[str, int]) -> str:
    """An address as text."""
    host, port = address
    return f"{host}:{port}"
