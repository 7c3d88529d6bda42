"""What each primary of a cluster says of itself, for operators: also while others of them do not answer."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import redis

from cashticket.engine.cluster_condition import place_of
from cashticket.engine.condition import StoreCondition
from cashticket.engine.condition_reading import read_condition
from cashticket.engine.connection import ask
from cashticket.engine.errors import OutcomeUnknown, StoreUnavailable
from cashticket.engine.slots import WELL, Shard, SlotMap


class Trouble(NamedTuple):
    """Why the auctions of a primary take no bids, and what to do."""

    seen: str
    mend: str


@dataclass(frozen=True, slots=True)
class Primary:
    """The primary of some `slots`, such as `0-5460`, which are `slot_count`. `place` is where it is, '' while no node
    has these slots. `condition` is None when it does not answer, and `failure` says why. `is_cut_off`: it answers,
    and says that it does not reach most of the others."""

    place: str
    slots: str
    slot_count: int
    condition: StoreCondition | None = None
    failure: Exception | None = None
    is_cut_off: bool = False

    @property
    def trouble(self) -> Trouble | None:
        """Why nothing can be written there at all, None when it can. What else it refuses stands in its condition."""
        if not self.place:
            return Trouble(f"no node has slots {self.slots}", "give them to a primary (`redis-cli --cluster fix`)")
        name = f"the primary {self.place} of slots {self.slots}"
        if self.condition is None:
            mend = "start it, or look at its log and at the network; with a replica the cluster goes on by itself"
            return Trouble(f"{name} does not answer", mend)
        if self.is_cut_off:
            mend = "mend the network between the nodes, the port of the cluster bus too"
            return Trouble(f"{name} says that the cluster is not well: it does not reach most primaries", mend)
        return None


OfNode = Callable[[Shard, Callable[[redis.Redis], "tuple[StoreCondition, bool]"]], "tuple[StoreCondition, bool]"]
"""Has the primary of a shard read, `ClusterEngine`. Raises StoreUnavailable and OutcomeUnknown."""


def read_primaries(slots: SlotMap, of_node: OfNode) -> Sequence[Primary]:
    """Every primary of these slots, read at the same time, in the order of their slots; then the slots that no node
    has."""

    def primary_of(shard: Shard) -> Primary:
        where = (place_of(shard.address), slots.ranges_of(shard.address), slots.count_of(shard.address))
        try:
            condition, is_well = of_node(shard, _read)
        except (StoreUnavailable, OutcomeUnknown) as error:
            return Primary(*where, failure=error)
        return Primary(*where, condition=condition, is_cut_off=not is_well)

    shards = sorted(slots.shards, key=lambda shard: slots.first_of(shard.address))
    with ThreadPoolExecutor(max(1, len(shards)), "primaries") as pool:
        primaries = list(pool.map(primary_of, shards))
    if unserved := slots.ranges_of(None):
        primaries.append(Primary("", unserved, slots.count_of(None)))
    return primaries


def _read(client: redis.Redis) -> tuple[StoreCondition, bool]:
    """The condition of a node, and whether it says that the cluster is well."""
    return read_condition(client), WELL in str(ask(client, "CLUSTER", "INFO"))
